package artificial

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"darsd/dars"
)

// Episodes are finished consultant episodes of one financial year: comma
// separated, quoted where needed, with a header, 193 columns.
type Episodes struct {
	Seed         uint64
	Persons      int
	Year         int  // in which the financial year begins: 2001 is FYEAR 0102
	Identifiable bool // with NEWNHSNO, DOB and HOMEADD at the end
}

func (e Episodes) people() population { return population{e.Seed, e.Persons} }

// Columns are the names of the columns, in order.
func (e Episodes) Columns() (names []string) {
	for _, f := range e.Fields() {
		names = append(names, f.Name)
	}
	return names
}

// Fields say what the columns mean.
func (e Episodes) Fields() []dars.Field {
	if e.Identifiable {
		return describe(catalogue + strings.TrimPrefix(identifiers, "\n"))
	}
	return describe(catalogue)
}

// Period is the code of the year, as in file names: "200199".
func (e Episodes) Period() string { return fmt.Sprintf("%04d99", e.Year) }

// WriteIndex writes who the persons are: PSEUDO_HESID,NHS_NUMBER, a row for
// each number. One person in a hundred is not in it.
func (e Episodes) WriteIndex(w io.Writer) error { return e.people().writeIndex(w) }

// WriteObjections writes a list of the persons who object; share is how many of
// all there are, 0 to 1.
func (e Episodes) WriteObjections(w io.Writer, share float64, spelling Spelling) error {
	return e.people().writeObjections(w, share, spelling)
}

// Write writes a header and so many rows. One person in twenty has most of them.
func (e Episodes) Write(w io.Writer, rows int) error {
	if err := e.people().check(); err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	columns := e.Columns()
	out.WriteString(strings.Join(columns, ","))
	out.WriteByte('\n')

	places := map[string]int{}
	for i, name := range columns {
		places[name] = i
	}
	r := rand.New(rand.NewPCG(e.Seed, ofRows+uint64(e.Year)))
	often := max(1, e.Persons/20)
	for n := range rows {
		i := r.IntN(e.Persons)
		if r.IntN(5) < 2 {
			i = r.IntN(often)
		}
		row := episode{values: make([]string, len(columns)), places: places}
		row.fill(e, n, e.people().person(i), r)
		for c, value := range row.values {
			if c > 0 {
				out.WriteByte(',')
			}
			if strings.ContainsAny(value, "\",\n\r\t") {
				value = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
			}
			out.WriteString(value)
		}
		if err := out.WriteByte('\n'); err != nil {
			return err
		}
	}
	return out.Flush()
}

// episode is a row while it is made.
type episode struct {
	values []string
	places map[string]int
}

func (e *episode) set(name, value string) {
	if i, ok := e.places[name]; ok {
		e.values[i] = value
	}
}

func (e *episode) setInt(name string, value int) { e.set(name, strconv.Itoa(value)) }

func (e *episode) fill(of Episodes, n int, who person, r *rand.Rand) {
	e.set("FYEAR", fmt.Sprintf("%02d%02d", of.Year%100, (of.Year+1)%100))
	e.set("PARTYEAR", of.Period())
	e.set("EPIKEY", fmt.Sprintf("%d%09d", 100+of.Year%900, n))
	e.set("AEKEY", fmt.Sprintf("%012d", 100_000_000_000+r.Int64N(899_999_999_999)))
	e.set("SUSRECID", fmt.Sprintf("%d", 1_000_000_000_000+r.Int64N(98_999_999_999_999)))
	e.set("PSEUDO_HESID", who.pseudonym)

	e.stay(of, who, r)
	e.diagnoses(r)
	e.procedures(r)
	e.whereabouts(who, r)

	e.set("MYDOB", who.born.Format("012006"))
	e.set("ETHNOS", who.ethnicity)
	e.setInt("SEX", map[bool]int{true: 1, false: 2}[who.male])
	if of.Identifiable {
		e.set("NEWNHSNO", who.number(r))
		e.set("DOB", who.born.Format(time.DateOnly))
		e.set("HOMEADD", who.postcode)
	}
}

// stay is when, how and for how long.
func (e *episode) stay(of Episodes, who person, r *rand.Rand) {
	april := time.Date(of.Year, 4, 1, 0, 0, 0, 0, time.UTC)
	admitted := april.AddDate(0, 0, r.IntN(350))
	if who.born.After(admitted) {
		admitted = who.born
	}
	spell := r.IntN(12) * r.IntN(3)
	length := spell
	order := 1
	if spell > 3 && r.IntN(6) == 0 {
		order, length = 2, spell/2
	}
	start := admitted.AddDate(0, 0, spell-length)
	finished := r.IntN(50) > 0

	e.set("ADMIDATE", admitted.Format(time.DateOnly))
	e.set("EPISTART", start.Format(time.DateOnly))
	e.set("EPIEND", start.AddDate(0, 0, length).Format(time.DateOnly))
	e.setInt("EPIDUR", length)
	e.setInt("EPIORDER", order)
	e.setInt("SPELDUR", spell)
	e.setInt("SPELDUR_CALC", spell)
	e.set("SPELBGIN", map[bool]string{true: "2", false: "0"}[order == 1])
	switch {
	case finished:
		e.set("DISDATE", admitted.AddDate(0, 0, spell).Format(time.DateOnly))
		e.set("DISDEST", pick(r, "19", "19", "19", "19", "51", "79"))
		e.set("DISMETH", pick(r, "1", "1", "1", "1", "1", "2", "4"))
		e.set("SPELEND", "Y")
		e.set("EPISTAT", "3")
	default:
		e.set("DISDATE", pick(r, "", nullDate))
		e.set("DISDEST", "98")
		e.set("DISMETH", "8")
		e.set("SPELEND", "N")
		e.set("EPISTAT", "1")
	}

	method := pick(r, "11", "12", "13", "21", "21", "22", "24", "28", "31", "81")
	elective := method < "20"
	e.set("ADMIMETH", method)
	e.set("ADMINCAT", pick(r, "01", "01", "01", "01", "01", "01", "01", "02", "98"))
	e.set("ADMISORC", pick(r, "19", "19", "19", "19", "51", "79"))
	e.set("CLASSPAT", pick(r, "1", "1", "2"))
	e.set("EPITYPE", "1")
	wait := 1 + r.IntN(200)
	switch {
	case elective && r.IntN(30) > 0:
		e.set("ELECDATE", admitted.AddDate(0, 0, -wait).Format(time.DateOnly))
		e.setInt("ELECDUR", wait)
		e.setInt("ELECDUR_CALC", wait)
	case elective:
		e.set("ELECDATE", invalidDate)
		e.set("ELECDUR", "9999")
	default:
		e.set("ELECDATE", nullDate)
		e.set("ELECDUR", "9998")
	}
	flag := func(name string, on bool) { e.setInt(name, map[bool]int{true: 1}[on]) }
	flag("WAITLIST", elective)
	flag("FAE", order == 1)
	flag("FAE_EMERGENCY", order == 1 && method >= "21" && method <= "28")
	flag("FCE", finished)
	flag("FDE", finished)

	days := int(start.Sub(who.born).Hours() / 24)
	e.setInt("STARTAGE", days*100/36525)
	e.set("STARTAGE_CALC", strconv.FormatFloat(float64(days)/365, 'g', -1, 64))
	if days < 365 {
		e.setInt("STARTAGE", 7001+min(6, days/52))
	}
	if days < 28 {
		e.set("NEODUR", strconv.Itoa(days)+".0")
	}
}

func (e *episode) diagnoses(r *rand.Rand) {
	var short, long []string
	for n := 1 + r.IntN(4) + r.IntN(2)*r.IntN(3); len(long) < n; {
		code := fmt.Sprintf("%c%02d%s", 'A'+r.IntN(26), r.IntN(100), pick(r, "0", "1", "2", "8", "9", "X"))
		if n == 1 && r.IntN(20) == 0 {
			code = "R69X"
		}
		short, long = append(short, code[:3]), append(long, code)
	}
	count := len(long)
	if count == 1 && r.IntN(2) == 0 { // how some providers write that there is no second
		short, long = append(short, "-"), append(long, "-")
	}
	for i := range long {
		e.set(fmt.Sprintf("DIAG_3_%02d", i+1), short[i])
		e.set(fmt.Sprintf("DIAG_4_%02d", i+1), long[i])
	}
	e.set("DIAG_3_CONCAT", strings.Join(short, ","))
	e.set("DIAG_4_CONCAT", strings.Join(long, ","))
	e.set("DIAG_COUNT", strconv.Itoa(count)+".0")
	if i := slices.IndexFunc(long, func(c string) bool { return c >= "V01" && c < "Y99" }); i >= 0 {
		e.set("CAUSE_3", short[i])
		e.set("CAUSE_4", long[i])
	}
}

func (e *episode) procedures(r *rand.Rand) {
	// No procedure is a dash, padded to the width of a code; a site may follow it.
	short, long := []string{"-  "}, []string{"-   "}
	n := r.IntN(4)
	if n > 0 && r.IntN(8) > 0 {
		short, long = nil, nil
	}
	for range n {
		code := fmt.Sprintf("%c%02d%d", 'A'+r.IntN(26), 1+r.IntN(98), 1+r.IntN(9))
		short, long = append(short, code[:3]), append(long, code)
	}
	for i := range long {
		e.set(fmt.Sprintf("OPERTN_3_%02d", i+1), short[i])
		e.set(fmt.Sprintf("OPERTN_4_%02d", i+1), long[i])
	}
	e.set("OPERTN_3_CONCAT", strings.Join(short, ","))
	e.set("OPERTN_4_CONCAT", strings.Join(long, ","))
	if n > 0 {
		e.set("OPERTN_COUNT", strconv.Itoa(n)+".0")
	}
}

// whereabouts are where the person lives and was treated. Site codes are typed by
// hand, and one in a hundred shows it: quotes, tabs, line ends.
func (e *episode) whereabouts(who person, r *rand.Rand) {
	e.set("GPPRAC", who.practice)
	if r.IntN(60) == 0 {
		e.set("GPPRAC", pick(r, "V81999", "V81998", "&"))
	}
	e.set("LSOA01", who.lsoa)
	e.set("MSOA01", who.msoa)
	if r.IntN(40) == 0 {
		e.set("LSOA01", pick(r, "", "Z99999999"))
	}
	e.set("RESLADST", who.district)
	e.set("RESGOR", who.gor)
	e.set("RESCTY", pick(r, "00", "00", "12", "21", "30", "43"))
	e.set("RESPCT_HIS", who.trust)
	e.set("RESSTHA_HIS", who.authority)
	e.set("PCTCODE_HIS", who.trust)
	e.set("PCTORIG_HIS", pick(r, "1", "1", "1", "1", "4", "6"))
	e.set("PCTTREAT", pick(r, who.trust, "59999"))
	e.set("STHATRET", who.authority)
	e.set("PROCODE3", who.provider)
	e.set("PROCODE5", who.provider+pick(r, "00", "01", "75"))
	e.set("PURCODE", "Q"+who.trust[1:]+"00")
	e.set("MAINSPEF", pick(r, "100", "110", "300", "300", "320", "420", "430", "501", "502"))
	e.set("TRETSPEF", pick(r, "100", "110", "300", "300", "320", "420", "430", "501", "502"))
	e.set("SITETRET", pick(r, who.provider+"01", who.provider+"02", ""))
	if r.IntN(100) == 0 {
		e.set("SITETRET", pick(r, who.provider+"01\n", who.provider+"\t02", "Ward \"7\", "+who.provider, "\""+who.provider+"\"\r\nsee note,\n\n"))
	}
}
