package lc

// processes are the functions that rows call by name, where a row would not do.
var processes map[string]processFunc

func init() { // in a function, because rows are compiled by what these call
	processes = map[string]processFunc{
		"id":                  identifier,
		"standard":            standard,
		"descriptionLanguage": descriptionLanguage,
		"conventions":         conventions,
		"capture":             capture,
		"coordinates":         coordinates,
		"languages":           languageCodes,
		"areas":               areas,
		"period":              period,
		"dates":               dates,
		"composition":         composition,
		"performer":           performed,
		"class":               classification,
		"class052":            classMap,
		"class055":            classCanada,
		"code072":             subjectCode,
		"source072":           subjectSource,
		"ddc":                 ddc,

		"creator":         creator,
		"contributor":     contributor,
		"expression":      expression,
		"related":         related,
		"nonsort":         nonsorts,
		"title":           title,
		"variant":         variant,
		"former":          former,
		"publisherNumber": publisherNumber,

		"frequency":      frequency,
		"rda":            rda,
		"thing":          describedThing,
		"property":       property,
		"characteristic": characteristic,
		"object352":      objectType,
		"supplementary":  supplementary,
		"numbering":      numbering,
		"origin":         origin,
		"language377":    associatedLanguage,
		"thematic":       thematic,
		"audience":       audience,

		"note":        note5,
		"policy":      policies5,
		"citation":    citation,
		"indexed":     indexed,
		"relnote":     relationNote,
		"transcribed": transcribed,
		"series":      tracedSeries,

		"nameSubject":  nameSubject,
		"titleSubject": titleSubject,
		"subject":      subject,
		"uncontrolled": uncontrolled,
		"occupation":   occupation,
		"hierarchy":    hierarchy,
		"analytic":     analytic,
		"link758":      linkEquivalent,
		"link":         linked,
		"electronic":   electronic,

		"zero":  zeros,
		"two":   twos,
		"three": threes,
		"five":  fives,
	}
}
