package dars

import (
	"maps"
	"slices"
)

// A RegisterEntry is what the register has last said of one release of our own, row by row.
// What would be published next is held against it: a cell that comes to say something else
// leaves a dated correction, which nobody types and nobody can leave out.
type RegisterEntry struct {
	Release     ReleaseID                    `json:"release"`
	Rows        map[string]map[string]string `json:"rows"`        // cells by their fields, by the id of the row
	Corrections map[string][]Correction      `json:"corrections"` // by the id of the row, oldest first
}

func (e *RegisterEntry) Card() Card {
	return Card{"register entry", string(e.Release), "published", nil}
}

// Tells reports whether the entry says of some rows of its release what they say.
func (e *RegisterEntry) Tells(rows []PublicRelease) bool {
	for i := range rows {
		if !maps.Equal(e.Rows[rows[i].ID], rows[i].Said()) {
			return false
		}
	}
	return true
}

// Publish takes in what the rows of its release say from a day on. cause names the act by
// which a field came to say it.
func (e *RegisterEntry) Publish(rows []PublicRelease, on Day, cause func(RegisterColumn) string) {
	e.Rows, e.Corrections = made(e.Rows), made(e.Corrections)
	for i := range rows {
		id, says := rows[i].ID, rows[i].Said()
		if before, known := e.Rows[id]; known {
			e.Corrections[id] = append(e.Corrections[id], corrected(before, says, on, cause)...)
		}
		e.Rows[id] = says
	}
}

// corrected are the corrections of one row, one for each act that has led to some.
func corrected(before, says map[string]string, on Day, cause func(RegisterColumn) string) (all []Correction) {
	for _, c := range RegisterColumns {
		was, is := before[c.Field], says[c.Field]
		if was == is {
			continue
		}
		act := cause(c)
		i := slices.IndexFunc(all, func(k Correction) bool { return k.Act == act })
		if i < 0 {
			i, all = len(all), append(all, Correction{On: on, Act: act, Was: map[string]string{}, Is: map[string]string{}})
		}
		all[i].Was[c.Field], all[i].Is[c.Field] = was, is
	}
	return all
}

// made is a map that can be written to.
func made[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		m = map[K]V{}
	}
	return m
}

// Said are the cells of the row that say something, by their fields.
func (r *PublicRelease) Said() map[string]string {
	all := map[string]string{}
	for _, c := range RegisterColumns {
		if text := c.Of(r); text != "" {
			all[c.Field] = text
		}
	}
	return all
}
