package main

import (
	"slices"
	"testing"

	"mocban/graph"
	"mocban/vocab/bf"
	"mocban/vocab/skos"
)

// Whatever has a page can be searched: bf:Agent is its class, and bf:agent a property.
func TestIndexedClasses(t *testing.T) {
	types := indexed().Types
	for _, class := range []graph.IRI{bf.Work, bf.Instance, bf.Hub, bf.NS + "Agent", bf.NS + "Place", skos.Concept} {
		if !slices.Contains(types, class) {
			t.Errorf("things of %s cannot be found", class)
		}
	}
}
