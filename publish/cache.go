package publish

import (
	"sync"
	"time"

	"mocban/graph"
)

// A kept is a document as it was last drawn.
type kept struct {
	version  graph.Version
	body     []byte
	tag      string
	link     string // the Link header
	modified time.Time
	rows     int64 // of the answer of a query
}

// A cache keeps documents by form, language and address, up to a number of bytes. A document
// is good for the version of the store that it was drawn from. There are two generations:
// when the young one is full it becomes the old one, and what was not asked for since is gone.
type cache struct {
	max int // bytes; below 0 nothing is kept

	mu         sync.Mutex
	young, old map[string]kept
	size       int // of the young generation
}

// defaultCache is how many bytes of documents are kept where nothing else is said.
const defaultCache = 64 << 20

// get returns a document drawn from a version.
func (c *cache) get(key string, v graph.Version) (kept, bool) {
	if c.max < 0 {
		return kept{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.young[key]
	if !ok {
		if k, ok = c.old[key]; ok && k.version == v {
			c.put(key, k)
		}
	}
	return k, ok && k.version == v
}

// keep takes a document.
func (c *cache) keep(key string, k kept) {
	if c.max < 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(key, k)
}

func (c *cache) put(key string, k kept) {
	const overhead = 200
	n := len(k.body) + len(k.link) + len(key) + overhead
	if n > c.max/8 {
		return // it would drive out too much
	}
	if c.young == nil || c.size+n > c.max/2 {
		c.old, c.young, c.size = c.young, make(map[string]kept), 0
	}
	if other, ok := c.young[key]; ok {
		c.size -= len(other.body) + len(other.link) + len(key) + overhead
	}
	c.young[key] = k
	c.size += n
}
