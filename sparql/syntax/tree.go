// Package syntax reads SPARQL: a text becomes a tree that says what was written, and where.
//
//	q, err := syntax.Parse("SELECT * { ?s ?p ?o }")
//	q, err = syntax.Options{Base: "http://example.org/"}.Parse("SELECT * { <a> ?p ?o }")
//
// The lexer and the parser are written by hand, production by production of SPARQL 1.1, 19.8,
// with what SPARQL 1.2 adds.
//
// What to hold in mind:
//
//   - A tree is resolved: prefixed names and relative IRIs have become IRIs, and [...], (...),
//     ; and the << >> ~ {| |} of SPARQL 1.2 have become triples, with blank nodes whose
//     labels the text does not use.
//   - A tree keeps the rules that stand beside the grammar: what may be projected, where
//     variables may be bound, where blank nodes and aggregates may stand.
//   - A tree prints as a text that reads back as an equal tree.
//   - A mistake is an [*Error]. A text that nests too deep is a mistake, too.
package syntax

import "mocban/graph"

// A Form is what a query asks for.
type Form uint8

// The query forms (SPARQL 1.1, 16).
const (
	SelectForm Form = iota
	AskForm
	ConstructForm
	DescribeForm
)

func (f Form) String() string { return [...]string{"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}[f] }

// A Query is the tree of a query.
type Query struct {
	Base     graph.IRI // the one in force behind the prologue
	Prefixes []Prefix  // in the order of the text
	Version  string    // the one in force behind the prologue (SPARQL 1.2), or ""

	Form    Form
	Dataset []DatasetClause // FROM and FROM NAMED

	// Template is that of a CONSTRUCT. Short is set if it is the WHERE clause itself
	// (CONSTRUCT WHERE).
	Template []Triple
	Short    bool

	// Describe are the variables and IRIs of a DESCRIBE; Star is set for *.
	Describe []Node

	// Select is the body: all of a SELECT, and the WHERE clause and the solution modifiers
	// of the others. Where is nil for a DESCRIBE without one.
	Select
}

// A Prefix is declared in a prologue.
type Prefix struct {
	Name string // without the colon
	IRI  graph.IRI
}

// A DatasetClause is FROM, or FROM NAMED.
type DatasetClause struct {
	Pos   Pos
	Named bool
	IRI   graph.IRI
}

// A Select is a SELECT, that of a query or within one.
type Select struct {
	Pos               Pos
	Distinct, Reduced bool
	Star              bool // SELECT *
	Items             []Item
	Where             *Group

	GroupBy []GroupKey
	Having  []Expr
	OrderBy []OrderKey
	Offset  int64
	Limit   int64 // NoLimit if there is none
	Values  *Values

	vars []string // what * stands for, once it is known
}

// NoLimit is the Limit of a query that has none.
const NoLimit = -1

// An Item is something selected: a variable, or an expression AS a variable.
type Item struct {
	Pos  Pos
	Expr Expr // nil for a variable
	Var  string
}

// A GroupKey is a condition of GROUP BY. Var is that of AS, or empty.
type GroupKey struct {
	Pos  Pos
	Expr Expr
	Var  string
}

// An OrderKey is a condition of ORDER BY.
type OrderKey struct {
	Expr Expr
	Desc bool
}

// A Node is what stands in a triple: a variable, a term (a blank node is a term with its
// label), or a triple term. Exactly one is set.
type Node struct {
	Pos    Pos
	Var    string
	Term   graph.Term
	Triple *Triple
}

// IsVar tells whether the node is a variable.
func (n Node) IsVar() bool { return n.Var != "" }

// A Triple is a triple pattern, or a path pattern if Path is set; P is not set then.
type Triple struct {
	S, P, O Node
	Path    *Path
}

// A PathOp says what a path does.
type PathOp uint8

// The paths (SPARQL 1.1, 9.1). The arguments of PathNegated are IRIs, or inverses of IRIs.
const (
	PathIRI PathOp = iota
	PathInverse
	PathSequence
	PathAlternative
	PathZeroOrMore
	PathOneOrMore
	PathZeroOrOne
	PathNegated
)

// A Path is a property path.
type Path struct {
	Op   PathOp
	IRI  graph.IRI // of PathIRI
	Args []*Path   // two or more of a sequence or alternative, any number of a negated set, or one
}

// An Element is a part of a group: *[TriplesBlock], *[Group], *[SubSelect], *[Union],
// *[Optional], *[Minus], *[GraphGroup], *[Service], *[Filter], *[Bind] or *[Values].
type Element interface{ element() }

// The patterns (SPARQL 1.1, 5 to 13).
type (
	// Group is a group graph pattern { ... }. The body { SELECT ... } is a group with a
	// SubSelect alone.
	Group struct {
		Pos, End Pos // of the braces; End is behind the closing one
		Elements []Element
	}

	// TriplesBlock is a run of triples that nothing interrupts.
	TriplesBlock struct{ Triples []Triple }

	SubSelect struct{ Select }

	// Union has two alternatives or more.
	Union struct{ Groups []*Group }

	Optional struct{ Group *Group }
	Minus    struct{ Group *Group }

	// GraphGroup is GRAPH.
	GraphGroup struct {
		Name  Node
		Group *Group
	}

	Service struct {
		Pos    Pos
		Silent bool
		Name   Node
		Group  *Group
	}

	Filter struct{ Expr Expr }

	Bind struct {
		Pos  Pos // of the variable
		Expr Expr
		Var  string
	}

	// Values is inline data. A row has a term per variable; the zero Term is UNDEF.
	Values struct {
		Pos  Pos
		Vars []string
		Rows [][]graph.Term
	}
)

func (*Group) element()        {}
func (*TriplesBlock) element() {}
func (*SubSelect) element()    {}
func (*Union) element()        {}
func (*Optional) element()     {}
func (*Minus) element()        {}
func (*GraphGroup) element()   {}
func (*Service) element()      {}
func (*Filter) element()       {}
func (*Bind) element()         {}
func (*Values) element()       {}

// An Expr is an expression: *[TermExpr], *[VarExpr], *[Unary], *[Binary], *[In], *[Call],
// *[Aggregate], *[Exists] or *[TripleExpr].
type Expr interface{ expr() }

// The expressions (SPARQL 1.1, 17).
type (
	TermExpr struct {
		Pos  Pos
		Term graph.Term
	}

	VarExpr struct {
		Pos Pos
		Var string
	}

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

	In struct {
		Not   bool
		Arg   Expr
		Items []Expr
	}

	// Call is a function: one with a keyword, in capitals, or one with an IRI. Distinct can
	// be set with an IRI only: the function is an aggregate then.
	Call struct {
		Pos      Pos
		Name     string
		IRI      graph.IRI
		Distinct bool
		Args     []Expr
	}

	// Aggregate is a set function, its name in capitals. Arg is nil for COUNT(*).
	Aggregate struct {
		Pos       Pos
		Name      string
		Distinct  bool
		Arg       Expr
		Separator *string // of GROUP_CONCAT, nil if the text has none
	}

	Exists struct {
		Not   bool
		Group *Group
	}

	// TripleExpr is a triple term (SPARQL 1.2).
	TripleExpr struct {
		Pos     Pos
		S, P, O Expr
	}
)

func (*TermExpr) expr()   {}
func (*VarExpr) expr()    {}
func (*Unary) expr()      {}
func (*Binary) expr()     {}
func (*In) expr()         {}
func (*Call) expr()       {}
func (*Aggregate) expr()  {}
func (*Exists) expr()     {}
func (*TripleExpr) expr() {}
