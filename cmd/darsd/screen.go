package main

import (
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"darsd/dars"
)

// screenWidth is how many columns a terminal has at the least.
const screenWidth = 80

// A table is rows of cells, aligned. What is too wide for the screen is folded
// within its column: at blanks and commas first, then with less air between the
// columns, and only then in the middle of a word.
type table [][]string

func (t table) write(w io.Writer) error {
	if len(t) == 0 {
		return nil
	}
	t = t.legible()
	gap := 2
	whole, words := t.widths()
	widths := shrink(whole, words, over(whole, gap))
	if over(widths, gap) > 0 {
		gap = 1
	}
	short := slices.Repeat([]int{8}, len(widths))
	widths = t.used(shrink(widths, short, over(widths, gap)))
	var b strings.Builder
	for _, row := range t {
		writeRow(&b, row, widths, gap)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// widths are what each column needs: for its longest cell, and for its longest
// word.
func (t table) widths() (whole, words []int) {
	for _, row := range t {
		for i, cell := range row {
			if i == len(whole) {
				whole, words = append(whole, 0), append(words, 0)
			}
			whole[i] = max(whole[i], utf8.RuneCountInString(cell))
			for _, word := range cutWords(cell) {
				words[i] = max(words[i], utf8.RuneCountInString(strings.TrimRight(word, " ")))
			}
		}
	}
	return whole, words
}

// used are the widths that the folded cells have.
func (t table) used(widths []int) []int {
	used := make([]int, len(widths))
	for _, row := range t {
		for i, cell := range row {
			for _, line := range fold(cell, widths[i]) {
				used[i] = max(used[i], utf8.RuneCountInString(line))
			}
		}
	}
	return used
}

// over is how many columns a row has more than the screen.
func over(widths []int, gap int) int {
	n := gap*(len(widths)-1) - screenWidth
	for _, w := range widths {
		n += w
	}
	return n
}

// shrink takes an excess from the columns, always from the widest of those that
// can still give.
func shrink(widths, least []int, excess int) []int {
	widths = slices.Clone(widths)
	for ; excess > 0; excess-- {
		widest := -1
		for i, w := range widths {
			if w > least[i] && (widest < 0 || w > widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			break
		}
		widths[widest]--
	}
	return widths
}

// writeRow writes one row, in as many lines as its longest cell needs.
func writeRow(b *strings.Builder, row []string, widths []int, gap int) {
	var cells [][]string
	lines := 1
	for i, cell := range row {
		folded := fold(cell, widths[i])
		cells = append(cells, folded)
		lines = max(lines, len(folded))
	}
	for n := range lines {
		var line strings.Builder
		at := 0 // where the column begins
		for i, cell := range cells {
			text := ""
			if n < len(cell) {
				text = cell[n]
			}
			line.WriteString(strings.Repeat(" ", at-utf8.RuneCountInString(line.String())))
			line.WriteString(text)
			at += widths[i] + gap
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
}

// fold cuts a text into lines of a width.
func fold(text string, width int) (lines []string) {
	line := ""
	for _, word := range cutWords(text) {
		for utf8.RuneCountInString(strings.TrimRight(line+word, " ")) > width {
			if line != "" {
				lines, line = append(lines, strings.TrimRight(line, " ")), ""
				continue
			}
			runes := []rune(word)
			cut := width
			if i := strings.LastIndexAny(string(runes[:width]), "-/_"); i >= width/2 {
				cut = utf8.RuneCountInString(string(runes[:width])[:i]) + 1
			}
			lines, word = append(lines, string(runes[:cut])), string(runes[cut:])
		}
		line += word
	}
	return append(lines, strings.TrimRight(line, " "))
}

// cutWords parts a text behind its blanks and commas.
func cutWords(text string) (words []string) {
	for text != "" {
		i := strings.IndexAny(text, " ,") + 1
		if i == 0 {
			i = len(text)
		}
		for i < len(text) && text[i] == ' ' {
			i++
		}
		words, text = append(words, text[:i]), text[i:]
	}
	return words
}

// oneLine is a text as a cell of a table takes it.
func oneLine(text string) string { return dars.Legible(strings.Join(strings.Fields(text), " ")) }

// brief is the beginning of a text, on one line.
func brief(text string) string {
	letters := []rune(oneLine(text))
	if len(letters) > 60 {
		return string(letters[:59]) + "…"
	}
	return string(letters)
}

// legible is a table whose cells move no cursor: the second wall, whoever wrote
// what stands in them and wherever it was let in.
func (t table) legible() table {
	safe := make(table, len(t))
	for i, row := range t {
		safe[i] = make([]string, len(row))
		for j, cell := range row {
			safe[i][j] = dars.Legible(strings.NewReplacer("\n", " ", "\t", " ", "\r", " ").Replace(cell))
		}
	}
	return safe
}
