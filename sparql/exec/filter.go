package exec

import (
	"context"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/expr"
	"mocban/sparql/plan"
)

// filterOp keeps the rows for which all conditions hold.
type filterOp struct {
	r          *Run
	n          *plan.Filter
	in         operator
	conditions []condition
	from       []int
	batch      Batch
	sel        []int32
	truths     []expr.Truth
	out        columns
}

func newFilter(ctx context.Context, r *Run, n *plan.Filter, in operator) (*filterOp, error) {
	o := &filterOp{r: r, n: n, in: in, from: places(n.Cols, n.Input.Base().Cols)}
	for _, e := range n.Conditions {
		c, err := r.condition(ctx, e, n.Input.Base().Cols)
		if err != nil {
			return nil, err
		}
		o.conditions = append(o.conditions, c)
	}
	return o, nil
}

func (o *filterOp) next(ctx context.Context, b *Batch) (bool, error) {
	for {
		ok, err := o.in.next(ctx, &o.batch)
		if !ok || err != nil {
			return false, err
		}
		if err := o.choose(ctx); err != nil {
			return false, err
		}
		o.r.solution += uint64(o.batch.Len)
		switch len(o.sel) {
		case 0:
			continue
		case o.batch.Len:
			b.Len, b.Cols = o.batch.Len, b.Cols[:0]
			for _, from := range o.from {
				b.Cols = append(b.Cols, o.batch.Cols[from])
			}
			return true, nil
		}
		o.out.clear(len(o.from))
		for c, from := range o.from {
			col, out := o.batch.Cols[from], o.out[c]
			for _, i := range o.sel {
				out = append(out, col[i])
			}
			o.out[c] = out
		}
		b.Len, b.Cols = len(o.sel), append(b.Cols[:0], o.out...)
		return true, nil
	}
}

// choose leaves in sel the rows that stay.
func (o *filterOp) choose(ctx context.Context) error {
	o.sel = whole(o.sel[:cap(o.sel)], o.batch.Len)
	for i := range o.sel {
		o.sel[i] = int32(i)
	}
	for len(o.truths) < o.batch.Len {
		o.truths = append(o.truths, expr.False)
	}
	for _, c := range o.conditions {
		if len(o.sel) == 0 {
			return nil
		}
		if err := o.r.checkAt(ctx, o.n); err != nil {
			return err
		}
		out := o.truths[:len(o.sel)]
		if err := c.test(ctx, &o.batch, o.sel, out); err != nil {
			return err
		}
		kept := o.sel[:0]
		for k, i := range o.sel {
			if out[k] == expr.True {
				kept = append(kept, i)
			}
		}
		o.sel = kept
	}
	return o.r.checkAt(ctx, o.n)
}

func (o *filterOp) reset(all bool) { o.in.reset(all) }
func (o *filterOp) close()         { o.in.close() }

// A condition is a filter over a batch: out[k] is what it says of row sel[k]. Those that can
// look at IDs, and fetch terms only for the rows that IDs leave open.
type condition interface {
	test(ctx context.Context, b *Batch, sel []int32, out []expr.Truth) error
}

// condition compiles a filter.
func (r *Run) condition(ctx context.Context, e algebra.Expr, cols []plan.Col) (condition, error) {
	switch e := e.(type) {
	case *algebra.Unary:
		if e.Op == "!" {
			c, err := r.condition(ctx, e.Arg, cols)
			return &notCond{c}, err
		}
	case *algebra.Binary:
		switch e.Op {
		case "&&", "||":
			a, err := r.condition(ctx, e.Left, cols)
			if err != nil {
				return nil, err
			}
			b, err := r.condition(ctx, e.Right, cols)
			return &bothCond{and: e.Op == "&&", a: a, b: b}, err
		}
		if c, err := r.comparison(ctx, e, cols); c != nil || err != nil {
			return c, err
		}
	case *algebra.In:
		if c, err := r.inConstants(ctx, e, cols); c != nil || err != nil {
			return c, err
		}
	case *algebra.Call:
		if c := r.callCondition(e, cols); c != nil {
			return c, nil
		}
	}
	p, err := r.compile(ctx, e, cols)
	return &valueCond{p: p}, err
}

// valueCond evaluates on values.
type valueCond struct{ p *program }

func (c *valueCond) test(ctx context.Context, b *Batch, sel []int32, out []expr.Truth) error {
	if err := c.p.load(ctx, b, sel, c.p.r.solution); err != nil {
		return err
	}
	for k, i := range sel {
		out[k] = c.p.r.env.EBV(c.p.value(i))
		if k&63 == 63 {
			if err := c.p.r.check(ctx, "FILTER"); err != nil {
				return err
			}
		}
	}
	return nil
}

type notCond struct{ c condition }

func (c *notCond) test(ctx context.Context, b *Batch, sel []int32, out []expr.Truth) error {
	err := c.c.test(ctx, b, sel, out)
	for k := range sel {
		out[k] = out[k].Not()
	}
	return err
}

// bothCond is && or ||. Rows that the first side decides are not asked the second.
type bothCond struct {
	and  bool
	a, b condition
	sel  []int32
	at   []int32
	out  []expr.Truth
}

func (c *bothCond) test(ctx context.Context, b *Batch, sel []int32, out []expr.Truth) error {
	if err := c.a.test(ctx, b, sel, out); err != nil {
		return err
	}
	c.sel, c.at = c.sel[:0], c.at[:0]
	for k, i := range sel {
		if c.and && out[k] != expr.False || !c.and && out[k] != expr.True {
			c.sel, c.at = append(c.sel, i), append(c.at, int32(k))
		}
	}
	if len(c.sel) == 0 {
		return nil
	}
	for len(c.out) < len(c.sel) {
		c.out = append(c.out, expr.False)
	}
	if err := c.b.test(ctx, b, c.sel, c.out[:len(c.sel)]); err != nil {
		return err
	}
	for n, k := range c.at {
		if c.and {
			out[k] = out[k].And(c.out[n])
		} else {
			out[k] = out[k].Or(c.out[n])
		}
	}
	return nil
}

// operand is an argument of a comparison that can be judged by its ID: a column, or STR of
// one. It is -1 for others.
func operand(e algebra.Expr, cols []plan.Col) (col int, ofStr bool) {
	if c, ok := e.(*algebra.Call); ok && c.Name == "STR" && len(c.Args) == 1 {
		col, inner := operand(c.Args[0], cols)
		if inner {
			col = -1
		}
		return col, true
	}
	if v, ok := e.(*algebra.VarExpr); ok {
		for i := range cols {
			if cols[i].Var == v.Var {
				return i, false
			}
		}
	}
	return -1, false
}

// comparison compiles a comparison of columns, or of a column with a term; nil for others.
func (r *Run) comparison(ctx context.Context, e *algebra.Binary, cols []plan.Col) (condition, error) {
	op, ok := plan.Comparison(e.Op)
	if !ok {
		return nil, nil
	}
	left, right := e.Left, e.Right
	if _, constant := left.(*algebra.TermExpr); constant {
		left, right, op = right, left, op.Mirror()
	}
	if col := langOperand(left, cols); col >= 0 && op <= expr.OpNotEqual {
		if tag, ok := plainText(right); ok {
			return r.langEquals(col, tag, op), nil
		}
	}
	a, strA := operand(left, cols)
	if a < 0 {
		return nil, nil
	}
	if t, ok := right.(*algebra.TermExpr); ok && !strA {
		var id [1]graph.ID
		if err := r.snap.IDs(ctx, []graph.Term{t.Term}, id[:]); err != nil {
			return nil, err
		}
		c := expr.NewConstant(expr.FromTerm(t.Term), id[0])
		return &constantCond{r: r, op: op, col: a, constant: c}, nil
	}
	b, strB := operand(right, cols)
	if b < 0 || strA != strB {
		return nil, nil
	}
	p, err := r.compile(ctx, e, cols)
	return &columnsCond{r: r, op: op, a: a, b: b, ofStr: strA, rest: valueCond{p}}, err
}

// gathered returns the IDs of the selected rows of a column.
func gathered(ids []graph.ID, col []graph.ID, sel []int32) []graph.ID {
	ids = ids[:0]
	for _, i := range sel {
		ids = append(ids, col[i])
	}
	return ids
}

// A fetcher gets the terms of the rows that IDs leave open.
type fetcher struct {
	ids   []graph.ID
	at    []int32
	terms []graph.Term
}

// open fetches the terms for which out is Open, and returns where they belong.
func (f *fetcher) open(ctx context.Context, r *Run, ids []graph.ID, out []expr.Truth) ([]graph.Term, []int32, error) {
	f.ids, f.at = f.ids[:0], f.at[:0]
	for k, t := range out {
		if t == expr.Open {
			f.ids, f.at = append(f.ids, ids[k]), append(f.at, int32(k))
		}
	}
	if len(f.ids) == 0 {
		return nil, nil, nil
	}
	for len(f.terms) < len(f.ids) {
		f.terms = append(f.terms, graph.Term{})
	}
	terms := f.terms[:len(f.ids)]
	return terms, f.at, r.dict.terms(ctx, f.ids, terms)
}

// constantCond compares a column with a term.
type constantCond struct {
	r        *Run
	op       expr.Operator
	col      int
	constant expr.Constant
	ids      []graph.ID
	fetcher
}

func (c *constantCond) test(ctx context.Context, b *Batch, sel []int32, out []expr.Truth) error {
	c.ids = gathered(c.ids, b.Cols[c.col], sel)
	c.op.CompareConstant(c.ids, c.constant, out)
	terms, at, err := c.open(ctx, c.r, c.ids, out)
	for n, k := range at {
		out[k] = c.op.Apply(expr.FromTerm(terms[n]), c.constant.Value)
	}
	return err
}

// columnsCond compares two columns, or STR of them.
type columnsCond struct {
	r     *Run
	op    expr.Operator
	a, b  int
	ofStr bool
	x, y  []graph.ID
	rest  valueCond
	sel   []int32
	at    []int32
	out   []expr.Truth
}

func (c *columnsCond) test(ctx context.Context, b *Batch, sel []int32, out []expr.Truth) error {
	c.x, c.y = gathered(c.x, b.Cols[c.a], sel), gathered(c.y, b.Cols[c.b], sel)
	if c.ofStr {
		c.op.CompareIRIs(c.x, c.y, out)
	} else {
		c.op.CompareColumns(c.x, c.y, out)
	}
	c.sel, c.at = c.sel[:0], c.at[:0]
	for k, i := range sel {
		if out[k] == expr.Open {
			c.sel, c.at = append(c.sel, i), append(c.at, int32(k))
		}
	}
	if len(c.sel) == 0 {
		return nil
	}
	for len(c.out) < len(c.sel) {
		c.out = append(c.out, expr.False)
	}
	err := c.rest.test(ctx, b, c.sel, c.out[:len(c.sel)])
	for n, k := range c.at {
		out[k] = c.out[n]
	}
	return err
}

// inConstants compiles IN over terms; nil for others.
func (r *Run) inConstants(ctx context.Context, e *algebra.In, cols []plan.Col) (condition, error) {
	col, ofStr := operand(e.Arg, cols)
	if col < 0 || ofStr || !constants(e.Items) || len(e.Items) == 0 {
		return nil, nil
	}
	var c condition
	for _, item := range e.Items {
		one, err := r.comparison(ctx, &algebra.Binary{Op: "=", Left: e.Arg, Right: item}, cols)
		if err != nil {
			return nil, err
		}
		if c == nil {
			c = one
		} else {
			c = &bothCond{a: c, b: one}
		}
	}
	if e.Not {
		c = &notCond{c}
	}
	return c, nil
}

// callCondition compiles the functions that have a form over columns; nil for others.
func (r *Run) callCondition(e *algebra.Call, cols []plan.Col) condition {
	if len(e.Args) == 0 {
		return nil
	}
	switch e.Name {
	case "BOUND":
		if col, ofStr := operand(e.Args[0], cols); col >= 0 && !ofStr {
			return &boundCond{col}
		}
	case "ISIRI", "ISURI", "ISBLANK", "ISLITERAL", "ISTRIPLE":
		if col, ofStr := operand(e.Args[0], cols); col >= 0 && !ofStr && len(e.Args) == 1 {
			kinds, _ := expr.KindsOf(e.Name)
			return &kindCond{r: r, col: col, kinds: kinds}
		}
	case "CONTAINS", "STRSTARTS", "STRENDS":
		return r.textCondition(e, cols)
	case "REGEX":
		return r.regexCondition(e, cols)
	case "LANGMATCHES":
		return r.langCondition(e, cols)
	}
	return nil
}

type boundCond struct{ col int }

func (c *boundCond) test(_ context.Context, b *Batch, sel []int32, out []expr.Truth) error {
	col := b.Cols[c.col]
	for k, i := range sel {
		out[k] = expr.TruthOf(col[i] != graph.None)
	}
	return nil
}

// kindCond asks of what kind a term is. Its ID tells, unless the query has made the term.
type kindCond struct {
	r     *Run
	col   int
	kinds expr.Kinds
	ids   []graph.ID
	fetcher
}

func (c *kindCond) test(ctx context.Context, b *Batch, sel []int32, out []expr.Truth) error {
	c.ids = gathered(c.ids, b.Cols[c.col], sel)
	made := false
	for k, id := range c.ids {
		switch id.Class() {
		case graph.ClassSpecial:
			out[k] = expr.Failed(expr.Unbound)
		case graph.ClassLocal:
			out[k], made = expr.Open, true
		default:
			out[k] = expr.TruthOf(c.kinds.Has(id.Kind()))
		}
	}
	if !made {
		return nil
	}
	terms, at, err := c.open(ctx, c.r, c.ids, out)
	for n, k := range at {
		out[k] = expr.TruthOf(c.kinds.Has(terms[n].Kind()))
	}
	return err
}

// termsCond asks terms that are all fetched. A term that comes twice in a row is asked once.
type termsCond struct {
	r   *Run
	col int
	ask func(terms []graph.Term, out []expr.Truth)
	ids []graph.ID
	fetcher
	truths []expr.Truth
}

func (c *termsCond) test(ctx context.Context, b *Batch, sel []int32, out []expr.Truth) error {
	const most = 64 // at a time, so that a costly pattern does not keep others waiting
	for low := 0; low < len(sel); low += most {
		if err := c.r.check(ctx, "FILTER"); err != nil {
			return err
		}
		part := sel[low:min(low+most, len(sel))]
		if err := c.some(ctx, b, part, out[low:low+len(part)]); err != nil {
			return err
		}
	}
	return nil
}

func (c *termsCond) some(ctx context.Context, b *Batch, sel []int32, out []expr.Truth) error {
	c.ids = gathered(c.ids, b.Cols[c.col], sel)
	for k := range out {
		out[k] = expr.Open
		if k > 0 && c.ids[k] == c.ids[k-1] {
			out[k] = expr.False // filled below
		}
	}
	terms, at, err := c.open(ctx, c.r, c.ids, out)
	if err != nil {
		return err
	}
	for len(c.truths) < len(terms) {
		c.truths = append(c.truths, expr.False)
	}
	c.ask(terms, c.truths[:len(terms)])
	for n, k := range at {
		out[k] = c.truths[n]
	}
	for k := range out {
		if k > 0 && c.ids[k] == c.ids[k-1] {
			out[k] = out[k-1]
		}
	}
	return nil
}

// plainText returns the text of a term that is an xsd:string.
func plainText(e algebra.Expr) (string, bool) {
	t, ok := e.(*algebra.TermExpr)
	if !ok {
		return "", false
	}
	v := expr.FromTerm(t.Term)
	return v.Lexical(), v.Kind() == expr.KindString
}

func (r *Run) textCondition(e *algebra.Call, cols []plan.Col) condition {
	if len(e.Args) != 2 {
		return nil
	}
	part, ok := plainText(e.Args[1])
	if !ok {
		return nil
	}
	test := &expr.TextTest{Part: part}
	switch e.Name {
	case "STRSTARTS":
		test.Op = expr.TextStarts
	case "STRENDS":
		test.Op = expr.TextEnds
	}
	arg := e.Args[0]
	if c, ok := arg.(*algebra.Call); ok && c.Name == "LCASE" && len(c.Args) == 1 {
		test.Lower, arg = true, c.Args[0]
	}
	col, ofStr := operand(arg, cols)
	if col < 0 {
		return nil
	}
	test.Str = ofStr
	return &termsCond{r: r, col: col, ask: test.Terms}
}

func (r *Run) regexCondition(e *algebra.Call, cols []plan.Col) condition {
	if len(e.Args) < 2 || len(e.Args) > 3 {
		return nil
	}
	pattern, ok := plainText(e.Args[1])
	flags := ""
	if ok && len(e.Args) == 3 {
		flags, ok = plainText(e.Args[2])
	}
	col, ofStr := operand(e.Args[0], cols)
	if !ok || col < 0 {
		return nil
	}
	return &termsCond{r: r, col: col, ask: func(terms []graph.Term, out []expr.Truth) {
		expr.RegexTerms(&r.env, terms, pattern, flags, ofStr, out)
	}}
}

// langOperand returns the column of LANG(?x), or -1.
func langOperand(e algebra.Expr, cols []plan.Col) int {
	c, ok := e.(*algebra.Call)
	if !ok || c.Name != "LANG" || len(c.Args) != 1 {
		return -1
	}
	col, ofStr := operand(c.Args[0], cols)
	if ofStr {
		return -1
	}
	return col
}

// langCond answers LANG(?x) = "tag".
type langCond struct {
	r   *Run
	col int
	tag string
	ids []graph.ID
	fetcher
	truths []expr.Truth
}

func (c *langCond) test(ctx context.Context, b *Batch, sel []int32, out []expr.Truth) error {
	c.ids = gathered(c.ids, b.Cols[c.col], sel)
	expr.LangOfIDs(c.ids, c.tag, out)
	terms, at, err := c.open(ctx, c.r, c.ids, out)
	if err != nil {
		return err
	}
	for len(c.truths) < len(terms) {
		c.truths = append(c.truths, expr.False)
	}
	expr.LangOfTerms(terms, c.tag, c.truths[:len(terms)])
	for n, k := range at {
		out[k] = c.truths[n]
	}
	return nil
}

func (r *Run) langEquals(col int, tag string, op expr.Operator) condition {
	c := &langCond{r: r, col: col, tag: tag}
	if op == expr.OpNotEqual {
		return &notCond{c}
	}
	return c
}

func (r *Run) langCondition(e *algebra.Call, cols []plan.Col) condition {
	if len(e.Args) != 2 {
		return nil
	}
	col := langOperand(e.Args[0], cols)
	ranges, ok := plainText(e.Args[1])
	if col < 0 || !ok {
		return nil
	}
	return &termsCond{r: r, col: col, ask: func(terms []graph.Term, out []expr.Truth) {
		expr.LangMatchesTerms(terms, ranges, out)
	}}
}
