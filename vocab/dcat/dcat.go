// Package dcat names the terms of DCAT 3, which describes catalogues of data.
package dcat

import "mocban/graph"

// NS is the namespace.
const NS graph.IRI = "http://www.w3.org/ns/dcat#"

// The classes. A class that shares its name with a property has "Class" at the end.
const (
	CatalogClass      = NS + "Catalog"
	CatalogRecord     = NS + "CatalogRecord"
	DataService       = NS + "DataService"
	DatasetClass      = NS + "Dataset"
	DatasetSeries     = NS + "DatasetSeries"
	DistributionClass = NS + "Distribution"
	Relationship      = NS + "Relationship"
	ResourceClass     = NS + "Resource"
	Role              = NS + "Role"
)

// The properties.
const (
	AccessService             = NS + "accessService"
	AccessURL                 = NS + "accessURL"
	Bbox                      = NS + "bbox"
	ByteSize                  = NS + "byteSize"
	Catalog                   = NS + "catalog"
	Centroid                  = NS + "centroid"
	CompressFormat            = NS + "compressFormat"
	ContactPoint              = NS + "contactPoint"
	Dataset                   = NS + "dataset"
	Distribution              = NS + "distribution"
	DownloadURL               = NS + "downloadURL"
	EndDate                   = NS + "endDate"
	EndpointDescription       = NS + "endpointDescription"
	EndpointURL               = NS + "endpointURL"
	First                     = NS + "first"
	HadRole                   = NS + "hadRole"
	HasCurrentVersion         = NS + "hasCurrentVersion"
	HasVersion                = NS + "hasVersion"
	InCatalog                 = NS + "inCatalog"
	InSeries                  = NS + "inSeries"
	IsVersionOf               = NS + "isVersionOf"
	Keyword                   = NS + "keyword"
	LandingPage               = NS + "landingPage"
	Last                      = NS + "last"
	MediaType                 = NS + "mediaType"
	Next                      = NS + "next"
	PackageFormat             = NS + "packageFormat"
	Prev                      = NS + "prev"
	PreviousVersion           = NS + "previousVersion"
	QualifiedRelation         = NS + "qualifiedRelation"
	Record                    = NS + "record"
	Resource                  = NS + "resource"
	SeriesMember              = NS + "seriesMember"
	ServesDataset             = NS + "servesDataset"
	Service                   = NS + "service"
	SpatialResolutionInMeters = NS + "spatialResolutionInMeters"
	StartDate                 = NS + "startDate"
	TemporalResolution        = NS + "temporalResolution"
	Theme                     = NS + "theme"
	ThemeTaxonomy             = NS + "themeTaxonomy"
	Version                   = NS + "version"
)
