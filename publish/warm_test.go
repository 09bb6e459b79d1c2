package publish

import (
	"net/http"
	"testing"

	"mocban/graph"
	"mocban/graph/memstore"
	"mocban/vocab/bf"
	"mocban/vocab/rdf"
)

// What Warm prepares is there when the first request comes.
func TestWarm(t *testing.T) {
	work := graph.IRI("https://data.example/id/work/1").Term()
	store := memstore.New(graph.Quad{S: work, P: rdf.Type, O: bf.Work.Term()})
	h, err := New(Config{Base: "https://data.example/", Store: store})
	if err != nil {
		t.Fatal(err)
	}
	if err := Warm(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	snap, err := store.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	s := h.(*handler).site
	if s.history.version != snap.Version() {
		t.Errorf("changes are known up to version %d of %d", s.history.version, snap.Version())
	}
	if s.browse.counted == nil || s.browse.countVersion != snap.Version() {
		t.Error("what is on the first page is not counted")
	}
	if err := Warm(t.Context(), http.NotFoundHandler()); err != nil {
		t.Errorf("another handler: %v", err)
	}
}
