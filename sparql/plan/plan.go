// Package plan decides how a query is answered. It takes the algebra of a query, asks a
// [Source] for the IDs of its terms and for exact counts, and gives a tree of nodes that say
// step by step what package exec does.
//
// What to hold in mind:
//
//   - Nodes are plain data: they can be printed ([Text]), compared and kept in golden files.
//     What runs them stands in exec.
//   - A node tells its columns, which of them may be unbound, the order of its rows and how
//     many rows are expected. Orders are those of IDs, ascending.
//   - A [Seed] stands for rows that come from outside: an [Apply] feeds the rows of its input
//     through its right side in batches. OPTIONAL, EXISTS and MINUS all become one.
//   - What makes a plan better is a [Rule] with a name, in a file of its own, and can be
//     switched off; without any rule a plan is slow and right.
//   - A plan belongs to one snapshot: it holds IDs, and may have been cut by its counts.
package plan

import (
	"context"

	"mocban/graph"
	"mocban/sparql/algebra"
	"mocban/sparql/expr"
)

// A Source answers what a plan is made from. Every graph.Snapshot is one.
type Source interface {
	IDs(ctx context.Context, terms []graph.Term, ids []graph.ID) error
	Count(ctx context.Context, p graph.Pattern) (n uint64, exact bool, err error)
	Distinct(ctx context.Context, p graph.Pattern, at graph.Pos) (n uint64, exact bool, err error)
	Graphs(ctx context.Context) (graph.Cursor, error)
}

// A Skew is a Source that also knows how unevenly values are spread.
type Skew interface {
	// Squares returns the sum of the squares of how often each ID stands at a position: how
	// many rows the pattern would give if it were joined with itself there. An estimate does.
	Squares(ctx context.Context, p graph.Pattern, at graph.Pos) (float64, error)
}

// A Plan is how one query is answered.
type Plan struct {
	Root   Node
	Nodes  int    // that were numbered, see [Info]
	Graphs Graphs // what the default graph is
}

// A Node is a step of a plan.
type Node interface {
	// Base returns what every node tells.
	Base() *Info
	// Inputs returns the nodes that it reads, first the one whose order it keeps.
	Inputs() []Node
	// Label says what it does, in one line.
	Label() string
}

// Info is what every node tells.
type Info struct {
	Cols  []Col
	Order []algebra.Var // rows ascend by the IDs of these; columns left out still count
	Rows  float64       // expected
	Cost  float64       // expected, in nanoseconds or so, inputs included
	ID    int           // number within the plan, from 1
}

// Base returns the info itself, so that whoever holds one is a node's base.
func (i *Info) Base() *Info { return i }

// A Col is a column of a node.
type Col struct {
	Var   algebra.Var
	Maybe bool // rows may leave it unbound
}

// Index returns the place of a column, or -1.
func (i *Info) Index(v algebra.Var) int {
	for n := range i.Cols {
		if i.Cols[n].Var == v {
			return n
		}
	}
	return -1
}

// Has tells whether there is a column, and Certain whether it is always bound.
func (i *Info) Has(v algebra.Var) bool { return i.Index(v) >= 0 }

// Certain tells whether there is a column that is bound in every row.
func (i *Info) Certain(v algebra.Var) bool {
	n := i.Index(v)
	return n >= 0 && !i.Cols[n].Maybe
}

// A Slot is a position of a pattern in a plan: a variable, or a term with its ID. A term
// that the source does not know has no ID. One that is a parameter of a [Template] has its
// number, from 1: whoever runs the plan has an ID of their own for it.
type Slot struct {
	Var   algebra.Var
	Term  graph.Term
	ID    graph.ID
	Param int
}

// IsVar tells whether the slot is a variable.
func (s Slot) IsVar() bool { return s.Var != "" }

// A GraphKind says in which graphs a pattern is matched.
type GraphKind uint8

// The kinds. GraphLooped is the graph that a [GraphLoop] is at.
const (
	GraphUnion  GraphKind = iota // all graphs, each triple once
	GraphOne                     // one, the default graph among them
	GraphMerge                   // several, each triple once
	GraphNamed                   // each named graph, whose name is a column
	GraphLooped                  // that of a loop
)

// Graphs says in which graphs a pattern is matched.
type Graphs struct {
	Kind GraphKind
	Var  algebra.Var // of GraphNamed
	IDs  []graph.ID  // of GraphOne and GraphMerge; of GraphNamed if All is not set. Sorted
	All  bool        // GraphNamed: every named graph of the store
}

// Leaves.
type (
	// Unit gives one solution that binds nothing.
	Unit struct{ Info }

	// Empty gives none.
	Empty struct {
		Info
		Why string
	}

	// Seed gives the rows of the Apply that it stands in.
	Seed struct{ Info }

	// Scan reads the rows of a triple pattern in an order of the store. With Ranges, the
	// position At is read from these ranges only, one after the other.
	Scan struct {
		Info
		Slots  [3]Slot
		Graphs Graphs
		By     graph.Order
		At     graph.Pos
		Ranges []expr.IDRange
	}

	// Values gives rows that stand in the query. Params, if there are any, tells which of the terms
	// are parameters of a [Template], by their numbers from 1.
	Values struct {
		Info
		Terms  [][]graph.Term
		Params [][]int
	}

	// GraphList gives the names of the named graphs.
	GraphList struct {
		Info
		Graphs Graphs
	}

	// CountRuns gives each ID at the position that follows the bound ones in the order of
	// its scan, and how many rows have it, without reading them. Without Count it gives the
	// IDs only.
	CountRuns struct {
		Info
		Scan  *Scan
		At    graph.Pos
		Key   algebra.Var
		Count []algebra.Var // all get the same count
	}

	// CountRows gives the number of rows of a scan without reading them. With Ranges only the
	// rows count whose position At is within one of them; with Distinct the different terms
	// at At count, which is the position that follows the bound ones in the order of the scan.
	// With Weight it is a row that stands for so many, and there is none of none.
	CountRows struct {
		Info
		Scan     *Scan
		At       graph.Pos
		Ranges   []expr.IDRange
		Distinct bool
		Weight   bool
	}
)

// Joins.
type (
	// LookupJoin takes the rows of Input and looks up, for each, the matching rows of Scan,
	// of which some variables are columns of Input. The keys of a batch are sorted and
	// looked for in one pass. Merge says that they ascend over all batches, so that there
	// is one pass in all. Once gives each row at most once, without columns of the scan. With
	// Weight so too, and that column tells how many rows it stands for: as many as match it,
	// times what the column holds in Input, if that has it.
	LookupJoin struct {
		Info
		Input  Node
		Scan   *Scan
		Merge  bool
		Once   bool
		Weight algebra.Var
	}

	// HashJoin keeps the rows of Right in a table and looks those of Left up in it. Keys
	// are bound on both sides; other common columns may be unbound on one, and are compared.
	// Counted says that rows of Right with equal keys are one. Weight is a column that tells how
	// many rows a row stands for: the product of what it holds on both sides, 1 where it is not,
	// and the sum of it over what is one.
	HashJoin struct {
		Info
		Left, Right Node
		Keys        []algebra.Var
		Counted     bool
		Weight      algebra.Var
	}

	// Apply feeds the rows of Input to the Seed in Right. Row is a column with the number
	// of the row, which Right carries through.
	Apply struct {
		Info
		Kind   ApplyKind
		Input  Node
		Right  Node
		Row    algebra.Var
		Mark   algebra.Var // of ApplyMark
		Sorted bool        // Right keeps the order of the seed
	}

	// Minus leaves out the rows of Left with which a row of Right is compatible that has a
	// bound variable in common (SPARQL 1.1, 18.5).
	Minus struct {
		Info
		Left, Right Node
		Keys        []algebra.Var // common columns bound on both sides
		Loose       []algebra.Var // other common columns
		Within      []algebra.Var // columns that must be equal, but are no variables in common
	}

	// Path matches a property path. With Input, the ends that are columns of it are bound.
	// Given is set if one of them is a value of the solution that an EXISTS is asked for,
	// which counts as a term and not as a variable.
	Path struct {
		Info
		Input  Node // or nil
		S, O   Slot
		Given  bool
		Path   algebra.PathExpr
		Graphs Graphs
		IDs    map[graph.IRI]graph.ID // of the IRIs in Path
	}

	// GraphLoop runs Input once for each named graph, and binds Var to its name.
	GraphLoop struct {
		Info
		Input  Node
		Var    algebra.Var
		Graphs Graphs
	}

	// Union gives the rows of its inputs one after the other.
	Union struct {
		Info
		Parts []Node
	}
)

// An ApplyKind says what becomes of a row of the input.
type ApplyKind uint8

// The kinds.
const (
	ApplyInner ApplyKind = iota // it is joined with what the right side gives for it
	ApplyLeft                   // so too, and kept alone if that is nothing
	ApplySemi                   // it is kept if that is something
	ApplyAnti                   // it is kept if that is nothing
	ApplyMark                   // it gets a column that tells which
)

func (k ApplyKind) String() string { return [...]string{"inner", "left", "semi", "anti", "mark"}[k] }

// Steps with one input.
type (
	// Parallel gives the rows of Input in their order, of which parts are read at the same time.
	// It is up to whoever runs it how many, and none if the machine is busy.
	Parallel struct {
		Info
		Input Node
	}

	// Filter keeps the rows for which all conditions hold, tried in turn.
	Filter struct {
		Info
		Input      Node
		Conditions []algebra.Expr
	}

	// Extend binds a variable. Passing says that each of its terms is looked at as long as its row
	// is at hand, and its ID compared with no other.
	Extend struct {
		Info
		Input   Node
		Var     algebra.Var
		Expr    algebra.Expr
		Passing bool
	}

	// Group makes a row of each group. With Ordered, equal keys come one after the other.
	// Within a group, equal values of the variables in Runs do. Weight is a column of the input
	// that tells how many rows a row stands for, if there is one. The results in Passing are
	// like those of an Extend.
	Group struct {
		Info
		Input      Node
		Keys       []algebra.Var
		Aggregates []algebra.Aggregation
		Implicit   bool
		Ordered    bool
		Runs       []algebra.Var
		Weight     algebra.Var
		Passing    []algebra.Var
	}

	// Sort sorts. With Top, only that many rows are kept.
	Sort struct {
		Info
		Input Node
		Keys  []algebra.OrderKey
		Top   int64 // 0 for all
	}

	// Distinct drops equal rows. With Ordered, they come one after the other.
	Distinct struct {
		Info
		Input   Node
		Ordered bool
	}

	// Project keeps some columns. One that the input does not have is unbound.
	Project struct {
		Info
		Input Node
	}

	// Slice skips rows, and ends after some.
	Slice struct {
		Info
		Input         Node
		Offset, Limit int64 // Limit -1 is none
	}
)

func (*Unit) Inputs() []Node         { return nil }
func (*Empty) Inputs() []Node        { return nil }
func (*Seed) Inputs() []Node         { return nil }
func (*Scan) Inputs() []Node         { return nil }
func (*Values) Inputs() []Node       { return nil }
func (*GraphList) Inputs() []Node    { return nil }
func (*CountRuns) Inputs() []Node    { return nil }
func (*CountRows) Inputs() []Node    { return nil }
func (n *LookupJoin) Inputs() []Node { return []Node{n.Input, n.Scan} }
func (n *HashJoin) Inputs() []Node   { return []Node{n.Left, n.Right} }
func (n *Apply) Inputs() []Node      { return []Node{n.Input, n.Right} }
func (n *Minus) Inputs() []Node      { return []Node{n.Left, n.Right} }
func (n *Parallel) Inputs() []Node   { return []Node{n.Input} }
func (n *GraphLoop) Inputs() []Node  { return []Node{n.Input} }
func (n *Union) Inputs() []Node      { return n.Parts }
func (n *Filter) Inputs() []Node     { return []Node{n.Input} }
func (n *Extend) Inputs() []Node     { return []Node{n.Input} }
func (n *Group) Inputs() []Node      { return []Node{n.Input} }
func (n *Sort) Inputs() []Node       { return []Node{n.Input} }
func (n *Distinct) Inputs() []Node   { return []Node{n.Input} }
func (n *Project) Inputs() []Node    { return []Node{n.Input} }
func (n *Slice) Inputs() []Node      { return []Node{n.Input} }

func (n *Path) Inputs() []Node {
	if n.Input == nil {
		return nil
	}
	return []Node{n.Input}
}
