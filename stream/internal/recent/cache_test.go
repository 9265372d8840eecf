package recent

import (
	"slices"
	"testing"
)

func TestCache_KeepsTheMostRecentlyUsedValues(t *testing.T) {
	c := NewCache(3, func(key string) string { return "value of " + key })
	for _, key := range []string{"a", "b", "c", "a", "d"} {
		if got := c.Get(key); got != "value of "+key {
			t.Errorf("got %q for %s", got, key)
		}
	}
	var got []string
	for _, key := range []string{"a", "b", "c", "d"} {
		if _, ok := c.Peek(key); ok {
			got = append(got, key)
		}
	}
	if want := []string{"a", "c", "d"}; !slices.Equal(got, want) || c.Len() != 3 {
		t.Errorf("got %v of %d, want %v: b was not used for longest", got, c.Len(), want)
	}
	c.Known("c")
	c.Peek("a")
	if _, ok := c.Known("b"); ok {
		t.Error("a value that was only asked for was made")
	}
	if got, want := slices.Collect(c.All()), []string{"value of c", "value of d", "value of a"}; !slices.Equal(got, want) {
		t.Errorf("in the order %v, want %v", got, want)
	}
}
