package moderation

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// stuckDesk is a desk whose store doesn't answer until the action ends.
type stuckDesk struct{ desk }

func (d *stuckDesk) Save(ctx context.Context, _ Settings) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestModerator_AnActionWaitsTenSecondsForTheOneBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(new(stuckDesk), Settings{Mode: After})
		ctx, cancel := context.WithCancel(t.Context())
		stuck := make(chan error)
		go func() {
			_, err := m.Act(ctx, Action{Do: Freeze, By: "Mio"})
			stuck <- err
		}()
		synctest.Wait()
		begun := time.Now()
		if _, err := m.Act(t.Context(), Action{Do: Hide, ID: "A", By: "Ann"}); err == nil || time.Since(begun) != 10*time.Second {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		cancel()
		if err := <-stuck; err == nil {
			t.Error("the stuck action succeeds")
		}
		if _, err := m.Act(t.Context(), Action{Do: Hide, ID: "A", By: "Ann"}); err != nil {
			t.Errorf("the next action: %v", err)
		}
	})
}
