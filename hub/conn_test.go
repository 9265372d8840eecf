package hub

import (
	"testing"
	"unsafe"
)

// What a delivery reads of a connection is one fetch from memory: with thousands of
// connections, none of it is in the processor's cache.
func TestConn_ADeliveryReadsOneCacheLine(t *testing.T) {
	const cacheLine = 64 // bytes, of x86 and most of ARM
	var c conn
	if end := unsafe.Offsetof(c.firstCursor) + unsafe.Sizeof(c.firstCursor); end > cacheLine {
		t.Errorf("the fields of a delivery end at byte %d, want %d at most", end, cacheLine)
	}
}
