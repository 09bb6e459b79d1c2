package store

import (
	"context"
	"errors"
	"testing"

	"mocban/graph"
	"mocban/graph/block"
	"mocban/graph/kv"
)

// changedLibrary is a library with a delta all over its blocks, and nothing in its cache but the
// first half of the blocks of an order, up to a key.
func changedLibrary(t *testing.T, x index) (l *library, end block.Key) {
	t.Helper()
	l = openLibrary(t, Options{Volatile: true, foldAt: 1 << 30})
	if err := l.fill(10_000); err != nil {
		t.Fatal(err)
	}
	l.blocks = kv.NewCache[*block.Block](1 << 28)
	extents := allExtents(l.current.base.dirs[x])
	if len(extents) < 80 {
		t.Fatalf("there are only %d blocks", len(extents))
	}
	for _, e := range extents[:len(extents)/2] {
		if _, err := l.block(x, &e, true); err != nil {
			t.Fatal(err)
		}
		end = e.last
	}
	return l, end
}

func allExtents(d *directory) (all []extent) {
	for _, p := range d.pages {
		all = append(all, p.extents...)
	}
	return all
}

// What is asked for is at hand after a fold too: blocks that take the place of those in the
// cache are there, as they are kept, and no others.
func TestFoldKeepsCache(t *testing.T) {
	x := indexOf(graph.SPO)
	l, end := changedLibrary(t, x)
	if err := l.Fold(context.Background()); err != nil {
		t.Fatal(err)
	}
	beside := 0 // near the end of those that were there
	for _, e := range allExtents(l.current.base.dirs[x]) {
		b, ok := l.blocks.Peek(e.slot)
		if ok != (e.last.Compare(&end) <= 0) {
			beside++
		}
		if !ok {
			continue
		}
		kept, err := l.readBlock(x, e.id)
		if err != nil {
			t.Fatal(err)
		}
		if b.Len() != kept.Len() {
			t.Fatalf("block %d has %d rows in the cache and %d where it is kept", e.id, b.Len(), kept.Len())
		}
		for i := range b.Len() {
			if b.Key(i) != kept.Key(i) {
				t.Fatalf("row %d of block %d is %v in the cache and %v where it is kept", i, e.id, b.Key(i), kept.Key(i))
			}
		}
	}
	if beside > 3 {
		t.Errorf("%d blocks are in the cache and should not be, or the other way round", beside)
	}
}

// Of a fold that is cut short nothing stays in the cache.
func TestFoldCutShortLeavesNoBlocks(t *testing.T) {
	x := indexOf(graph.SPO)
	l, _ := changedLibrary(t, x)
	before := l.blocks.Bytes()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	blocks, between := 0, int64(0)
	err := l.foldOrder(ctx, x, false, func(context.Context) {
		if blocks++; blocks == 30 {
			between = l.blocks.Bytes()
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	if between <= before {
		t.Errorf("the cache takes %d bytes in the midst of it, %d before", between, before)
	}
	if after := l.blocks.Bytes(); after != before {
		t.Errorf("the cache takes %d bytes after it, %d before", after, before)
	}
}
