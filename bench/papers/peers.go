package main

import (
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// peers are the other programs that are here.
func peers(dir, page string) (all []contestant) {
	for _, p := range []struct {
		name string
		args func(out string) []string
	}{
		{"weasyprint", func(out string) []string { return []string{page, out} }},
		{"wkhtmltopdf", func(out string) []string {
			return []string{"--quiet", "--enable-local-file-access", "--page-size", "A4", page, out}
		}},
		{"chromium", func(out string) []string {
			return append(headless(dir), "--no-pdf-header-footer", "--print-to-pdf="+out, "file://"+page)
		}},
	} {
		program, err := exec.LookPath(p.name)
		if err != nil {
			fmt.Printf("%s is missing: apt-get install %s\n", p.name, p.name)
			continue
		}
		out := filepath.Join(dir, p.name+".pdf")
		all = append(all, contestant{name: p.name, args: append([]string{program}, p.args(out)...), out: out})
	}
	return all
}

// headless is how Chromium is started without a screen.
func headless(dir string) []string {
	return []string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--user-data-dir=" + filepath.Join(dir, "profile")}
}

const style = `<style>
@font-face { font-family: Sans; src: url("file://%[1]s/SourceSans3-Regular.ttf"); font-weight: 400 }
@font-face { font-family: Sans; src: url("file://%[1]s/SourceSans3-Semibold.ttf"); font-weight: 600 }
@page { size: A4; margin: 29mm 22mm 30mm; @top-right { content: "DARS-NIC-000001-B1C2D-v1.0 page " counter(page) " of " counter(pages); font: 600 8.6pt Sans } }
body { font: 10pt/14pt Sans; color: #20262e; margin: 0 }
h1 { font: 600 22pt Sans; color: #00305c } h2 { font: 600 13pt Sans; color: #00305c; break-after: avoid } h3 { font: 600 10.8pt Sans }
table { width: 100%%; border-collapse: collapse; font-size: 8.8pt } th { text-align: left; width: 47mm } td, th { border-bottom: .2mm solid #ced5dc; padding: 1.7mm; vertical-align: top }
</style>`

// asHTML writes a paper's words as a page for the web, by the paper's own tags.
func asHTML(paper, dir, fonts string) (page string, words int, err error) {
	said, err := exec.Command("pdfinfo", "-struct-text", paper).Output()
	if err != nil {
		return "", 0, fmt.Errorf("pdfinfo reads the tags: %w", err)
	}
	if fonts, err = filepath.Abs(fonts); err != nil {
		return "", 0, err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<!DOCTYPE html><html lang=en-GB><meta charset=utf-8><title>Agreement</title>"+style+"\n", fonts)
	body, words := elements(string(said))
	b.WriteString(body)
	page = filepath.Join(dir, "paper.html")
	return page, words, os.WriteFile(page, []byte(b.String()), 0o600)
}

var roles = map[string]string{"H1": "h1", "H2": "h2", "H3": "h3", "P": "p", "Table": "table", "TR": "tr", "TH": "th", "TD": "td", "L": "ul", "LI": "li", "LBody": "span", "Sect": "section"}

var role = regexp.MustCompile(`^( *)([A-Z][A-Za-z0-9]*)(?: \(\w+\))?:?$`)

// elements turns what pdfinfo says, an element or its text on each line, into HTML.
func elements(said string) (body string, words int) {
	type open struct {
		deep int
		name string
	}
	var b strings.Builder
	var within []open
	label := false // a list's own dots come by themselves
	for line := range strings.Lines(said) {
		line = strings.TrimRight(line, "\n")
		m := role.FindStringSubmatch(line)
		if m == nil {
			text := strings.TrimSpace(line)
			if strings.HasPrefix(text, `"`) && !label {
				text = strings.Trim(text, `"`)
				words += len(strings.Fields(text))
				b.WriteString(html.EscapeString(text) + " ")
			}
			continue
		}
		for len(within) > 0 && within[len(within)-1].deep >= len(m[1]) {
			fmt.Fprintf(&b, "</%s>", within[len(within)-1].name)
			within = within[:len(within)-1]
		}
		label = m[2] == "Lbl"
		if name := roles[m[2]]; name != "" {
			fmt.Fprintf(&b, "\n<%s>", name)
			within = append(within, open{len(m[1]), name})
		}
	}
	return b.String(), words
}

// facts says what a file is, as pdfinfo sees it.
func facts(pdf string) string {
	said, err := exec.Command("pdfinfo", pdf).Output()
	if err != nil {
		return "no PDF"
	}
	fact := func(name string) string {
		_, after, _ := strings.Cut(string(said), name+":")
		value, _, _ := strings.Cut(after, "\n")
		return strings.TrimSpace(value)
	}
	return fmt.Sprintf("%s pages, %s, tagged: %s", fact("Pages"), fact("File size"), fact("Tagged"))
}
