package mapping

import "sync"

// A later is made of our own tables when the first record needs it: most files hold one kind of
// record, and what was compiled for the others would only take memory.
type later[P any] struct {
	make  func() (P, error)
	once  sync.Once
	value P
	err   error
}

func newLater[P any](make func() (P, error)) *later[P] { return &later[P]{make: make} }

// try makes it, if nobody did, and tells what is wrong with the tables.
func (l *later[P]) try() error {
	l.once.Do(func() { l.value, l.err = l.make() })
	return l.err
}

// get returns it. A mistake in tables of ours, which the tests would have found, is a panic;
// those of a library are compiled before any record comes ([New]).
func (l *later[P]) get() P {
	if err := l.try(); err != nil {
		panic(err)
	}
	return l.value
}
