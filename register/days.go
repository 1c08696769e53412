package register

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"darsd/dars"
)

// A workbook holds a day as a number, counted from the end of 1899, and only the style
// of its cell says that it is one.

// nothingOfDays is what of a format is no letter for a part of a day: text in quotes,
// colours and languages in brackets, and signs that stand for themselves.
var nothingOfDays = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|\\.|_.|\*.|(?i:general)`)

// formats reads which styles of cells show days.
func (r *reading) formats() error {
	const part = "xl/styles.xml"
	if r.files[part] == nil {
		return nil
	}
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := r.decode(part, &styles); err != nil {
		return err
	}
	// Of those that every workbook has: days, and the seventeenth is a month.
	codes := map[int]string{14: "d/m/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 22: "d/m/yyyy h:mm"}
	for _, f := range styles.Formats {
		codes[f.ID] = f.Code
	}
	for _, c := range styles.Cells {
		r.styles = append(r.styles, strings.ToLower(nothingOfDays.ReplaceAllString(codes[c.Format], "")))
	}
	return nil
}

// shown is a number as its style shows it: a day as 2019-07-01, a month as Jul-19, and
// all else as it stands.
func (r *reading) shown(style, value string) string {
	i, err := strconv.Atoi(style)
	if err != nil || i < 0 || i >= len(r.styles) {
		return value
	}
	format := r.styles[i]
	n, err := strconv.ParseFloat(value, 64)
	if err != nil || n < 1 || n >= 2958466 || !strings.ContainsAny(format, "yd") { // the year 10000
		return value
	}
	day := dars.Day("1899-12-30").Add(int(n))
	at, err := time.Parse(time.DateOnly, string(day))
	switch part := n - float64(int(n)); {
	case err != nil:
		return value
	case !strings.Contains(format, "d"):
		return at.Format("Jan-06")
	case strings.Contains(format, "h") && part > 0:
		return fmt.Sprintf("%s %s", day, at.Add(time.Duration(part*float64(24*time.Hour)).Round(time.Second)).Format(time.TimeOnly))
	}
	return string(day)
}
