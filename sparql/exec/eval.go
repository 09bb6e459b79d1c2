package exec

import (
	"context"
	"errors"
	"strings"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/expr"
	"mocban/sparql/plan"
)

// A program is a compiled expression. It works on values, row by row; those of the columns
// that it reads are fetched for many rows at once.
type program struct {
	r      *Run
	root   eval
	cols   []int // columns of the batch that it reads
	values [][]expr.Value
	terms  []graph.Term
	ids    []graph.ID
	at     []int32
	rowAt  int32 // row that is evaluated
	first  uint64
	args   []expr.Value // stack of arguments
}

// An eval returns the value of an expression for the row at hand.
type eval func() expr.Value

// compile compiles an expression over columns.
func (r *Run) compile(ctx context.Context, e algebra.Expr, cols []plan.Col) (*program, error) {
	p := &program{r: r}
	root, err := p.expr(ctx, e, cols)
	if err != nil {
		return nil, err
	}
	p.root = root
	p.values = make([][]expr.Value, len(p.cols))
	return p, nil
}

// load fetches the values that the rows sel of a batch need. First is the number of the
// first row of the batch, among all solutions of the query.
func (p *program) load(ctx context.Context, b *Batch, sel []int32, first uint64) error {
	p.first = first
	for n, c := range p.cols {
		for len(p.values[n]) < b.Len {
			p.values[n] = append(p.values[n], expr.Value{})
		}
		if err := p.r.values(ctx, b.Cols[c], sel, p.values[n], p); err != nil {
			return err
		}
	}
	return nil
}

// values sets out[i] to the value of ids[i] for the rows in sel.
func (r *Run) values(ctx context.Context, ids []graph.ID, sel []int32, out []expr.Value, p *program) error {
	p.ids, p.at = p.ids[:0], p.at[:0]
	last, lastAt := graph.None, int32(-1)
	for _, i := range sel {
		id := ids[i]
		if id == last && lastAt >= 0 && id.Inlined() {
			out[i] = out[lastAt]
			continue
		}
		v, ok := expr.FromID(id)
		if ok {
			out[i] = v
			last, lastAt = id, i
			continue
		}
		p.ids, p.at = append(p.ids, id), append(p.at, i)
	}
	if len(p.ids) == 0 {
		return nil
	}
	for len(p.terms) < len(p.ids) {
		p.terms = append(p.terms, graph.Term{})
	}
	if err := r.dict.terms(ctx, p.ids, p.terms[:len(p.ids)]); err != nil {
		return err
	}
	for k, i := range p.at {
		if k > 0 && p.ids[k] == p.ids[k-1] {
			out[i] = out[p.at[k-1]]
			continue
		}
		out[i] = expr.FromTerm(p.terms[k])
	}
	return nil
}

// value evaluates the program for a row that was loaded.
func (p *program) value(row int32) expr.Value {
	p.rowAt = row
	p.r.env.Solution = p.first + uint64(row)
	return p.root()
}

func constant(v expr.Value) eval { return func() expr.Value { return v } }

var errNoExists = errors.New("EXISTS was not planned")

func (p *program) expr(ctx context.Context, e algebra.Expr, cols []plan.Col) (eval, error) {
	switch e := e.(type) {
	case *algebra.TermExpr:
		return constant(expr.FromTerm(e.Term)), nil
	case *algebra.VarExpr:
		return p.variable(e.Var, cols), nil
	case *algebra.Unary:
		return p.unary(ctx, e, cols)
	case *algebra.Binary:
		return p.binary(ctx, e, cols)
	case *algebra.In:
		return p.in(ctx, e, cols)
	case *algebra.Call:
		return p.call(ctx, e, cols)
	case *algebra.TripleExpr:
		return p.call(ctx, &algebra.Call{Name: "TRIPLE", Args: []algebra.Expr{e.S, e.P, e.O}}, cols)
	case *algebra.Exists:
		return nil, errNoExists
	}
	return constant(expr.Fail(expr.UnknownFunction)), nil
}

func (p *program) variable(v algebra.Var, cols []plan.Col) eval {
	for i := range cols {
		if cols[i].Var != v {
			continue
		}
		n := -1
		for k, c := range p.cols {
			if c == i {
				n = k
			}
		}
		if n < 0 {
			n = len(p.cols)
			p.cols = append(p.cols, i)
		}
		return func() expr.Value { return p.values[n][p.rowAt] }
	}
	return constant(expr.Value{})
}

func (p *program) all(ctx context.Context, es []algebra.Expr, cols []plan.Col) ([]eval, error) {
	fs := make([]eval, len(es))
	for i, e := range es {
		f, err := p.expr(ctx, e, cols)
		if err != nil {
			return nil, err
		}
		fs[i] = f
	}
	return fs, nil
}

func (p *program) unary(ctx context.Context, e *algebra.Unary, cols []plan.Col) (eval, error) {
	f, err := p.expr(ctx, e.Arg, cols)
	switch e.Op {
	case "!":
		return func() expr.Value { return p.r.env.EBV(f()).Not().Value() }, err
	case "-":
		return func() expr.Value { return expr.Neg(f()) }, err
	}
	return func() expr.Value { return expr.Plus(f()) }, err
}

func (p *program) binary(ctx context.Context, e *algebra.Binary, cols []plan.Col) (eval, error) {
	fs, err := p.all(ctx, []algebra.Expr{e.Left, e.Right}, cols)
	if err != nil {
		return nil, err
	}
	a, b := fs[0], fs[1]
	if op, ok := plan.Comparison(e.Op); ok {
		return func() expr.Value { return op.Apply(a(), b()).Value() }, nil
	}
	switch e.Op {
	case "&&":
		return func() expr.Value {
			x := p.r.env.EBV(a())
			if x == expr.False {
				return x.Value()
			}
			return x.And(p.r.env.EBV(b())).Value()
		}, nil
	case "||":
		return func() expr.Value {
			x := p.r.env.EBV(a())
			if x == expr.True {
				return x.Value()
			}
			return x.Or(p.r.env.EBV(b())).Value()
		}, nil
	case "+":
		return func() expr.Value { return expr.Add(a(), b()) }, nil
	case "-":
		return func() expr.Value { return expr.Sub(a(), b()) }, nil
	case "*":
		return func() expr.Value { return expr.Mul(a(), b()) }, nil
	case "/":
		return func() expr.Value { return expr.Div(a(), b()) }, nil
	}
	return constant(expr.Fail(expr.UnknownFunction)), nil
}

func (p *program) in(ctx context.Context, e *algebra.In, cols []plan.Col) (eval, error) {
	f, err := p.expr(ctx, e.Arg, cols)
	if err != nil {
		return nil, err
	}
	items, err := p.all(ctx, e.Items, cols)
	if err != nil {
		return nil, err
	}
	item := func(i int) expr.Value { return items[i]() }
	return func() expr.Value {
		t := expr.In(f(), len(items), item)
		if e.Not {
			t = t.Not()
		}
		return t.Value()
	}, nil
}

func (p *program) call(ctx context.Context, e *algebra.Call, cols []plan.Col) (eval, error) {
	args, err := p.all(ctx, e.Args, cols)
	if err != nil {
		return nil, err
	}
	var f *expr.Function
	var ok bool
	switch name := strings.ToUpper(e.Name); {
	case e.IRI != "":
		f, ok = expr.Named(e.IRI)
	case name == "BOUND" && len(args) == 1:
		return func() expr.Value { return expr.Bool(args[0]().Bound()) }, nil
	case name == "IF" && len(args) == 3:
		return func() expr.Value { return expr.If(p.r.env.EBV(args[0]()), args[1], args[2]) }, nil
	case name == "COALESCE":
		return func() expr.Value { return expr.Coalesce(len(args), func(i int) expr.Value { return args[i]() }) }, nil
	default:
		f, ok = expr.Builtin(name)
	}
	switch {
	case !ok:
		return constant(expr.Fail(expr.UnknownFunction)), nil
	case !f.Takes(len(args)):
		return constant(expr.Fail(expr.WrongArity)), nil
	}
	call := func() expr.Value {
		base := len(p.args)
		for _, a := range args {
			v := a()
			p.args = append(p.args, v)
		}
		v := f.Call(&p.r.env, p.args[base:]...)
		p.args = p.args[:base]
		return v
	}
	if !f.Volatile && !f.Now && constants(e.Args) {
		return constant(call()), nil
	}
	return call, nil
}

// constants tells whether all expressions are terms.
func constants(es []algebra.Expr) bool {
	for _, e := range es {
		if _, ok := e.(*algebra.TermExpr); !ok {
			return false
		}
	}
	return true
}

// extendOp binds a variable.
type extendOp struct {
	r      *Run
	n      *plan.Extend
	in     operator
	p      *program
	at     int // of the new column, or -1
	from   []int
	copyOf int // column of the input whose IDs are taken as they are, or -1
	fixed  graph.ID
	isTerm bool
	batch  Batch
	sel    []int32
	values []expr.Value
	ids    []graph.ID
	below  *extendOp // that gives the input, if one does
	first  uint64    // number of the first row of the batch
	pass   *passing  // of the terms, or nil
}

func newExtend(ctx context.Context, r *Run, n *plan.Extend, in operator) (*extendOp, error) {
	cols := n.Input.Base().Cols
	o := &extendOp{r: r, n: n, in: in, at: n.Index(n.Var), from: places(n.Cols, cols), copyOf: -1}
	if p, ok := in.(*profiled); ok {
		in = p.operator
	}
	o.below, _ = in.(*extendOp)
	switch e := n.Expr.(type) {
	case *algebra.VarExpr:
		o.copyOf = n.Input.Base().Index(e.Var)
	case *algebra.TermExpr:
		id, err := r.dict.one(ctx, e.Term)
		o.fixed, o.isTerm = id, true
		return o, err
	}
	if n.Passing {
		o.pass = r.dict.newPassing()
	}
	var err error
	o.p, err = r.compile(ctx, n.Expr, cols)
	return o, err
}

func (o *extendOp) next(ctx context.Context, b *Batch) (bool, error) {
	ok, err := o.in.next(ctx, &o.batch)
	if !ok || err != nil {
		return false, err
	}
	// What binds the same solution numbers it the same, so that BNODE("x") is one node there.
	if o.below != nil {
		o.first = o.below.first
	} else {
		o.first = o.r.solution
		o.r.solution += uint64(o.batch.Len)
	}
	ids := o.ids[:0]
	switch {
	case o.at < 0:
	case o.isTerm:
		for range o.batch.Len {
			ids = append(ids, o.fixed)
		}
		o.ids = ids
	case o.copyOf >= 0:
		ids = o.batch.Cols[o.copyOf]
	default:
		if ids, err = o.compute(ctx); err != nil {
			return false, err
		}
	}
	b.Len, b.Cols = o.batch.Len, b.Cols[:0]
	for c, from := range o.from {
		if c == o.at {
			b.Cols = append(b.Cols, ids)
		} else {
			b.Cols = append(b.Cols, o.batch.Cols[from])
		}
	}
	return true, nil
}

func (o *extendOp) compute(ctx context.Context) ([]graph.ID, error) {
	o.sel = whole(o.sel, o.batch.Len)
	if err := o.p.load(ctx, &o.batch, o.sel, o.first); err != nil {
		return nil, err
	}
	clear(o.values) // or the texts of the last batch would stay
	o.values = o.values[:0]
	var held int64 // texts of the batch, before the dict has them
	defer func() { o.r.account.release(held) }()
	for _, i := range o.sel {
		v := o.p.value(i)
		o.values = append(o.values, v)
		if n := textBytes(v); n > 0 {
			held += n
			if err := o.r.account.grow(n, "making terms"); err != nil {
				return nil, err
			}
		}
		if i&63 == 63 {
			if err := o.r.checkAt(ctx, o.n); err != nil {
				return nil, err
			}
		}
	}
	if err := o.r.checkAt(ctx, o.n); err != nil {
		return nil, err
	}
	for len(o.ids) < len(o.values) {
		o.ids = append(o.ids, graph.None)
	}
	ids := o.ids[:len(o.values)]
	if o.pass != nil {
		return ids, o.r.dict.passValues(o.pass, o.values, ids)
	}
	return ids, o.r.dict.fromValues(ctx, o.values, ids)
}

// textBytes returns how long the text of a value is, if it is one.
func textBytes(v expr.Value) int64 {
	switch v.Kind() {
	case expr.KindString, expr.KindLang, expr.KindIRI, expr.KindOther, expr.KindTriple:
		return int64(len(v.Lexical()))
	}
	return 0
}

// whole returns the selection of all rows.
func whole(sel []int32, n int) []int32 {
	for len(sel) < n {
		sel = append(sel, int32(len(sel)))
	}
	return sel[:n]
}

func (o *extendOp) reset(all bool) { o.in.reset(all) }

func (o *extendOp) close() {
	o.r.dict.forget(o.pass)
	o.in.close()
}
