package web

import (
	"fmt"
	"html/template"
	"strings"

	"darsd/dars"
)

// Charts are drawn as SVG that stands in the page. Each has a title and says in words
// what it shows; the figures are in the table below it. Colours are told apart by
// labels too.

// stageColours are those of the design system, dark enough on white.
var stageColours = map[dars.RequestStage]string{
	dars.AtApplication: "#1d70b8", dars.AtApproval: "#54319f", dars.AtAccess: "#0f7a52", dars.AtDeletion: "#ca3535",
}

// svg puts a drawing into a frame that grows with the page.
func svg(id, title, says string, wide, high int, drawing string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="chart" role="img" aria-labelledby="%s-t %s-d" viewBox="0 0 %d %d"><title id="%s-t">%s</title><desc id="%s-d">%s</desc>%s</svg>`,
		id, id, wide, high, id, escaped(title), id, escaped(says), drawing))
}

func escaped(text string) string { return template.HTMLEscapeString(text) }

// auditColour is that of audits, which are no stage of the others.
const auditColour = "#505a5f"

// stageBars show how many requests are in each stage, and apart from these of how many an
// audit is open: they are in one of the stages as well.
func stageBars(stages []dars.StageFigure, audited int) template.HTML {
	most, says := max(1, audited), []string{}
	for _, s := range stages {
		most = max(most, s.Requests)
		says = append(says, fmt.Sprintf("%s: %d", s.Stage.Word(), s.Requests))
	}
	const label, wide, row, apart = 110, 410, 44, 14
	var b strings.Builder
	bar := func(y int, word, colour string, n int) {
		long := (wide - label - 55) * n / most
		fmt.Fprintf(&b, `<text x="0" y="%d">%s</text><rect x="%d" y="%d" width="%d" height="28" fill="%s"/><text x="%d" y="%d">%s</text>`,
			y+24, word, label, y+6, max(long, 1), colour, label+long+8, y+25, countWords(n))
	}
	for i, s := range stages {
		bar(i*row, s.Stage.Word(), stageColours[s.Stage], s.Requests)
	}
	under := row * len(stages)
	fmt.Fprintf(&b, `<line x1="0" y1="%d" x2="%d" y2="%d" stroke="#b1b4b6"/>`, under+apart/2, wide, under+apart/2)
	bar(under+apart, "Audit", auditColour, audited)
	says = append(says, fmt.Sprintf("beside these, with an open audit: %d", audited))
	return svg("stages", "Requests in each stage", strings.Join(says, "; "), wide, under+apart+row, b.String())
}

// stageLines show how the stages have changed, month by month.
func stageLines(months []dars.MonthFigure) template.HTML {
	if len(months) == 0 {
		return ""
	}
	const wide, high, left, right, foot = 430, 240, 40, 140, 30 // the names of stages need the right
	most := 1
	for _, m := range months {
		most = max(most, m.Application, m.Approval, m.Access, m.Deletion)
	}
	at := func(i, n int) (x, y int) {
		return left + (wide-left-right)*i/max(1, len(months)-1), 10 + (high-foot-10)*(most-n)/most
	}
	var b strings.Builder
	_, zero := at(0, 0)
	fmt.Fprintf(&b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#0b0c0c"/><text x="0" y="%d">0</text><text x="0" y="20">%d</text>`, left, zero, wide-right, zero, zero+5, most)
	fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text><text x="%d" y="%d" text-anchor="end">%s</text>`, left, high-6, months[0].Month, wide-right, high-6, months[len(months)-1].Month)
	for _, line := range []struct {
		stage dars.RequestStage
		of    func(dars.MonthFigure) int
	}{
		{dars.AtApplication, func(m dars.MonthFigure) int { return m.Application }},
		{dars.AtApproval, func(m dars.MonthFigure) int { return m.Approval }},
		{dars.AtAccess, func(m dars.MonthFigure) int { return m.Access }},
		{dars.AtDeletion, func(m dars.MonthFigure) int { return m.Deletion }},
	} {
		var points []string
		var x, y int
		for i, m := range months {
			x, y = at(i, line.of(m))
			points = append(points, fmt.Sprintf("%d,%d", x, y))
		}
		if len(points) == 1 {
			points = append(points, fmt.Sprintf("%d,%d", x+4, y))
		}
		fmt.Fprintf(&b, `<polyline fill="none" stroke="%s" stroke-width="3" points="%s"/>`, stageColours[line.stage], strings.Join(points, " "))
	}
	for i, s := range dars.RequestStages {
		stage := dars.RequestStage(s.Code)
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="12" height="12" fill="%s"/><text x="%d" y="%d">%s</text>`, wide-right+10, 12+i*26, stageColours[stage], wide-right+28, 23+i*26, stage.Word())
	}
	end := months[len(months)-1]
	return svg("over-time", "Requests in each stage over time", fmt.Sprintf("From %s to %s. At the end: application %d, approval %d, access %d, deletion %d. The table has every month.",
		months[0].Month, end.Month, end.Application, end.Approval, end.Access, end.Deletion), wide, high, b.String())
}

// fileColumns show how much was released in each month.
func fileColumns(months []dars.MonthFigure) template.HTML {
	if len(months) == 0 {
		return ""
	}
	const wide, high, foot = 400, 200, 30
	most, says := 1, []string{}
	for _, m := range months {
		most = max(most, m.Files)
		says = append(says, fmt.Sprintf("%s: %d", m.Month, m.Files))
	}
	slot := wide / len(months)
	var b strings.Builder
	for i, m := range months {
		tall := (high - foot - 24) * m.Files / most
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" fill="#1d70b8"/>`, i*slot+2, high-foot-tall, max(1, min(slot-4, 60)), tall)
		if m.Files > 0 {
			fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">%d</text>`, i*slot+2+min(slot-4, 60)/2, high-foot-tall-5, m.Files)
		}
	}
	fmt.Fprintf(&b, `<line x1="0" y1="%d" x2="%d" y2="%d" stroke="#0b0c0c"/><text x="0" y="%d">%s</text><text x="%d" y="%d" text-anchor="end">%s</text>`, high-foot, wide, high-foot, high-8, months[0].Month, wide, high-8, months[len(months)-1].Month)
	return svg("files", "Files released in each month", strings.Join(says, "; "), wide, high, b.String())
}
