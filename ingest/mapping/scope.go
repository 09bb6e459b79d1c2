package mapping

import (
	"slices"
	"strings"

	"mocban/ontology"
)

// A scope is what the rows of a mapper are for.
type scope struct {
	profile string // never ""
	version string // of BIBFRAME
}

// has tells whether a row is for a scope. Its cell profile holds profiles and versions of
// BIBFRAME; of either kind that it names none of, it is for all.
func (s scope) has(r *ontology.Row) bool {
	var profiles, versions, inProfile, inVersion bool
	for only := range strings.FieldsSeq(r.Cell("profile")) {
		if version, isVersion := strings.CutPrefix(only, "bf-"); isVersion {
			versions = true
			inVersion = inVersion || version == s.version
			continue
		}
		profiles = true
		inProfile = inProfile || only == s.profile
	}
	return (!profiles || inProfile) && (!versions || inVersion)
}

// RowsFor returns tables of a library's own rows with only those rows that are for a profile and
// a version of BIBFRAME, which may be empty as in [Options]. The error tells of the first row
// that names one which there is not, or, of rows that are left out, the first which could not be
// compiled: a slip is told in every profile.
func RowsFor(profile, version string, tables []*ontology.Table) ([]*ontology.Table, error) {
	return scopeOf(profile, version).of(tables)
}

func scopeOf(profile, version string) scope {
	if profile == "" {
		profile = Default
	}
	if version == "" {
		version = BIBFRAME2
	}
	return scope{profile, version}
}

func (s scope) of(tables []*ontology.Table) (all []*ontology.Table, err error) {
	for _, t := range tables {
		own := *t
		own.Rows = nil
		for i := range t.Rows {
			r := &t.Rows[i]
			if err := soundScope(r); err != nil {
				return nil, err
			}
			if s.has(r) {
				own.Rows = append(own.Rows, *r)
			} else if err := soundApart(r); err != nil {
				return nil, err
			}
		}
		all = append(all, &own)
	}
	return all, nil
}

// soundScope tells whether what the cell profile of a row of a library names is there.
func soundScope(r *ontology.Row) error {
	names := []string{Default, UNIMARC, KohaVN} // LC takes no rows
	for _, v := range Versions {
		names = append(names, "bf-"+v)
	}
	for only := range strings.FieldsSeq(r.Cell("profile")) {
		if !slices.Contains(names, only) {
			return r.Error("profile", ontology.Wrongf("%q không phải hồ sơ hay phiên bản nào đã biết; có: %s (để trống: mọi hồ sơ)",
				"%q is no profile or version of BIBFRAME that rows can be for; there are: %s (empty: all)", only, strings.Join(names, ", ")))
		}
	}
	return nil
}

// soundApart tells whether a row of MARC that is not used could be.
func soundApart(r *ontology.Row) error {
	if ontology.IsTree(r) || r.Cell("does") == "off" {
		return nil
	}
	p := &plan{leader: &tagPlan{}}
	if err := p.add(r); err != nil {
		return err
	}
	return p.sound(r)
}
