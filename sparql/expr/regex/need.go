package regex

// A need is a choice of plain texts of which every match contains one. Looking for them is
// much quicker than the program, and most texts that do not match have none.
type need []*plain

// maxNeed is how many texts are worth looking for.
const maxNeed = 16

// needOf returns what every match of a pattern needs, or nil if that is nothing or little.
func needOf(tree *node) need {
	choice := tree.needs()
	if shortest(choice) < 2 || len(choice) > maxNeed {
		return nil
	}
	var n need
	for _, chars := range choice {
		n = append(n, plainOf(chars))
	}
	return n
}

// in tells whether a text holds one of the texts.
func (n need) in(text string) bool {
	for _, p := range n {
		if p.match(text) {
			return true
		}
	}
	return false
}

// needs returns runs of characters of which every match of n contains one; none if there is
// nothing of the kind.
func (n *node) needs() [][]*node {
	switch n.kind {
	case groupNode, bareNode:
		return n.subs[0].needs()
	case repetition:
		if n.min > 0 {
			return n.subs[0].needs()
		}
	case branches:
		var choice [][]*node
		for _, sub := range n.subs {
			more := sub.needs()
			if more == nil {
				return nil
			}
			choice = append(choice, more...)
		}
		return choice
	case sequence:
		return n.sequenceNeeds()
	}
	if n.isChar() {
		return [][]*node{{n}}
	}
	return nil
}

// sequenceNeeds returns the longest of what the parts need, one after the other.
func (n *node) sequenceNeeds() (best [][]*node) {
	var run []*node
	for _, sub := range n.subs {
		choice := sub.needs()
		if sub.isChar() {
			run = append(run, sub)
			choice = [][]*node{run}
		} else {
			run = nil
		}
		if shortest(choice) > shortest(best) {
			best = choice
		}
	}
	return best
}

// isChar tells whether n is one character, with the flag i in any case.
func (n *node) isChar() bool { return n.kind == charNode || n.kind == classNode && n.char != 0 }

// shortest returns the length of the shortest run, and 0 for no runs.
func shortest(choice [][]*node) int {
	if len(choice) == 0 {
		return 0
	}
	least := len(choice[0])
	for _, run := range choice {
		least = min(least, len(run))
	}
	return least
}
