package graph

// A Lookup asks a snapshot for the rows of many keys, and takes them up. In its order come the
// positions that the pattern binds first, then that of the keys; only a graph may be bound
// beyond.
type Lookup struct {
	Pattern Pattern // without a range
	Order   Order
	Columns Columns // to fill, of the positions behind that of the keys
	Keys    []ID    // ascending, none twice
	First   bool    // only one row of each key
	Most    int     // rows; the key with which there would be more is not looked up, nor those after it

	Rows int
	Ends []int32 // for each key that was looked up, the row after its last one
	Cols [4][]ID // those of Columns have Rows entries
}

// Clear forgets what was found. Its memory is used again.
func (l *Lookup) Clear() {
	l.Rows, l.Ends = 0, l.Ends[:0]
	for pos := range l.Cols {
		l.Cols[pos] = l.Cols[pos][:0]
	}
}
