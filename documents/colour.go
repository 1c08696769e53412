package documents

import (
	"encoding/binary"
	"math"
	"sync"
)

// colours is the profile as all papers have it, compressed.
var colours = sync.OnceValue(func() []byte { return deflate(sRGB()) })

// sRGB is what our colours mean, as a profile of the International Color
// Consortium (ICC.1:2001-04): without one, a paper that is to last would have to
// be in shades of nothing in particular. Its numbers are those of IEC 61966-2-1,
// adapted to the white of paper.
func sRGB() []byte {
	curve := toneCurve()
	tags := []struct {
		name string
		data []byte
	}{
		{"desc", description("sRGB IEC61966-2.1")},
		{"cprt", append([]byte("text\x00\x00\x00\x00"), "No copyright, use freely\x00"...)},
		{"wtpt", point(0.9642, 1, 0.82491)},
		{"rXYZ", point(0.43607, 0.22249, 0.01392)},
		{"gXYZ", point(0.38515, 0.71687, 0.09708)},
		{"bXYZ", point(0.14307, 0.06061, 0.71410)},
		{"rTRC", curve}, {"gTRC", curve}, {"bTRC", curve},
	}
	table := word(uint32(len(tags)))
	var body []byte
	for _, t := range tags {
		at := 128 + 4 + 12*len(tags) + len(body)
		table = append(table, t.name...)
		table = append(append(table, word(uint32(at))...), word(uint32(len(t.data)))...)
		body = append(body, t.data...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	profile := append(append(profileHead(), table...), body...)
	binary.BigEndian.PutUint32(profile, uint32(len(profile)))
	return profile
}

func profileHead() []byte {
	head := make([]byte, 128)
	binary.BigEndian.PutUint32(head[8:], 0x02100000) // version 2.1
	copy(head[12:], "mntrRGB XYZ ")
	binary.BigEndian.PutUint16(head[24:], 2016) // a date is asked for
	binary.BigEndian.PutUint16(head[26:], 1)
	binary.BigEndian.PutUint16(head[28:], 1)
	copy(head[36:], "acsp")
	copy(head[68:], point(0.9642, 1, 0.82491)[8:])
	return head
}

// toneCurve is how light each of 256 values is.
func toneCurve() []byte {
	curve := append([]byte("curv\x00\x00\x00\x00"), word(256)...)
	for i := range 256 {
		curve = binary.BigEndian.AppendUint16(curve, uint16(math.Round(linear(i)*65535)))
	}
	return curve
}

// linear is how light one of those values is, from 0 to 1.
func linear(value int) float64 {
	c := float64(value) / 255
	if c > 0.04045 {
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return c / 12.92
}

func point(x, y, z float64) []byte {
	b := []byte("XYZ \x00\x00\x00\x00")
	for _, v := range []float64{x, y, z} {
		b = append(b, word(uint32(int32(math.Round(v*65536))))...)
	}
	return b
}

func description(s string) []byte {
	b := append([]byte("desc\x00\x00\x00\x00"), word(uint32(len(s)+1))...)
	return append(append(b, s...), make([]byte, 1+4+4+2+1+67)...) // and the same in no other script
}

func word(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
