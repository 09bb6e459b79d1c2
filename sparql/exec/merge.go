package exec

import (
	"context"
	"slices"

	"mocban/graph"
)

// What follows is the part of a lookup join that big joins spend their time in: keys of one
// column that come in order, found in a scan of the same order.

// runsOf counts the runs of equal IDs in a column, and tells whether it ascends.
func runsOf(col []graph.ID) (runs int, sorted bool) {
	if len(col) == 0 {
		return 0, true
	}
	runs = 1
	last := col[0]
	for _, id := range col[1:] {
		if id < last {
			return 0, false
		}
		if id != last {
			runs++
			last = id
		}
	}
	return runs, true
}

// merge is lookUp for keys that ascend.
func (o *lookupOp) merge(ctx context.Context, keys []graph.ID) (bool, error) {
	pos := o.keys[0]
	var key graph.Row
	key[pos] = keys[0]
	if err := o.position(ctx, key); err != nil {
		return false, err
	}
	total := o.total()
	for i := 0; i < len(keys); {
		id := keys[i]
		start := total
		switch {
		case o.tupleSet && id == o.tuple[pos]:
			start -= o.tupleLen
		default:
			col := o.block.Cols[pos][:o.block.Len]
			at := o.at
			if at < len(col) && col[at] < id {
				at = gallop(col, at, id)
			}
			end := at
			for end < len(col) && col[end] == id {
				end++
			}
			o.at = at
			if end < len(col) { // the run ends within the block, or there is none
				o.keepRun(at, end)
				o.at = end
				total += end - at
			} else {
				key[pos] = id
				if err := o.seekKey(ctx, key); err != nil {
					return false, err
				}
				total = o.total()
			}
			o.tuple[pos], o.tupleSet, o.tupleLen = id, true, total-start
		}
		for ; i < len(keys) && keys[i] == id; i++ {
			o.starts[i], o.ends[i] = int32(start), int32(total)
		}
		if total > maxMatches && len(keys) > 1 && i < len(keys) {
			o.closeCursor()
			return false, nil
		}
	}
	return true, o.hold()
}

// keepRun appends rows of the block at hand to the matches.
func (o *lookupOp) keepRun(from, to int) {
	o.counted += to - from
	if to == from+1 {
		for _, pos := range o.kept {
			o.matches[pos] = append(o.matches[pos], o.block.Cols[pos][from])
		}
		return
	}
	for _, pos := range o.kept {
		o.matches[pos] = append(o.matches[pos], o.block.Cols[pos][from:to]...)
	}
}

// emitColumns is emit column by column, for as many whole rows of the batch as find room.
func (o *lookupOp) emitColumns(most int) (rows int) {
	o.pickRow, o.pickMatch = o.pickRow[:0], o.pickMatch[:0]
	starts, ends := o.starts[:o.high-o.low], o.ends[:o.high-o.low]
	row := o.row
	for ; row < o.high; row++ {
		start, end := starts[row-o.low], ends[row-o.low]
		if int(end-start) > most-len(o.pickRow) {
			break
		}
		for m := start; m < end; m++ {
			o.pickRow, o.pickMatch = append(o.pickRow, int32(row)), append(o.pickMatch, m)
		}
	}
	if row == o.row {
		return 0
	}
	o.row = row
	for c := range o.out {
		col, picks := o.batch.Cols, o.pickRow
		from := o.fromIn[c]
		var source []graph.ID
		if from >= 0 {
			source = col[from]
		} else {
			source, picks = o.matches[o.fromPos[c]], o.pickMatch
		}
		out := slices.Grow(o.out[c], len(picks))
		n := len(out)
		out = out[:n+len(picks)]
		for i, at := range picks {
			out[n+i] = source[at]
		}
		o.out[c] = out
	}
	return len(o.pickRow)
}
