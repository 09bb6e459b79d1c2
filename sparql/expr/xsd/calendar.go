package xsd

// The proleptic Gregorian calendar with a year 0 (XSD 1.1 part 2, D.2.1), for years that
// fit into int64 seconds.

const (
	maxYear       = 99_999_999_999 // eleven digits
	secondsPerDay = 86_400         // seconds
	daysPer400    = 146_097        // days in 400 years
	epochShift    = 719_468        // days from 0000-03-01 to 1970-01-01
)

var (
	firstSecond = dayOf(-maxYear, 1, 1) * secondsPerDay
	lastSecond  = (dayOf(maxYear, 12, 31)+1)*secondsPerDay - 1
)

// dayOf returns the day of a date, in days since 1970-01-01. It counts years from March,
// so that leap days come last.
func dayOf(y int64, m, d int) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	era, yearOfEra := floorDiv(y, 400)
	dayOfYear := int64((153*(m-3)+2)/5 + d - 1)
	return era*daysPer400 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - epochShift
}

// dateOf is the inverse of dayOf.
func dateOf(day int64) (y int64, m, d int) {
	era, dayOfEra := floorDiv(day+epochShift, daysPer400)
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	mp := (5*dayOfYear + 2) / 153
	d = int(dayOfYear - (153*mp+2)/5 + 1)
	m = int(mp) + 3
	y = yearOfEra + era*400
	if m > 12 {
		m -= 12
		y++
	}
	return y, m, d
}

func daysIn(y int64, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// floorDiv divides towards the past; the rest is never negative.
func floorDiv(a, b int64) (quotient, rest int64) {
	quotient, rest = a/b, a%b
	if rest < 0 {
		quotient--
		rest += b
	}
	return quotient, rest
}
