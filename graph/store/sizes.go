package store

import (
	"context"
	"fmt"

	"mocban/graph/dict"
)

// A PartSize tells how many values of graph/kv make a part of the data, and how many bytes these
// are with their keys. What Badger takes beside them and the log have no values.
type PartSize struct {
	Part   string // "blocks SPO", "dictionary: sorted pages", …
	Values uint64
	Bytes  uint64
}

// The parts that are not made of values.
const (
	PartRest    = "everything else" // indexes of tables, and what was deleted and still takes space
	PartLogSize = "log"
)

// Sizes tells where the bytes of the store go, by reading all of them: the blocks of each order,
// directories, dictionary, changes that are not folded, then what else the files hold, and the log.
func (s *Store) Sizes(ctx context.Context) (parts []PartSize, err error) {
	s.looking.RLock() // so that nothing takes the place of the data meanwhile
	defer s.looking.RUnlock()
	s.mu.Lock()
	db := s.db
	s.mu.Unlock()
	at := make(map[string]int)
	values, sum := 0, uint64(0)
	err = db.Scan(nil, nil, func(key, value []byte) error {
		if values++; values%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		name := partOf(key)
		i, ok := at[name]
		if !ok {
			i, at[name] = len(parts), len(parts)
			parts = append(parts, PartSize{Part: name})
		}
		n := uint64(len(key) + len(value))
		parts[i].Values++
		parts[i].Bytes += n
		sum += n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("measure store %s: %w", s.dir, damage(err))
	}
	size := s.Size()
	rest := PartSize{Part: PartRest}
	if uint64(size.Data) > sum {
		rest.Bytes = uint64(size.Data) - sum
	}
	return append(parts, rest, PartSize{Part: PartLogSize, Bytes: uint64(size.Log)}), nil
}

// partOf names the part of the data that a key belongs to.
func partOf(key []byte) string {
	switch kind := key[0]; {
	case kind == orderKind && len(key) == idBytes:
		x := index(key[1])
		name := x.order().String()
		if x == graphsIndex {
			name = "graphs"
		}
		if key[2] == dirKind {
			return "directory " + name
		}
		return "blocks " + name
	case kind == setKind:
		return "changes not folded"
	case kind == deadKind:
		return "list of what is not needed"
	}
	if part := dict.PartOf(key); part != "" {
		return "dictionary: " + part
	}
	return "state"
}
