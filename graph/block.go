package graph

// A Pos is a position in a quad.
type Pos uint8

// The positions, which index a [Row] and number the columns of a [Block].
const (
	PosS Pos = iota
	PosP
	PosO
	PosG
)

func (p Pos) String() string { return "SPOG"[p : p+1] }

// A Row is a quad of IDs, by position.
type Row [4]ID

// An Order is one of the permutations of the positions in which a store keeps its rows.
type Order uint8

// The orders. NoOrder leaves the choice to the store.
const (
	NoOrder Order = iota
	SPO
	PSO
	POS
	OSP
	GSPO
)

// Orders lists the orders that every store keeps.
var Orders = [...]Order{SPO, PSO, POS, OSP, GSPO}

var orderPositions = [...][4]Pos{
	SPO:  {PosS, PosP, PosO, PosG},
	PSO:  {PosP, PosS, PosO, PosG},
	POS:  {PosP, PosO, PosS, PosG},
	OSP:  {PosO, PosS, PosP, PosG},
	GSPO: {PosG, PosS, PosP, PosO},
}

func (o Order) String() string { return [...]string{"any", "SPO", "PSO", "POS", "OSP", "GSPO"}[o] }

// Positions returns the positions in the order in which rows are compared. An order of
// triples has the graph last.
func (o Order) Positions() [4]Pos { return orderPositions[o] }

// Compare compares two rows in the order.
func (o Order) Compare(a, b *Row) int {
	for _, p := range orderPositions[o] {
		if a[p] != b[p] {
			if a[p] < b[p] {
				return -1
			}
			return 1
		}
	}
	return 0
}

// Columns is a set of positions.
type Columns uint8

// AllColumns holds the four positions.
const AllColumns Columns = 1<<PosS | 1<<PosP | 1<<PosO | 1<<PosG

// Cols returns the set of the positions given.
func Cols(ps ...Pos) (c Columns) {
	for _, p := range ps {
		c |= 1 << p
	}
	return c
}

// Has tells whether p is in the set.
func (c Columns) Has(p Pos) bool { return c>>p&1 == 1 }

// A Pattern says which rows are meant. A position that holds [None] is free.
type Pattern struct {
	S, P, O, G ID

	// Union asks for the triples of all graphs, the default graph among them, each once.
	// G must be free then, and the graph column is not filled.
	Union bool

	// Range bounds one free position by the order of IDs. The zero Range bounds nothing.
	Range Range
}

// A Range holds the IDs from Low to High, both included, at a position.
type Range struct {
	At        Pos
	Low, High ID
}

// IsZero tells whether the range bounds nothing.
func (r Range) IsZero() bool { return r.High == None }

// Holds tells whether the range includes id.
func (r Range) Holds(id ID) bool { return r.IsZero() || r.Low <= id && id <= r.High }

// At returns what the pattern holds at a position.
func (p Pattern) At(pos Pos) ID { return [4]ID{p.S, p.P, p.O, p.G}[pos] }

// With returns the pattern with id at a position.
func (p Pattern) With(pos Pos, id ID) Pattern {
	switch pos {
	case PosS:
		p.S = id
	case PosP:
		p.P = id
	case PosO:
		p.O = id
	case PosG:
		p.G = id
	}
	return p
}

// Bound returns the positions that the pattern binds.
func (p Pattern) Bound() (c Columns) {
	for pos := PosS; pos <= PosG; pos++ {
		if p.At(pos) != None {
			c |= 1 << pos
		}
	}
	return c
}

// Matches tells whether a row is one of those meant. It does not look at Union.
func (p Pattern) Matches(r *Row) bool {
	return (p.S == None || p.S == r[PosS]) && (p.P == None || p.P == r[PosP]) &&
		(p.O == None || p.O == r[PosO]) && (p.G == None || p.G == r[PosG]) &&
		(p.Range.IsZero() || p.Range.Holds(r[p.Range.At]))
}

// Prefix returns how many leading positions of the order the pattern binds.
func (p Pattern) Prefix(o Order) int {
	n := 0
	for _, pos := range orderPositions[o] {
		if p.At(pos) == None {
			break
		}
		n++
	}
	return n
}

// Order returns the order of which the pattern binds the longest prefix; a range counts as
// half a position. With nothing bound that is SPO. For a union it is never GSPO, which does
// not bring the copies of a triple together.
func (p Pattern) Order() Order {
	best, score := SPO, -1
	for _, o := range Orders {
		if p.Union && o == GSPO {
			continue
		}
		n := p.Prefix(o)
		s := 2 * n
		if n < 4 && !p.Range.IsZero() && orderPositions[o][n] == p.Range.At {
			s++
		}
		if s > score {
			best, score = o, s
		}
	}
	return best
}

// In returns the order in which a scan that asks for o gives the rows of the pattern: o
// itself, or the best one for NoOrder and for GSPO over a union.
func (p Pattern) In(o Order) Order {
	if o == NoOrder || o == GSPO && p.Union {
		return p.Order()
	}
	return o
}

// A Block is a run of rows, by column. Columns that the scan does not fill are nil, the
// others have Len entries. Columns may alias what the store keeps: they must not be written
// to, and hold only until the cursor's next call.
type Block struct {
	Len  int
	Cols [4][]ID
}

// Row returns row i, with None in the columns that are not filled.
func (b *Block) Row(i int) (r Row) {
	for p, col := range b.Cols {
		if col != nil {
			r[p] = col[i]
		}
	}
	return r
}
