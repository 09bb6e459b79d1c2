package ingest

import (
	"mocban/ingest/mapping"
	"mocban/ingest/marc"
)

// Withdrawn tells whether a record says that it is deleted (MARC 21, leader/05: d, and for
// authorities s and x, whose heading was split or replaced).
func Withdrawn(r *marc.Record) bool {
	if len(r.Leader) < 6 {
		return false
	}
	switch r.Leader[5] {
	case 'd':
		return true
	case 's', 'x':
		return mapping.IsAuthority(r)
	}
	return false
}
