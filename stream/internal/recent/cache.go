package recent

import (
	"container/list"
	"iter"
)

// Cache holds values by key, up to a limit. It drops the least recently used ones first.
type Cache[K comparable, V any] struct {
	limit int
	make  func(K) V
	byKey map[K]*list.Element
	order *list.List // of *entry[K, V], the most recently used in front
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

// NewCache makes an empty cache of at most limit values. The cache calls make to create a
// missing value.
func NewCache[K comparable, V any](limit int, make func(K) V) *Cache[K, V] {
	return &Cache[K, V]{limit: limit, make: make, byKey: map[K]*list.Element{}, order: list.New()}
}

// Get returns the value of a key, and marks it as used. If the value is missing, it is
// created; if the cache is full, the least recently used value is dropped.
func (c *Cache[K, V]) Get(key K) V {
	if e, ok := c.byKey[key]; ok {
		c.order.MoveToFront(e)
		return e.Value.(*entry[K, V]).value
	}
	if c.order.Len() >= c.limit {
		oldest := c.order.Remove(c.order.Back()).(*entry[K, V])
		delete(c.byKey, oldest.key)
	}
	e := &entry[K, V]{key, c.make(key)}
	c.byKey[key] = c.order.PushFront(e)
	return e.value
}

// Known returns the value of a key and marks it as used. Unlike Get, it creates no missing
// value, and returns false.
func (c *Cache[K, V]) Known(key K) (V, bool) {
	if c.byKey[key] == nil {
		var none V
		return none, false
	}
	return c.Get(key), true
}

// Peek is like Known, but doesn't mark the value as used.
func (c *Cache[K, V]) Peek(key K) (value V, ok bool) {
	if e := c.byKey[key]; e != nil {
		return e.Value.(*entry[K, V]).value, true
	}
	return value, false
}

// Len returns the number of values.
func (c *Cache[K, V]) Len() int { return c.order.Len() }

// All yields the values, the most recently used first.
func (c *Cache[K, V]) All() iter.Seq[V] {
	return func(yield func(V) bool) {
		for e := c.order.Front(); e != nil; e = e.Next() {
			if !yield(e.Value.(*entry[K, V]).value) {
				return
			}
		}
	}
}
