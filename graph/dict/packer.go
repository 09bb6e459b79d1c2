package dict

import (
	"runtime"
	"sync"
)

// A packer compresses pages on all processors and sets them in the order in which they came.
type packer struct {
	set     Setter
	jobs    chan *packed
	ordered chan *packed
	workers sync.WaitGroup
	writer  sync.WaitGroup
	ended   bool

	mu  sync.Mutex
	err error
}

// A packed is a page on its way.
type packed struct {
	key, body []byte
	ready     chan struct{}
}

func newPacker(set Setter) *packer {
	n := runtime.GOMAXPROCS(0)
	p := &packer{set: set, jobs: make(chan *packed, 4*n), ordered: make(chan *packed, 4*n)}
	for range n {
		p.workers.Go(func() {
			for job := range p.jobs {
				job.body = pack(job.body)
				close(job.ready)
			}
		})
	}
	p.writer.Go(func() {
		for job := range p.ordered {
			<-job.ready
			if p.failed() != nil {
				continue
			}
			if err := put(p.set, job.key, job.body); err != nil {
				p.mu.Lock()
				p.err = err
				p.mu.Unlock()
			}
		}
	})
	return p
}

func (p *packer) failed() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

// add takes over the body of a page.
func (p *packer) add(key, body []byte) error {
	if err := p.failed(); err != nil {
		return err
	}
	job := &packed{key, body, make(chan struct{})}
	p.jobs <- job
	p.ordered <- job
	return nil
}

// end waits until all is set, and tells what could not be.
func (p *packer) end() error {
	if !p.ended {
		p.ended = true
		close(p.jobs)
		p.workers.Wait()
		close(p.ordered)
		p.writer.Wait()
	}
	return p.failed()
}
