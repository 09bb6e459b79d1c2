// Package foaf names the terms of FOAF.
package foaf

import "mocban/graph"

// NS is the namespace.
const NS graph.IRI = "http://xmlns.com/foaf/0.1/"

// The classes.
const (
	Agent        = NS + "Agent"
	Document     = NS + "Document"
	Group        = NS + "Group"
	Image        = NS + "Image"
	Organization = NS + "Organization"
	Person       = NS + "Person"
	Project      = NS + "Project"
)

// The properties.
const (
	Account           = NS + "account"
	Age               = NS + "age"
	Depiction         = NS + "depiction"
	Depicts           = NS + "depicts"
	FamilyName        = NS + "familyName"
	FirstName         = NS + "firstName"
	Focus             = NS + "focus"
	GivenName         = NS + "givenName"
	Homepage          = NS + "homepage"
	Img               = NS + "img"
	IsPrimaryTopicOf  = NS + "isPrimaryTopicOf"
	Knows             = NS + "knows"
	Logo              = NS + "logo"
	Maker             = NS + "maker"
	Mbox              = NS + "mbox"
	Member            = NS + "member"
	Name              = NS + "name"
	Nick              = NS + "nick"
	Page              = NS + "page"
	PrimaryTopic      = NS + "primaryTopic"
	Thumbnail         = NS + "thumbnail"
	Title             = NS + "title"
	Topic             = NS + "topic"
	WorkplaceHomepage = NS + "workplaceHomepage"
)
