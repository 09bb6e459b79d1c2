// Package ontology holds what the words of vocab mean to us: what classes and properties are
// called in Vietnamese and English, and the tables by which records become BIBFRAME and
// BIBFRAME becomes Schema.org.
//
// The tables are text files with tabs, one rule a row. Those in marc21 and unimarc say what a
// field of a record becomes, those in trees what an element of a record in XML, JSON or a sheet does, and
// both are compiled by ingest/mapping; those in align say what is true of a
// thing in Schema.org and are run here over the quads of one record. A row carries an
// example and what it must give, and both are run as tests.
package ontology

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
)

//go:embed marc21/*.tsv lc-2.10/*.tsv terms/*.tsv trees/*.tsv unimarc/*.tsv koha-vn/*.tsv
var files embed.FS

// MARCColumns are the columns of the tables in marc21.
var MARCColumns = []string{
	"profile", "tag", "ind1", "ind2", "sub", "when", "node", "path", "value",
	"example", "expected", "note",
}

// MARC returns the tables that say what MARC records become: those of bibliographic records
// of MARC 21 ("bib"), of its authority records ("auth") or holdings records ("hold"), or of
// bibliographic ("unimarc") or authority records of UNIMARC ("unimarc-auth").
func MARC(kind string) ([]*Table, error) {
	pattern := "marc21/" + kind + "-*.tsv"
	switch kind {
	case "unimarc":
		pattern = "unimarc/bib-*.tsv"
	case "unimarc-auth":
		pattern = "unimarc/auth-*.tsv"
	}
	names, err := fs.Glob(files, pattern)
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("there are no tables for %q records", kind)
	}
	var tables []*Table
	for _, name := range names {
		t, err := read(name, MARCColumns...)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// UNIMARCRelators returns the list that joins UNIMARC's codes for roles to those of MARC.
func UNIMARCRelators() (*Table, error) { return read("unimarc/relators.tsv", "code", "marc") }

// KohaVN returns the rows that the profile koha-vn puts over those of marc21, and the words by
// which it tells persons from bodies, roles and the like.
func KohaVN() (rows, words *Table, err error) {
	text, err := files.ReadFile("koha-vn/rows.tsv")
	if err != nil {
		return nil, nil, err
	}
	if rows, err = ReadOverlay("ontology/koha-vn/rows.tsv", text); err != nil {
		return nil, nil, err
	}
	words, err = read("koha-vn/words.tsv", "what", "words", "means")
	return rows, words, err
}

// TreeColumns are the columns of the tables in trees, but for that of words for types.
var TreeColumns = []string{"element", "node", "path", "value", "reads", "example", "expected", "note"}

// Tree returns the table that says what records of a kind become which are trees: "dc",
// "mods", "ead" and the like.
func Tree(kind string) (*Table, error) { return read("trees/"+kind+".tsv", TreeColumns...) }

// ResourceTypes returns the list of words for kinds of resources, and what they mean.
func ResourceTypes() (*Table, error) {
	return read("trees/types-of-resource.tsv", "words", "work", "instance", "content", "genre")
}

// FieldNames returns the list of what the columns of sheets, and the pairs in IIIF manifests,
// are called.
func FieldNames() (*Table, error) {
	return read("trees/names-of-fields.tsv", "field", "template", "names")
}

// LCColumns are the columns of the tables of rows of the profile lc-2.10.
var LCColumns = []string{
	"tag", "ind1", "ind2", "sub", "when", "node", "path", "value", "example", "expected", "note",
}

// LCRows returns the tables by which the profile lc-2.10 maps bibliographic records: what the
// conversion specifications 2.10 of the Library of Congress say, row by row.
func LCRows() ([]*Table, error) {
	names, err := fs.Glob(files, "lc-2.10/bib-*.tsv")
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("there are no tables for the profile lc-2.10")
	}
	var tables []*Table
	for _, name := range names {
		t, err := read(name, LCColumns...)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// LCCodes returns a table of codes of the profile lc-2.10 by its name, with the columns it
// has.
func LCCodes(name string, columns ...string) (*Table, error) {
	return read("lc-2.10/"+name+".tsv", columns...)
}

func read(name string, columns ...string) (*Table, error) {
	text, err := files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return ReadTable(path.Join("ontology", name), string(text), columns...)
}
