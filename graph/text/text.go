// Package text finds things by the words of their names. It keeps an inverted index (Bleve's
// scorch) in step with a store by reading the store's changes, so the index is derived: it
// can be thrown away at any time, and is built anew when it does not fit the store, the
// options or the format.
//
// Every thing that has a name is one document. Its terms are in one field, told apart by
// their first letter, as each name gives them (here: Đường Thi, of class C):
//
//	f duong, f thi              the words without marks
//	e đường, e thi              the words as they are
//	t đương, t thi              without tones
//	d đuong                     without marks but for the stroke; words with d or đ only
//	p _duong, p duong_thi, p thi_   neighbours, with nothing before the first and after the last
//	c C                         the classes
//	i 9786041123450             identifiers, without punctuation
//
// A second field holds the whole name without marks, after a byte for the weight of its
// predicate; its values put hits of one score in order. A third keeps the names as written.
//
// What to hold in mind:
//
//   - Both the names and what is looked for go through [vi.Words], so there is one analysis
//     and no query language. A thing is found if one field f holds every word; all other
//     terms only rank.
//   - Documents, and the version of the store that they show, are written together. A
//     search sees one version from beginning to end.
//   - On disk an index is a folder with one folder for each build and the file CURRENT that
//     names the one in use. A build is complete and synced before it is named there.
package text

import (
	"context"
	"fmt"
	"sync"

	index "github.com/blevesearch/bleve_index_api"

	"mocban/graph"
)

// An Index answers searches and follows a store. Any number of goroutines may use it.
type Index struct {
	options Options
	dir     string // "" in memory
	classes []float64
	queue   *index.AnalysisQueue

	writing sync.Mutex // held by the one who catches up
	few     int        // so many changed things are never worth a new build

	mu     sync.Mutex // guards what follows
	view   *view
	builds sync.WaitGroup // those that are open
	closed bool
}

// Open opens the index in a folder, or makes it. An empty name keeps the index in memory.
// What is there but does not fit (another format, other options, damage) is left aside:
// the index then answers for version 0, with nothing, until it has caught up. It is an
// error if another process has the index open.
func Open(dir string, o Options) (*Index, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	x := &Index{
		options: o,
		dir:     dir,
		classes: o.classes(),
		queue:   index.NewAnalysisQueue(o.workers()),
		few:     50_000,
	}
	if dir == "" {
		return x, nil
	}
	if err := x.openCurrent(); err != nil {
		x.queue.Close()
		return nil, fmt.Errorf("open search index %s: %w", dir, err)
	}
	return x, nil
}

// Version tells which version of the store the index answers for.
func (x *Index) Version() graph.Version {
	v, err := x.acquire()
	if err != nil || v == nil {
		return 0
	}
	defer v.release()
	return v.stamp.Version
}

// Things returns how many things can be found.
func (x *Index) Things() (uint64, error) {
	v, err := x.acquire()
	if err != nil || v == nil {
		return 0, err
	}
	defer v.release()
	return v.reader.DocCount()
}

// Close waits until running searches and a running [Index.CatchUp] have ended.
func (x *Index) Close() error {
	x.writing.Lock()
	defer x.writing.Unlock()
	x.mu.Lock()
	v := x.view
	x.view = nil
	wasClosed := x.closed
	x.closed = true
	x.mu.Unlock()
	if wasClosed {
		return nil
	}
	if v != nil {
		v.release()
	}
	x.builds.Wait()
	x.queue.Close()
	return nil
}

// acquire returns the view to search in, which the caller releases. It is nil as long as
// nothing was indexed.
func (x *Index) acquire() (*view, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed {
		return nil, fmt.Errorf("search index: %w", graph.ErrClosed)
	}
	if x.view != nil {
		x.view.refs.Add(1)
	}
	return x.view, nil
}

// show makes the newest state of a build the one that is searched.
func (x *Index) show(b *build) error {
	v, err := b.view()
	if err != nil {
		return err
	}
	x.mu.Lock()
	old := x.view
	if old != nil && old.reader == v.reader {
		old = v // nothing is new
	} else {
		x.view = v
	}
	x.mu.Unlock()
	if old != nil {
		old.release()
	}
	return nil
}

var _ interface {
	graph.Searcher
	CatchUp(context.Context, graph.Store) (graph.Version, error)
} = (*Index)(nil)
