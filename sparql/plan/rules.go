package plan

// A Rule is one way to make plans better. All rules are on unless [Options].Off names them;
// a plan without any gives the same rows.
type Rule struct {
	Name string
	Note string // what it does, and what its place depends on
}

// The rules, by the stage at which they act: on the algebra, while joins are arranged, while
// nodes are built, and on the finished tree.
var (
	pushFilters  = &Rule{"filter-push", "moves filters down to the patterns that bind their variables; before joins are arranged"}
	optionalLast = &Rule{"optional-last", "moves OPTIONAL and BIND behind the patterns that follow them, so that these are arranged as one group"}

	joinOrder    = &Rule{"join-order", "orders joins by counted rows; off, patterns are joined as they are written"}
	bushyJoins   = &Rule{"bushy-joins", "joins what was joined apart from the rest, as cycles of patterns need it"}
	skewedJoins  = &Rule{"skewed-joins", "expects more of the values that are frequent, where a property is joined with itself"}
	filterRanges = &Rule{"filter-ranges", "reads only the IDs for which a comparison with a constant can be true"}
	mergeJoin    = &Rule{"merge-join", "joins rows that come in the order of a scan in one pass"}
	lookupJoin   = &Rule{"lookup-join", "looks the keys of a batch up instead of reading a whole pattern"}
	hashJoin     = &Rule{"hash-join", "joins by a table where that costs less than looking up; off, tables are for patterns without a common variable"}

	seededOptional  = &Rule{"seeded-optional", "feeds rows into OPTIONAL, MINUS and UNION instead of answering these on their own"}
	graphColumns    = &Rule{"graph-columns", "matches GRAPH ?g in all graphs at once instead of one after the other"}
	orderedDistinct = &Rule{"ordered-distinct", "finds equal rows next to each other where they come sorted"}
	orderedGroups   = &Rule{"ordered-groups", "ends a group where its key changes where rows come sorted"}
	groupFirst      = &Rule{"group-first", "joins what hangs on a key of GROUP BY with the groups, not with their rows; where that costs less"}
	topRows         = &Rule{"top-rows", "keeps no more rows than LIMIT asks for while sorting"}

	countFromStatistics = &Rule{"count-statistics", "answers COUNT and DISTINCT over a single pattern without reading its rows"}
	unusedColumns       = &Rule{"unused-columns", "drops columns that nobody reads; late, since it needs the whole tree"}
	countedJoins        = &Rule{"counted-joins", "counts matches that nobody looks at instead of giving them, below DISTINCT and aggregates; after unused-columns, which finds them"}
	parallelParts       = &Rule{"parallel-parts", "reads what is grouped or sorted in parts at the same time; late, since it needs the finished tree"}
	passingTerms        = &Rule{"passing-terms", "forgets terms that a query makes with their rows, where their IDs are compared with no others; after parallel-parts, since rows that wait are no longer at hand"}
)

// Rules lists all rules.
var Rules = []*Rule{
	pushFilters, optionalLast,
	joinOrder, bushyJoins, skewedJoins, filterRanges, mergeJoin, lookupJoin, hashJoin,
	seededOptional, graphColumns, orderedDistinct, orderedGroups, groupFirst, topRows,
	countFromStatistics, unusedColumns, countedJoins, parallelParts, passingTerms,
}
