package web

import (
	"mocban/graph"
)

// Text is a text with its language, if it is known and not that of the page.
type Text struct{ Text, Lang string }

// A Value is one value of a fact.
type Value struct {
	Before   string // what kind of value it is: ISBN
	Text     Text
	Also     []Text // the same in other scripts
	Href     string
	External bool
	After    string // in brackets: a role, a qualifier
	Facts    []Fact // what else is known of it
}

// A Fact is a property with its values.
type Fact struct {
	Name   string
	Values []Value
}

// A Group is a heading with facts.
type Group struct {
	ID, Name string
	Facts    []Fact
}

// An Entry is one thing in a list.
type Entry struct {
	Title  Text
	Also   []Text
	Href   string
	Kind   string
	Lines  []string
	Facts  []Fact
	Copies []Copy
}

// A Copy is an item in a library.
type Copy struct {
	Library Value
	Mark    string
	Href    string
}

// A Section is a list of things tied to the thing of the page in one way.
type Section struct {
	ID, Name string
	Entries  []Entry
}

// A Statement is one line of the table of all statements.
type Statement struct {
	Depth    int
	Property graph.IRI
	Value    Value
	Datatype string
}

// A Form is a form of the document.
type Form struct{ Name, Type, URL string }

// A Pager leads through pages of a list.
type Pager struct {
	First, Last, Total uint64
	Previous, Next     string
}

// An Entity is the page of a thing.
type Entity struct {
	Kind, KindName string
	Types          []string
	Heading        Text
	Slip           []Text // the title in Hán-Nôm script
	Other          []Value
	IRI            string
	Summary        []Text
	Groups         []Group
	About          []Group // facts of the work, on the page of an instance
	AboutTitle     Value
	Sections       []Section
	Records        []Value
	Forms          []Form
	Statements     []Statement
	Pager          Pager
}

// A RecordPage is the page of a source record.
type RecordPage struct {
	Entity
	Fields    []Field
	Format    string // of the record whose fields they are
	Originals []Form
	Describes []Section
}

// A Field is a field of a record.
type Field struct {
	Tag, Indicators, Value string
	Subfields              []Subfield
}

// A Subfield is a subfield of a record.
type Subfield struct{ Code, Value, Lang string }

// Record draws the page of a source record.
func (p *Pages) Record(page Page, r RecordPage) []byte {
	return p.draw("record", struct {
		Page
		RecordPage
	}{page, r})
}

// A Home is the first page.
type Home struct {
	Counts   []Count
	Examples []Value
	Queries  []Example
	Curl     string
}

// A Count tells how many there are of something.
type Count struct {
	Name  string
	Count uint64
	Href  string
}

// Home draws the first page.
func (p *Pages) Home(page Page, h Home) []byte {
	return p.draw("home", struct {
		Page
		Home
	}{page, h})
}

// A List is a page of a list of things.
type List struct {
	Heading string
	Lead    string
	Letters []Letter
	Entries []Entry
	Pager   Pager
	Kinds   []Count
}

// A Letter leads to where a letter begins.
type Letter struct {
	Letter, Href string
	Here         bool
}

// List draws a list.
func (p *Pages) List(page Page, l List) []byte {
	return p.draw("list", struct {
		Page
		List
	}{page, l})
}

// A Results is a page of what a search found.
type Results struct {
	Asked   bool
	Total   uint64
	Facets  []Facet
	Entries []Entry
	Pager   Pager
}

// A Facet narrows a search.
type Facet struct {
	Name   string
	Count  uint64
	Href   string
	Chosen bool
}

// Search draws the search page.
func (p *Pages) Search(page Page, r Results) []byte {
	return p.draw("search", struct {
		Page
		Results
	}{page, r})
}

// An Example is a query to try.
type Example struct{ Name, Text, Href string }

// An Editor is the page where queries are written.
type Editor struct {
	Text     string
	Run      bool // whether the query is run at once
	Examples []Example
	Formats  []Form
	Prefixes string
	Base     string
	Timeout  int
	Words    string // what the script says, as JSON
	Shorter  string // where short addresses are made, "" for nowhere
}

// Sparql draws the editor.
func (p *Pages) Sparql(page Page, e Editor) []byte {
	return p.draw("sparql", struct {
		Page
		Editor
	}{page, e})
}

// A Dataset is the page about the data.
type Dataset struct {
	Figures    []Count
	Classes    []Count
	Properties []Count
	Version    uint64
	Updated    string
	Endpoint   string
	Forms      []Form
}

// Dataset draws the page about the data.
func (p *Pages) Dataset(page Page, d Dataset) []byte {
	return p.draw("dataset", struct {
		Page
		Dataset
	}{page, d})
}

// A File is a file to download.
type File struct{ Name, Href, Size, Time string }

// Dumps draws the list of files.
func (p *Pages) Dumps(page Page, files []File) []byte {
	return p.draw("dumps", struct {
		Page
		Files []File
	}{page, files})
}

// A Problem is an error to be read by people.
type Problem struct {
	Status        int
	Title, Detail string
	Offers        []Offer
	Line, Column  int
}

// An Offer is a form that is there.
type Offer struct{ Type, URL string }

// Error draws an error.
func (p *Pages) Error(page Page, e Problem) []byte {
	return p.draw("error", struct {
		Page
		Problem Problem
	}{page, e})
}
