package web

// A Link is a place to go to, or only its name.
type Link struct{ Name, Href, Title string }

// An Option is one of several to choose from.
type Option struct {
	Name, Text string
	Chosen     bool
}

// A Mapping is the page where a record is brought, and what it becomes.
type Mapping struct {
	Profiles   []Option
	Text       string // the record, as far as it can be pasted
	Asked      string // an IRI or number of a record in the store
	Choice     []Value
	Fits       *Fits  // another profile that may fit better
	Held       string // the record in Base64, to ask again for another form
	Done       bool
	Forms      []Form
	Records    []MappedRecord
	More       bool // there are more records than are shown
	MaxBytes   string
	MaxRecords int
}

// Fits is a profile that may fit records better, and why. URL is where they are mapped by it, if
// they need not be brought again.
type Fits struct{ Profile, Name, Why, URL string }

// A MappedRecord is a record with what it became.
type MappedRecord struct {
	ID           string
	Number       int
	Name, IRI    string
	Place, Wrong string // what is wrong with it, and where
	Counts       []StateCount
	Fields       []MappedField
	FieldsLeft   uint64 // that are not shown
	Nodes        []MappedNode
	Schema       []MappedNode // of Schema.org
	Total, Shown uint64       // triples
	Headings     []MappedHeading
	Looked       bool // for authority records
	Findings     []MappedFinding
}

// A StateCount tells of how many parts something became.
type StateCount struct {
	State, Name string
	Count       uint64
}

// A MappedField is a field, or an element.
type MappedField struct {
	ID, Tag, Indicators string
	Parts               []MappedPart
	Triples             []Link // of the field as a whole
}

// A MappedPart is a subfield with what became of it.
type MappedPart struct {
	ID, Code, Value, Lang string
	State, StateName      string
	Rules                 []Link
	Triples               []Link
}

// A MappedNode is a subject with its triples.
type MappedNode struct {
	Subject string
	Triples []MappedTriple
}

// A MappedTriple is a triple with the rules that made it and the subfields it comes from.
type MappedTriple struct {
	N        int
	ID       string
	Property string
	Value    Value
	Rules    []Link
	From     []Link
}

// A MappedHeading is a heading with the thing that it leads to, by what rule, and the authority
// records. If it leads to none of several, To has no name.
type MappedHeading struct {
	Tag, Heading, Lang, By string
	To                     Link
	Records                []Link
}

// A MappedFinding is something to look at.
type MappedFinding struct {
	Severity, SeverityName, Place, Value, Text, Rule, Href string
}

// Tab names the page among those below mapping.
func (Mapping) Tab() string { return "mapping" }

// Tab names the page among those below mapping.
func (Rules) Tab() string { return "rules" }

// Tab names the page among those below mapping.
func (Coverage) Tab() string { return "coverage" }

// Mapping draws the page where a record is mapped.
func (p *Pages) Mapping(page Page, m Mapping) []byte {
	return p.draw("mapping", struct {
		Page
		Mapping
	}{page, m})
}

// Rules is the page of the rows by which records are mapped.
type Rules struct {
	Ask      string
	Row      string // the place of the one row that is shown
	Field    string // the tag that was asked for
	Asked    bool
	Unmapped bool // no row reads the field that was asked for
	Total    int
	Profiles []Option
	Found    []Rule
	Tables   []Count
}

// A Rule is a row.
type Rule struct {
	Place, Kind, Tag, Indicators, Sub, When, Node, Path, Value string
	Example, Expected, Note                                    string
	Does, Profile                                              string
	Own, Used                                                  bool
	Gone                                                       string
}

// Rules draws the page of rows.
func (p *Pages) Rules(page Page, r Rules) []byte {
	return p.draw("rules", struct {
		Page
		Rules
	}{page, r})
}

// A Coverage is the page that tells how much of the records of each library is mapped.
type Coverage struct {
	Made      string
	Libraries []Covered
	Library   string // the one whose fields are shown
	Parts     []Covered
	Left      uint64 // parts that are not shown
}

// A Covered is a library, or a field of one, with what became of it.
type Covered struct {
	Name, Href                                string
	Times, Mapped, Nothing, Ignored, Unmapped uint64
	Example                                   string
}

// Share writes how much of the whole a number is.
func (c Covered) Share(n uint64) string {
	if c.Times == 0 {
		return "–"
	}
	tenths := (1000*n + c.Times/2) / c.Times
	if tenths == 0 && n > 0 {
		return "< 0.1 %"
	}
	return number(tenths/10) + "." + number(tenths%10) + " %"
}

// Coverage draws the page of coverage.
func (p *Pages) Coverage(page Page, c Coverage) []byte {
	return p.draw("coverage", struct {
		Page
		Coverage
	}{page, c})
}
