package hub

import (
	"testing"
	"unsafe"
)

// All fields that a delivery reads must be in one cache line, to cost one fetch from memory.
// With thousands of connections, no field is in the processor's cache.
func TestConn_ADeliveryReadsOneCacheLine(t *testing.T) {
	const cacheLine = 64 // bytes, on x86 and most ARM processors
	var c conn
	if end := unsafe.Offsetof(c.firstCursor) + unsafe.Sizeof(c.firstCursor); end > cacheLine {
		t.Errorf("the fields of a delivery end at byte %d, want %d at most", end, cacheLine)
	}
}
