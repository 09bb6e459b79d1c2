package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// damageFile remembers damage that was found until it is mended, a finding a line:
//
//	time TAB "fast" or "full" TAB part TAB "place" TAB "detail"
const damageFile = "DAMAGE"

// mostDamage is how many findings are remembered.
const mostDamage = 100

// damages are the findings that are not mended.
type damages struct {
	mu    sync.Mutex
	found []damageLine
}

type damageLine struct {
	Finding
	at   time.Time
	full bool // found by a full check
}

func (l *damageLine) String() string {
	depth := "fast"
	if l.full {
		depth = "full"
	}
	return fmt.Sprintf("%s\t%s\t%s\t%q\t%q\n", l.at.UTC().Format(time.RFC3339), depth, l.Part, l.Place, l.Detail)
}

// parseDamage reads what is remembered. Of a line that was cut short it takes what it can:
// something is wrong in any case.
func parseDamage(r io.Reader) (found []damageLine) {
	in := bufio.NewScanner(r)
	for in.Scan() && len(found) < mostDamage {
		cells := strings.Split(in.Text(), "\t")
		l := damageLine{Finding: Finding{PartData, "?", strings.ToValidUTF8(in.Text(), "?")}}
		if len(cells) == 5 {
			place, err1 := strconv.Unquote(cells[3])
			detail, err2 := strconv.Unquote(cells[4])
			at, err3 := time.Parse(time.RFC3339, cells[0])
			if err1 == nil && err2 == nil && err3 == nil {
				l = damageLine{Finding{Part(cells[2]), place, detail}, at, cells[1] == "full"}
			}
		}
		found = append(found, l)
	}
	return found
}

// readDamage reads what is remembered, and warns of it.
func (s *Store) readDamage() error {
	f, err := os.Open(filepath.Join(s.dir, damageFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	s.damage.found = parseDamage(f)
	if err := f.Close(); err != nil {
		return err
	}
	if s.remade {
		s.forgetData()
	}
	switch n := len(s.damage.found); {
	case n > 0 && s.o.Damaged != nil:
		s.o.Damaged(n, s.damage.found[0].Finding)
	case n > 0:
		first := &s.damage.found[0]
		s.warn(fmt.Sprintf("damage was found at %s and is not mended (%d findings; first %v)", first.at.Format(time.RFC3339), n, first.Finding))
	}
	return nil
}

// rememberDamage keeps a finding for whoever opens the store next.
func (s *Store) rememberDamage(f Finding, full bool) {
	s.damage.mu.Lock()
	defer s.damage.mu.Unlock()
	for i := range s.damage.found {
		if s.damage.found[i].Finding == f {
			return
		}
	}
	if len(s.damage.found) >= mostDamage {
		return
	}
	l := damageLine{f, time.Now(), full}
	s.damage.found = append(s.damage.found, l)
	out, err := os.OpenFile(filepath.Join(s.dir, damageFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err == nil {
		_, err = out.WriteString(l.String())
		err = errors.Join(err, out.Sync(), out.Close())
	}
	if err != nil {
		s.warn(fmt.Sprintf("damage was found but cannot be noted down: %v: %v", f, err))
	}
}

// forgetData forgets what was wrong with data that were made anew.
func (s *Store) forgetData() {
	var b []byte
	kept := s.damage.found[:0]
	for _, l := range s.damage.found {
		if l.Part != PartData {
			kept = append(kept, l)
			b = append(b, l.String()...)
		}
	}
	s.damage.found = kept
	var err error
	if len(kept) > 0 {
		err = s.putFile(damageFile, b)
	} else {
		err = os.Remove(filepath.Join(s.dir, damageFile))
	}
	if err != nil {
		s.warn(fmt.Sprintf("the damage that is mended cannot be forgotten: %v", err))
	}
}

// forgetDamage forgets what was found, after a check that finds nothing: a fast one does not
// know what a full one found.
func (s *Store) forgetDamage(full bool) {
	s.damage.mu.Lock()
	defer s.damage.mu.Unlock()
	for i := range s.damage.found {
		if s.damage.found[i].full && !full {
			return
		}
	}
	if len(s.damage.found) == 0 {
		return
	}
	if err := os.Remove(filepath.Join(s.dir, damageFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		s.warn(fmt.Sprintf("the damage that is not there any more cannot be forgotten: %v", err))
		return
	}
	s.damage.found = nil
}

// Damaged returns how many findings are not mended.
func (s *Store) Damaged() int { return len(s.Damage()) }

// Damage returns what was found and is not mended.
func (s *Store) Damage() (found []Finding) {
	s.damage.mu.Lock()
	defer s.damage.mu.Unlock()
	for i := range s.damage.found {
		found = append(found, s.damage.found[i].Finding)
	}
	return found
}
