package publish

import (
	"slices"

	"mocban/graph/rdfio"
	"mocban/publish/negotiate"
)

// A form is a way to show a document.
type form struct {
	ext       string
	mediaType string
	aliases   []string
	rdf       *rdfio.Format // nil for pages, JSON and MARC
}

// The forms that are not RDF formats.
var (
	formHTML    = &form{ext: "html", mediaType: "text/html", aliases: []string{"application/xhtml+xml"}}
	formJSON    = &form{ext: "json", mediaType: "application/json"}
	formMARCXML = &form{ext: "marcxml", mediaType: "application/marcxml+xml"}
	formMARC    = &form{ext: "mrc", mediaType: "application/marc", aliases: []string{"application/marc21"}}
)

// entityForms are those of a document, what we like best first.
var entityForms = []*form{
	formHTML, ofRDF(rdfio.JSONLD), formJSON, ofRDF(rdfio.Turtle), ofRDF(rdfio.NTriples), ofRDF(rdfio.RDFXML),
	ofRDF(rdfio.NQuads), ofRDF(rdfio.TriG), formMARCXML, formMARC,
}

// rdfForms are those of a graph.
var rdfForms = slices.DeleteFunc(slices.Clone(entityForms), func(f *form) bool { return f.rdf == nil })

func ofRDF(f *rdfio.Format) *form {
	return &form{ext: f.Extension, mediaType: f.MediaType, aliases: f.Aliases, rdf: f}
}

// formByExt returns the form with a file extension.
func formByExt(ext string) (*form, bool) {
	for _, f := range entityForms {
		if f.ext == ext {
			return f, true
		}
	}
	return nil, false
}

// contentType returns the media type with what a client must know to read it.
func (f *form) contentType() string {
	switch f {
	case formMARC:
		return f.mediaType
	}
	if f.rdf == rdfio.JSONLD || f == formJSON || f == formMARCXML || f.rdf == rdfio.RDFXML {
		return f.mediaType // UTF-8 by their own rules
	}
	return f.mediaType + "; charset=utf-8"
}

// offers returns the forms as offers, in order.
func offers(forms []*form) []negotiate.Offer {
	all := make([]negotiate.Offer, len(forms))
	for i, f := range forms {
		all[i] = negotiate.Offer{Type: f.mediaType, Aliases: f.aliases}
	}
	return all
}

// choose returns the form that an Accept header asks for, or nil. Who says nothing at all is
// no browser, and gets JSON-LD if there is any.
func choose(accept []string, forms []*form, all []negotiate.Offer) *form {
	if len(accept) == 0 {
		for _, f := range forms {
			if f.rdf == rdfio.JSONLD {
				return f
			}
		}
	}
	header := ""
	for i, line := range accept {
		if i > 0 {
			header += ", "
		}
		header += line
	}
	if i := negotiate.Choose(header, all); i != negotiate.None {
		return forms[i]
	}
	return nil
}
