package web

import (
	"cmp"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"darsd/dars"
)

// notFound is said of what is not public, too: nobody learns that it exists.
func notFound(ref string) error { return dars.Refuse("not-found", ref, "there is no such page") }

// A results is a page of the register.
type results struct {
	query
	Rows     []dars.PublicRelease
	Found    int
	Of       int
	Pages    int
	Datasets []string
	Years    []string
}

// Address is that of another page of the same search.
func (r results) Address(page int) string { return "/register" + r.query.encode(page) }

// Download is that of the same search in another form.
func (r results) Download(form string) string { return "/register." + form + r.query.encode(0) }

func (q query) encode(page int) string {
	all := url.Values{}
	for name, value := range map[string]string{"q": q.Words, "dataset": q.Dataset, "objections": q.Objections, "year": q.Year, "agreement": q.Agreement} {
		if value != "" {
			all.Set(name, value)
		}
	}
	if page > 1 {
		all.Set("page", strconv.Itoa(page))
	}
	if len(all) == 0 {
		return ""
	}
	return "?" + all.Encode()
}

func queryOf(r *http.Request) query {
	said := r.URL.Query()
	q := query{Words: heardOf(said, "q"), Dataset: heardOf(said, "dataset"), Objections: heardOf(said, "objections"), Year: heardOf(said, "year"), Agreement: heardOf(said, "agreement")}
	q.Page = pageOf(said)
	return q
}

// pageOf is the page that somebody asks for: the first if nothing is said.
func pageOf(said url.Values) int {
	n, _ := strconv.Atoi(heardOf(said, "page"))
	return max(n, 1)
}

// register is the list of releases.
func (v views) register(e *Edition, r *http.Request) (view, error) {
	q := queryOf(r)
	places := e.search(q)
	n := len(e.Rows)
	if places != nil {
		n = len(places)
	}
	pages := max(1, (n+rowsOnPage-1)/rowsOnPage)
	if q.Page > pages {
		return view{}, notFound("register")
	}
	from, to := (q.Page-1)*rowsOnPage, min(n, q.Page*rowsOnPage)
	shows := results{query: q, Found: n, Of: len(e.Rows), Pages: pages, Datasets: e.datasets, Years: e.years}
	if places == nil {
		shows.Rows = e.Rows[from:to]
	} else {
		shows.Rows = e.of(places[from:to])
	}
	return view{template: "register", title: "Register of releases", shows: shows}, nil
}

// release is one row, or all rows of a release that was made of several files.
func (v views) release(e *Edition, r *http.Request) (view, error) {
	id := r.PathValue("id")
	places := e.found[id]
	if len(places) == 0 {
		return view{}, notFound(id)
	}
	return view{template: "release", title: "Release " + id, shows: e.of(places)}, nil
}

// An objected is the page for patients.
type objected struct {
	Dashboard dars.Dashboard
	Objectors string
	ListAsAt  dars.Day
	Reasons   []reasoned
}

func (v views) objections(e *Edition, _ *http.Request) (view, error) {
	return view{template: "objections", title: "Your data and your objection", shows: objected{e.Dashboard, e.Objectors, e.ListAsAt, e.objections()}}, nil
}

func (v views) publications(*Edition, *http.Request) (view, error) {
	names, err := v.paperNames()
	return view{template: "publications", title: "Forms, prices and guides", shows: names}, err
}

func (v views) accessibility(*Edition, *http.Request) (view, error) {
	return view{template: "accessibility", title: "Accessibility statement"}, nil
}

// helpers are what templates may call.
var helpers = template.FuncMap{
	"passages": dars.Passages,
	"day":      func(d dars.Day) string { return cmp.Or(longDay(d), "not said") },
	"instant":  func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
	"stamp":    func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"join":     func(all []string) string { return strings.Join(all, ", ") },
	"or":       func(text, otherwise string) string { return cmp.Or(text, otherwise) },
	"paras":    paragraphs,
	"words":    func(code any) string { return strings.ReplaceAll(textOf(code), "-", " ") },
	"count":    countWords,
	"add":      func(a, b int) int { return a + b },
	"escape":   escapePath,
	"bars":     stageBars,
	"lines":    stageLines,
	"columns":  fileColumns,
	"columns13": func(all []dars.MonthFigure) []dars.MonthFigure {
		return all[max(0, len(all)-13):]
	},
	"columnheads": func() []string {
		return []string{"Received", "Decided", "Files", "Application", "Approval", "Access", "Deletion"}
	},
	"papername": func(name string) string {
		words := strings.ReplaceAll(strings.TrimSuffix(name, ".pdf"), "-", " ")
		return strings.ToUpper(words[:1]) + words[1:]
	},
	"first": func(words string) string {
		return strings.ToUpper(words[:min(1, len(words))]) + words[min(1, len(words)):]
	},
	"outcome": func(code string) string { return strings.ToLower(dars.Meaning(dars.Outcomes, code)) },
	"many": func(n int, what string) string {
		if n != 1 {
			what += "s"
		}
		return countWords(n) + " " + what
	},
	"step": func(code string) string { return stepWords[code] },
	"people": func(count string) string {
		n, err := strconv.Atoi(count)
		if err != nil {
			return count
		}
		return countWords(n)
	},
	"field":   fieldWords,
	"cell":    cellWords,
	"instead": insteadOf,
	"folded":  folded,
	"fold":    func(all []string) fold { return foldAfter(all, mostNames) },
}

// stepWords say who took a step to the decision, where the outcome does not.
var stepWords = map[string]string{
	"outcome": "the committee, ", "siro": "the senior information risk owner, ", "director": "the director, ", "class": "service level: ", "undone": "taken back: ",
}

func longDay(d dars.Day) string {
	if d == "" {
		return ""
	}
	return d.Long()
}

// paragraphs are the lines of a text of many lines.
func paragraphs(text string) (all []string) {
	for line := range strings.Lines(strings.ReplaceAll(text, "\r", "\n")) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// A fold is a list of which the first are shown, and the others when somebody asks.
type fold struct{ Shown, Folded []string }

// How much is shown before the rest is folded: letters of a text, and names of a list. A
// reader on a phone comes to what stands below.
const (
	mostLetters = 2500
	mostNames   = 8
)

// foldAfter folds what comes after so many, unless it is one alone.
func foldAfter(all []string, most int) fold {
	if len(all) <= most+1 {
		return fold{Shown: all}
	}
	return fold{all[:most], all[most:]}
}

// folded are the paragraphs of a text; a long one is folded after the first, or within it.
func folded(text string) fold {
	all, letters := paragraphs(text), 0
	for i, one := range all {
		switch letters += len(one); {
		case letters <= mostLetters:
		case i > 0:
			return foldAfter(all, i)
		default:
			if end := strings.LastIndex(one[:mostLetters], ". "); end > 0 {
				return fold{[]string{one[:end+1]}, append([]string{one[end+2:]}, all[1:]...)}
			}
		}
	}
	return fold{Shown: all}
}

// fieldWords is what a field is called.
func fieldWords(field string) string { return strings.ReplaceAll(field, "_", " ") }

func textOf(code any) string {
	switch c := code.(type) {
	case string:
		return c
	case dars.AgreementState:
		return string(c)
	case dars.ApplicationState:
		return string(c)
	case dars.AuditState:
		return string(c)
	case dars.CertificateState:
		return string(c)
	case dars.RequestStage:
		return c.Word()
	case dars.SanctionState:
		return string(c)
	case dars.RecallState:
		return string(c)
	}
	return ""
}

// countWords is a count as people write it: 104,451.
func countWords(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// escapePath writes a reference into an address; those of registers may hold anything.
func escapePath(ref any) string {
	parts := strings.Split(strings.TrimSpace(toText(ref)), "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

func toText(ref any) string {
	switch r := ref.(type) {
	case string:
		return r
	case dars.AgreementID:
		return string(r)
	case dars.ReleaseID:
		return string(r)
	case dars.ApplicationID:
		return string(r)
	}
	return ""
}

// sorted are names in order.
func sorted(all []string) []string {
	slices.Sort(all)
	return all
}
