package mapping

// processes are the functions that rows call by name, where a row would not do.
var processes map[string]processFunc

func init() { // in a function, because rows are compiled by what these call
	processes = map[string]processFunc{
		"contributor":  contributor,
		"uniform":      uniform,
		"implied":      implied,
		"related":      related,
		"analytic":     analytic,
		"series":       series,
		"untraced":     untraced,
		"provision":    provision,
		"subject":      subject,
		"uncontrolled": uncontrolled,
		"linked":       linked,
		"holding":      holding,
		"stated":       stated,
		"piece":        piece,
		"koha":         koha,
		"electronic":   electronic,
		"policy":       policy,
		"variant":      variant,
		"relative":     relative,
		"equivalent":   equivalent,
		"standard":     standard,
		"attribute":    attribute,
		"point":        point,
		"seeAlso":      seeAlso,

		// Of UNIMARC, see unimarc.go.
		"ucontributor": uContributor,
		"uprovision":   uProvision,
		"ucountry":     uCountry,
		"useries":      uSeries,
		"uuniform":     uUniform,
		"ulinked":      uLinked,
		"usubject":     uSubject,
		"uwords":       uWords,
		"uplace":       uPlace,
		"uitem":        uItem,
		"uvariant":     uVariant,
		"urelative":    uRelative,
		"uequivalent":  uEquivalent,
		"ulife":        uLife,
		"unationality": uNationality,
		"upoint":       uPoint,
		"uaddress":     uAddress,
	}
}
