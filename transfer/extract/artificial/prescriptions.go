package artificial

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"darsd/dars"
)

// Prescriptions are dispensed items of the same persons, in another shape:
// seven columns with bars between, no quotes (a quotation mark means inches),
// no header, and the NHS number itself.
type Prescriptions struct {
	Seed    uint64
	Persons int
	Year    int
}

func (p Prescriptions) people() population { return population{p.Seed, p.Persons} }

// Columns are the names of the columns, in order.
func (p Prescriptions) Columns() (names []string) {
	for _, f := range p.Fields() {
		names = append(names, f.Name)
	}
	return names
}

// Fields say what the columns mean.
func (p Prescriptions) Fields() []dars.Field {
	return describe(`
ITEM      | Item identifier              | string
PATIENT   | NHS number                   | string  | identifying
DISPENSED | Date dispensed               | date
BNF       | British National Formulary   | string
PRODUCT   | Product as dispensed         | string
QUANTITY  | Quantity                     | integer |             | 0
PRACTICE  | Practice of the prescriber   | string  |             | &
`)
}

// Period is the code of the year, as in file names.
func (p Prescriptions) Period() string { return fmt.Sprintf("%04d99", p.Year) }

// WriteObjections writes the list that [Episodes.WriteObjections] writes.
func (p Prescriptions) WriteObjections(w io.Writer, share float64, spelling Spelling) error {
	return p.people().writeObjections(w, share, spelling)
}

// Write writes so many rows.
func (p Prescriptions) Write(w io.Writer, rows int) error {
	if err := p.people().check(); err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	r := rand.New(rand.NewPCG(p.Seed, ofItems+uint64(p.Year)))
	for n := range rows {
		who := p.people().person(r.IntN(p.Persons))
		day := time.Date(p.Year, 4, 1+r.IntN(365), 0, 0, 0, 0, time.UTC)
		product := pick(r, "Paracetamol 500mg tablets", `Dressing 4" x 5", sterile`, "Amoxicillin 250mg/5ml, oral suspension", `"Nicotine" 2mg gum`, "Ibuprofen 400mg tablets")
		_, err := fmt.Fprintf(out, "%d%08d|%s|%s|%02d%02d%02d0|%s|%d|%s\n", p.Year, n, who.number(r), day.Format(time.DateOnly),
			1+r.IntN(15), 1+r.IntN(9), 1+r.IntN(9), product, r.IntN(4)*28, who.practice)
		if err != nil {
			return err
		}
	}
	return out.Flush()
}
