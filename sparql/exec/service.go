package exec

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/plan"
	"mocban/sparql/results"
)

// Services asks other endpoints (SPARQL 1.1 Federated Query). It says which it asks at all, how
// long it waits and how much it takes. Any number of goroutines may use it.
type Services interface {
	Select(ctx context.Context, endpoint graph.IRI, query string) (*results.Result, error)
}

// A ServiceError tells that an endpoint did not answer. SILENT leaves such a pattern out.
type ServiceError struct {
	Endpoint graph.IRI
	Err      error
}

func (e *ServiceError) Error() string { return fmt.Sprintf("SERVICE <%s>: %v", e.Endpoint, e.Err) }
func (e *ServiceError) Unwrap() error { return e.Err }

// serviceOp joins rows with those of endpoints.
type serviceOp struct {
	r    *Run
	n    *plan.Service
	in   operator
	name int   // column of the endpoint, or -1
	left []int // columns of the shared variables in the input
	from []int // columns of the input in the output, -1 for none
	to   []int // columns of Vars in the output

	batch Batch
	todo  []int32 // rows of the batch that were not asked for yet, by endpoint
	rows  []int32 // those that were asked for, and are being joined
	row   int     // of rows
	at    int32   // candidate of that row
	found answers
	whole map[graph.ID]answers // what endpoints gave without being given rows
	out   columns
	asked int // requests
}

// answers are rows of an endpoint.
type answers struct {
	pass   bool // rows go through as they are: the endpoint failed, silently
	cols   columns
	len    int
	key    int // shared variable by which rows are found, -1 for none
	lookup map[graph.ID][]int32
}

func newService(r *Run, n *plan.Service, in operator) *serviceOp {
	o := &serviceOp{r: r, n: n, in: in, name: -1}
	var cols []plan.Col
	if n.Input != nil {
		cols = n.Input.Base().Cols
	} else {
		o.in = &unitOp{}
	}
	at := func(v algebra.Var) int {
		for i, c := range cols {
			if c.Var == v {
				return i
			}
		}
		return -1
	}
	if n.Name.IsVar() {
		o.name = at(n.Name.Var)
	}
	for _, v := range n.Shared {
		o.left = append(o.left, at(v))
	}
	o.from = places(n.Cols, cols)
	for _, v := range n.Vars {
		o.to = append(o.to, n.Index(v))
	}
	return o
}

// more asks for the next rows of the input, and returns false at its end.
func (o *serviceOp) more(ctx context.Context) (bool, error) {
	for len(o.todo) == 0 {
		ok, err := o.in.next(ctx, &o.batch)
		if !ok || err != nil {
			return false, err
		}
		for i := range o.batch.Len {
			o.todo = append(o.todo, int32(i))
		}
	}
	return true, o.ask(ctx)
}

func (o *serviceOp) next(ctx context.Context, b *Batch) (bool, error) {
	o.out.clear(len(o.n.Cols))
	rows := 0
	for rows == 0 {
		if err := o.r.checkAt(ctx, o.n); err != nil {
			return false, err
		}
		if o.row >= len(o.rows) {
			ok, err := o.more(ctx)
			if !ok || err != nil {
				return false, err
			}
		}
		rows = o.join()
	}
	b.Len, b.Cols = rows, append(b.Cols[:0], o.out...)
	return true, nil
}

// ask asks one endpoint for the next rows: as many as have so many different values of the
// shared variables. Rows of one request have values for the same variables, since an answer
// that fits two of the rows that are sent comes twice.
func (o *serviceOp) ask(ctx context.Context) error {
	endpoint, err := o.endpoint(ctx, o.todo[0])
	if err != nil {
		return err
	}
	var rest []int32
	var sent []tuple
	seen := map[tuple]bool{}
	o.rows, o.row, o.at = o.rows[:0], 0, 0
	for _, i := range o.todo {
		if o.name >= 0 && o.batch.Cols[o.name][i] != o.batch.Cols[o.name][o.todo[0]] {
			rest = append(rest, i)
			continue
		}
		t, err := o.tuple(ctx, i)
		switch {
		case err != nil:
			return err
		case t.hopeless && !o.n.Silent: // else it matters whether the endpoint answers
			continue
		case seen[t]:
		case len(sent) > 0 && (len(sent) == plan.SentRows || t.given != sent[0].given || t.hopeless != sent[0].hopeless):
			rest = append(rest, i)
			continue
		default:
			seen[t] = true
			sent = append(sent, t)
		}
		o.rows = append(o.rows, i)
	}
	id := graph.None
	if o.name >= 0 {
		id = o.batch.Cols[o.name][o.todo[0]]
	}
	o.todo = rest
	if len(sent) == 0 {
		return nil
	}
	all := sent[0].given == 0 && !sent[0].hopeless
	if known, ok := o.whole[id]; ok && all {
		o.found = known
		return nil
	}
	if o.found, err = o.fetch(ctx, endpoint, sent); err == nil && all {
		if o.whole == nil {
			o.whole = map[graph.ID]answers{}
		}
		o.whole[id] = o.found
	}
	return err
}

// A tuple is what is sent of a row.
type tuple struct {
	given    uint64 // bits of the shared variables that it has values for
	text     string // these, as VALUES writes them
	hopeless bool   // nothing that an endpoint says can fit the row
}

// tuple returns what is sent of a row: IRIs and literals. A blank node means nothing elsewhere,
// and cannot be what a variable is there.
func (o *serviceOp) tuple(ctx context.Context, row int32) (t tuple, err error) {
	ids, terms := make([]graph.ID, len(o.left)), make([]graph.Term, len(o.left))
	for k, c := range o.left {
		ids[k] = o.batch.Cols[c][row]
	}
	if err := o.r.dict.terms(ctx, ids, terms); err != nil {
		return t, err
	}
	var b strings.Builder
	for k, term := range terms {
		switch {
		case term.IsBlank():
			t.hopeless = t.hopeless || o.n.Bound[k]
		case k < 64 && (term.IsIRI() || term.IsLiteral() && term.Dir() == 0):
			t.given |= 1 << k
			b.WriteString(term.String())
			b.WriteByte(' ')
		}
	}
	if t.text = b.String(); t.hopeless {
		t = tuple{hopeless: true}
	}
	return t, nil
}

// endpoint returns the endpoint of a row, "" if there is none and the pattern is silent.
func (o *serviceOp) endpoint(ctx context.Context, row int32) (graph.IRI, error) {
	t := o.n.Name.Term
	if o.n.Name.IsVar() {
		t = graph.Term{}
		if o.name >= 0 {
			var err error
			if t, err = o.r.term(ctx, o.batch.Cols[o.name][row]); err != nil {
				return "", err
			}
		}
	}
	iri, ok := t.IRI()
	if !ok && !o.n.Silent {
		return "", &ServiceError{graph.IRI("?" + string(o.n.Name.Var)), fmt.Errorf("the variable is no IRI here, but %v", t)}
	}
	return iri, nil
}

// term returns the term of an ID.
func (r *Run) term(ctx context.Context, id graph.ID) (graph.Term, error) {
	ids, terms := [1]graph.ID{id}, [1]graph.Term{}
	err := r.dict.terms(ctx, ids[:], terms[:])
	return terms[0], err
}

// fetch asks an endpoint.
func (o *serviceOp) fetch(ctx context.Context, endpoint graph.IRI, sent []tuple) (answers, error) {
	if endpoint == "" {
		return answers{pass: true}, nil
	}
	var res *results.Result
	var err error
	if o.r.services == nil {
		err = ErrFederation
	} else {
		o.asked++
		res, err = o.r.services.Select(ctx, endpoint, o.query(sent))
	}
	if err == nil && res.Ask {
		err = errors.New("the answer is no table")
	}
	if err != nil {
		if stop := o.r.checkAt(ctx, o.n); stop != nil {
			return answers{}, stop
		}
		if o.n.Silent { // SPARQL 1.1 Federated Query, 2.3
			return answers{pass: true}, nil
		}
		return answers{}, &ServiceError{endpoint, err}
	}
	return o.take(ctx, res)
}

// query writes what an endpoint is asked.
func (o *serviceOp) query(sent []tuple) string {
	var b strings.Builder
	b.WriteString("SELECT")
	for _, v := range o.n.Vars {
		b.WriteString(" ?" + string(v))
	}
	if len(o.n.Vars) == 0 {
		b.WriteString(" (1 AS ?one)")
	}
	b.WriteString(" WHERE { ")
	if sent[0].given != 0 {
		b.WriteString("VALUES (")
		for k, v := range o.n.Shared {
			if k < 64 && sent[0].given>>k&1 == 1 {
				b.WriteString(" ?" + string(v))
			}
		}
		b.WriteString(" ) { ")
		for _, t := range sent {
			b.WriteString("( " + t.text + ") ")
		}
		b.WriteString("} ")
	}
	b.WriteString(o.n.Text + " }")
	if sent[0].hopeless {
		b.WriteString(" LIMIT 0")
	}
	return b.String()
}

// take keeps what an endpoint gave. Its blank nodes are not those of the store, nor of another
// answer.
func (o *serviceOp) take(ctx context.Context, res *results.Result) (a answers, err error) {
	prefix := o.r.env.Blanks.Start() + "r" + strconv.Itoa(o.n.ID) + "x" + strconv.Itoa(o.asked) + "x"
	a.len, a.key = len(res.Rows), -1
	a.cols = make(columns, len(o.n.Vars))
	if err := o.r.account.grow(int64(len(res.Rows)*len(o.n.Vars))*8, o.n.Label()); err != nil {
		return a, err
	}
	terms := make([]graph.Term, len(res.Rows))
	for c, v := range o.n.Vars {
		at := -1
		for i, name := range res.Vars {
			if name == string(v) {
				at = i
			}
		}
		for i, row := range res.Rows {
			terms[i] = graph.Term{}
			if at >= 0 {
				terms[i] = renamed(row[at], prefix)
			}
		}
		a.cols[c] = make([]graph.ID, len(terms))
		if err := o.r.dict.intern(ctx, terms, a.cols[c]); err != nil {
			return a, err
		}
	}
	a.index(o.n)
	return a, nil
}

// renamed gives the blank nodes of a term other labels.
func renamed(t graph.Term, prefix string) graph.Term {
	if t.IsBlank() {
		return graph.Blank(prefix + t.Value())
	}
	if inner, ok := t.Triple(); ok {
		return graph.TripleTerm(graph.Triple{S: renamed(inner.S, prefix), P: inner.P, O: renamed(inner.O, prefix)})
	}
	return t
}

// index makes a table of a shared variable that all rows bind, if there is one.
func (a *answers) index(n *plan.Service) {
	for k, v := range n.Shared {
		col := a.cols[indexVar(n.Vars, v)]
		a.lookup = make(map[graph.ID][]int32, len(col))
		for i, id := range col {
			if id == graph.None {
				a.lookup = nil
				break
			}
			a.lookup[id] = append(a.lookup[id], int32(i))
		}
		if a.lookup != nil {
			a.key = k
			return
		}
	}
}

func indexVar(vars []algebra.Var, v algebra.Var) int {
	for i := range vars {
		if vars[i] == v {
			return i
		}
	}
	return -1
}

// join adds rows to the output until a batch is full or all rows at hand are joined, and
// returns how many.
func (o *serviceOp) join() (n int) {
	for o.row < len(o.rows) {
		row := o.rows[o.row]
		if o.found.pass {
			o.emit(row, -1)
			n++
			o.row++
			continue
		}
		list, total := o.candidates(row)
		for ; int(o.at) < total; o.at++ {
			if n >= o.r.batch {
				return n
			}
			k := o.at
			if list != nil {
				k = list[o.at]
			}
			if o.compatible(row, k) {
				o.emit(row, k)
				n++
			}
		}
		o.row, o.at = o.row+1, 0
	}
	return n
}

// candidates returns the answers that a row may be compatible with; nil means the first total.
func (o *serviceOp) candidates(row int32) (list []int32, total int) {
	if k := o.found.key; k >= 0 {
		if id := o.batch.Cols[o.left[k]][row]; id != graph.None {
			list = o.found.lookup[id]
			return list, len(list)
		}
	}
	return nil, o.found.len
}

func (o *serviceOp) compatible(row, k int32) bool {
	for i, v := range o.n.Shared {
		a, b := o.batch.Cols[o.left[i]][row], o.found.cols[indexVar(o.n.Vars, v)][k]
		if a != graph.None && b != graph.None && a != b {
			return false
		}
	}
	return true
}

// emit adds a row joined with an answer, or alone.
func (o *serviceOp) emit(row, k int32) {
	for c, from := range o.from {
		id := graph.None
		if from >= 0 {
			id = o.batch.Cols[from][row]
		}
		o.out[c] = append(o.out[c], id)
	}
	if k < 0 {
		return
	}
	for v, c := range o.to {
		if id := o.found.cols[v][k]; c >= 0 && id != graph.None {
			o.out[c][len(o.out[c])-1] = id
		}
	}
}

func (o *serviceOp) reset(all bool) {
	o.todo, o.rows, o.row, o.at = nil, nil, 0, 0
	o.in.reset(all)
}

func (o *serviceOp) close() {
	o.whole = nil
	o.in.close()
}
