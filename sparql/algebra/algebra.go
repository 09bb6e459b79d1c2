// Package algebra holds the algebra of SPARQL as plain data (SPARQL 1.1, 18): what a query
// means, before anybody thinks of how to answer it. Package syntax makes the tree of a
// text, [Translate] makes the algebra of the tree, package plan makes a plan of it.
//
// What to hold in mind:
//
//   - Nodes are values to look at and never changed once made; a rewrite makes new ones.
//   - Every node prints as an s-expression, in the form that Apache Jena made common.
//   - A blank node of a pattern is a variable whose name begins with a dot, which no text
//     can write: it is matched like any other, and never projected.
//   - Translate does not simplify but for what section 18.2.2.8 says, since
//     Join(Z, A) in an OPTIONAL means something else than A.
package algebra

import "mocban/graph"

// A Var is the name of a variable, without ? or $. Names that begin with a dot are made up.
type Var string

// A Slot is a position of a triple pattern: a variable, an RDF term, or (SPARQL 1.2) a
// triple term with variables. Exactly one is set; in the name of a [Graph] it is never
// Triple.
type Slot struct {
	Var    Var
	Term   graph.Term
	Triple *TriplePattern
}

// IsVar tells whether the slot is a variable.
func (s Slot) IsVar() bool { return s.Var != "" }

// A TriplePattern is a triple with variables.
type TriplePattern struct{ S, P, O Slot }

// A Form is what a query asks for.
type Form uint8

// The query forms.
const (
	Select Form = iota
	Ask
	Construct
	Describe
)

func (f Form) String() string { return [...]string{"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}[f] }

// A Query is a translated query.
type Query struct {
	Form    Form
	Base    graph.IRI // that IRIs made while the query runs are resolved against
	Version string    // of SPARQL, "" if none was named
	Dataset *Dataset  // FROM and FROM NAMED; nil if there is neither

	// Pattern is the whole query of a SELECT, solution modifiers included, and what gives
	// the solutions of the other forms.
	Pattern Op

	// Vars are the columns of a SELECT, in order, and the variables in scope of DESCRIBE *.
	Vars []Var

	// Template is what a CONSTRUCT makes. Its blank nodes are dotted variables that
	// Pattern does not bind; they are made anew for each solution.
	Template []TriplePattern

	// Describe are the things that a DESCRIBE asks for; nil for *, which asks for Vars.
	Describe []Slot
}

// A Dataset is what FROM and FROM NAMED say.
type Dataset struct {
	Default []graph.IRI
	Named   []graph.IRI
}

// An Op is a node of the algebra.
type Op interface {
	op()
	String() string
}

// The patterns (SPARQL 1.1, 18.2.2 and 18.3).
type (
	// BGP is a basic graph pattern. Without triples it is Z, the one empty solution.
	BGP struct{ Patterns []TriplePattern }

	// Path is a property path pattern that is no plain triple pattern (18.2.2.4).
	Path struct {
		S    Slot
		Path PathExpr
		O    Slot
	}

	Join struct{ Left, Right Op }

	// LeftJoin is OPTIONAL. Expr is nil where the condition is true.
	LeftJoin struct {
		Left, Right Op
		Expr        Expr
	}

	Filter struct {
		Expr  Expr // several are one conjunction
		Input Op
	}

	Union struct{ Left, Right Op }
	Minus struct{ Left, Right Op }

	// Graph matches its input in a named graph.
	Graph struct {
		Name  Slot
		Input Op
	}

	// Extend binds a variable (BIND, SELECT (... AS ?v)).
	Extend struct {
		Input Op
		Var   Var
		Expr  Expr
	}

	// Values is inline data. A row has a term per variable; the zero Term is UNDEF.
	Values struct {
		Vars []Var
		Rows [][]graph.Term
	}

	// Service is federated.
	Service struct {
		Name   Slot
		Silent bool
		Input  Op
		Text   string // the group as it was written, to be sent
	}

	// Group makes one solution of each group, with the keys and the aggregates bound
	// (18.2.4.1). A key whose expression is a variable binds that variable; others bind the
	// variable of AS, or a dotted one. Implicit is set if the query has no GROUP BY, so that
	// no solutions make one group.
	Group struct {
		Input      Op
		Keys       []Binding
		Aggregates []Aggregation
		Implicit   bool
	}
)

// A Binding is an expression and the variable that it binds.
type Binding struct {
	Var  Var
	Expr Expr
}

// An Aggregation binds the result of a set function; equal ones of a group are one. Func is
// in capitals: COUNT, SUM, AVG, MIN, MAX, SAMPLE, GROUP_CONCAT, or the IRI of another. Arg is
// nil for COUNT(*).
type Aggregation struct {
	Var       Var
	Func      string
	Distinct  bool
	Arg       Expr
	Separator string // of GROUP_CONCAT, a space if the text has none
}

// The solution modifiers (18.2.5).
type (
	OrderBy struct {
		Input Op
		Keys  []OrderKey
	}
	Project struct {
		Input Op
		Vars  []Var
	}
	Distinct struct{ Input Op }
	Reduced  struct{ Input Op }

	// Slice leaves out Offset solutions and gives Limit of the rest; all if Limit is -1.
	Slice struct {
		Input         Op
		Offset, Limit int64
	}
)

// An OrderKey is a condition of ORDER BY.
type OrderKey struct {
	Expr Expr
	Desc bool
}

func (*BGP) op()      {}
func (*Path) op()     {}
func (*Join) op()     {}
func (*LeftJoin) op() {}
func (*Filter) op()   {}
func (*Union) op()    {}
func (*Minus) op()    {}
func (*Graph) op()    {}
func (*Extend) op()   {}
func (*Values) op()   {}
func (*Service) op()  {}
func (*Group) op()    {}
func (*OrderBy) op()  {}
func (*Project) op()  {}
func (*Distinct) op() {}
func (*Reduced) op()  {}
func (*Slice) op()    {}

// A PathExpr is a property path (SPARQL 1.1, 9.1).
type PathExpr interface {
	path()
	String() string
}

// The paths. A NegatedSet holds the IRIs of !(...): Forward those as written, Backward those
// behind ^.
type (
	PathIRI     struct{ IRI graph.IRI }
	Inverse     struct{ Path PathExpr }
	Sequence    struct{ Left, Right PathExpr }
	Alternative struct{ Left, Right PathExpr }
	ZeroOrMore  struct{ Path PathExpr }
	OneOrMore   struct{ Path PathExpr }
	ZeroOrOne   struct{ Path PathExpr }
	NegatedSet  struct{ Forward, Backward []graph.IRI }
)

func (*PathIRI) path()     {}
func (*Inverse) path()     {}
func (*Sequence) path()    {}
func (*Alternative) path() {}
func (*ZeroOrMore) path()  {}
func (*OneOrMore) path()   {}
func (*ZeroOrOne) path()   {}
func (*NegatedSet) path()  {}

// An Expr is an expression (SPARQL 1.1, 17). Aggregates have been replaced by the variables
// that their [Group] binds.
type Expr interface {
	expr()
	String() string
}

// The expressions.
type (
	TermExpr struct{ Term graph.Term }
	VarExpr  struct{ Var Var }

	// Unary is ! - or +.
	Unary struct {
		Op  string
		Arg Expr
	}

	// Binary is || && = != < > <= >= + - * or /.
	Binary struct {
		Op          string
		Left, Right Expr
	}

	// In is IN, or NOT IN.
	In struct {
		Not   bool
		Arg   Expr
		Items []Expr
	}

	// Call is a function: a keyword in capitals, BOUND, IF and COALESCE among them, or an
	// IRI. (Names that are IRIs have IRI set and Name empty.)
	Call struct {
		Name string
		IRI  graph.IRI
		Args []Expr
	}

	// Exists is EXISTS, or NOT EXISTS.
	Exists struct {
		Not     bool
		Pattern Op
	}

	// TripleExpr is the triple term <<( ... )>> of expressions (SPARQL 1.2).
	TripleExpr struct{ S, P, O Expr }
)

func (*TermExpr) expr()   {}
func (*VarExpr) expr()    {}
func (*Unary) expr()      {}
func (*Binary) expr()     {}
func (*In) expr()         {}
func (*Call) expr()       {}
func (*Exists) expr()     {}
func (*TripleExpr) expr() {}
