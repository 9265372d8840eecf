package recording

import (
	"encoding/json"
	"errors"
	"fmt"

	"nagare/stream"
	"nagare/stream/internal/lines"
)

// Decode parses one line of a recording. All ops that come from files are parsed by it, so
// they all pass [Check].
func Decode(line []byte) (stream.Op, error) {
	var op stream.Op
	if err := json.Unmarshal(line, &op); err != nil {
		return stream.Op{}, err
	}
	return op, Check(op)
}

// Check returns an error that says what is wrong with op, or nil. Fields of the JSON that Op
// doesn't have are ignored, because a newer program may have written the file.
func Check(op stream.Op) error {
	switch op.Kind {
	case stream.AuthorGone, stream.AuthorBack, stream.AuthorUpdate, stream.Withheld:
		if op.Kind == stream.Withheld && op.ID != "" {
			break
		}
		if op.Author == nil || op.Author.Key == "" {
			return fmt.Errorf("%s without an author's key", op.Kind)
		}
	case stream.Gap, stream.Lost:
		if op.Notice == nil {
			return fmt.Errorf("%s without a notice", op.Kind)
		}
	default:
		return checkPost(op)
	}
	if op.At.IsZero() {
		return errors.New("no time")
	}
	return nil
}

func checkPost(op stream.Op) error {
	switch {
	case op.ID == "":
		return errors.New("no id")
	case op.At.IsZero():
		return errors.New("no time")
	case op.Kind == stream.Create || op.Kind == stream.Update:
		return checkContent(op)
	case op.Kind != stream.Destroy:
		return fmt.Errorf("unknown op %q", op.Kind)
	}
	return nil
}

// checkContent checks the post of a create or update. Only in a repost can op have another id
// than its post.
func checkContent(op stream.Op) error {
	switch t := op.Post; {
	case t == nil:
		return fmt.Errorf("%s without a tweet", op.Kind)
	case t.ID != op.ID && (op.Kind != stream.Create || t.ID == "" || t.RepostedBy == nil):
		return fmt.Errorf("id %q of a tweet %q", op.ID, t.ID)
	case t.CreatedAt.IsZero():
		return errors.New("tweet without created_at")
	}
	return nil
}

// Encode returns op as a line of a recording, for [Decode].
func Encode(op stream.Op) ([]byte, error) {
	if err := Check(op); err != nil {
		return nil, err
	}
	line, err := json.Marshal(op)
	if err == nil && len(line) > lines.MaxLine {
		err = lines.ErrLongLine
	}
	return append(line, '\n'), err
}
