package documents

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// shape is an element of a drawing as steps.
func shape(name string, attrs map[string]string) ([]segment, error) {
	size := map[string]float64{}
	for _, key := range []string{"x", "y", "width", "height", "rx", "ry", "cx", "cy", "r"} {
		all, err := decimals(strings.TrimSuffix(attrs[key], "px"))
		if err != nil || len(all) > 1 {
			return nil, fmt.Errorf("<%s>: %s=%q is no number", name, key, short(attrs[key]))
		}
		if len(all) == 1 {
			size[key] = all[0]
		}
	}
	switch name {
	case "path":
		return steps(attrs["d"])
	case "polygon":
		all, err := decimals(attrs["points"])
		if err != nil || len(all) < 4 {
			return nil, err
		}
		return corners(all), nil
	case "rect":
		if size["rx"] > 0 || size["ry"] > 0 {
			return nil, fmt.Errorf("<rect>: round corners are not drawn: make a path of it")
		}
		x, y, w, h := size["x"], size["y"], size["width"], size["height"]
		return corners([]float64{x, y, x + w, y, x + w, y + h, x, y + h}), nil
	case "circle":
		return oval(size["cx"], size["cy"], size["r"], size["r"]), nil
	case "ellipse":
		return oval(size["cx"], size["cy"], size["rx"], size["ry"]), nil
	}
	return nil, nil // a group
}

func corners(xy []float64) (path []segment) {
	for i := 0; i+1 < len(xy); i += 2 {
		op := byte('L')
		if i == 0 {
			op = 'M'
		}
		path = append(path, segment{op, [3]spot{{xy[i], xy[i+1]}}})
	}
	return append(path, segment{op: 'Z'})
}

// oval is four curves, which are off by less than three ten-thousandths of the radius.
func oval(x, y, rx, ry float64) []segment {
	const k = 0.5522847498 // 4/3 (√2 − 1)
	if rx <= 0 || ry <= 0 {
		return nil
	}
	curve := func(x1, y1, x2, y2, x3, y3 float64) segment {
		return segment{'C', [3]spot{{x + x1*rx, y + y1*ry}, {x + x2*rx, y + y2*ry}, {x + x3*rx, y + y3*ry}}}
	}
	return []segment{
		{'M', [3]spot{{x + rx, y}}},
		curve(1, k, k, 1, 0, 1), curve(-k, 1, -1, k, -1, 0), curve(-1, -k, -k, -1, 0, -1), curve(k, -1, 1, -k, 1, 0),
		{op: 'Z'},
	}
}

var decimal = regexp.MustCompile(`^[\s,]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)`)

// decimals reads numbers as SVG writes them: "1.5.5-3" are three.
func decimals(s string) (all []float64, err error) {
	for rest := s; strings.Trim(rest, ", \t\r\n") != ""; {
		found := decimal.FindStringSubmatch(rest)
		if found == nil {
			return nil, fmt.Errorf("%q is no list of numbers", short(s))
		}
		n, err := strconv.ParseFloat(found[1], 64)
		if err != nil || far(n) {
			return nil, fmt.Errorf("%q is no list of numbers", short(s))
		}
		all, rest = append(all, n), rest[len(found[0]):]
	}
	return all, nil
}

var pathStep = regexp.MustCompile(`^[\s,]*([a-zA-Z])([^a-zA-Z]*(?:[eE][+-]?[0-9]+[^a-zA-Z]*)*)`)

// needs is how many numbers each step takes (SVG 1.1, 8.3).
var needs = map[byte]int{'M': 2, 'L': 2, 'H': 1, 'V': 1, 'C': 6, 'S': 4, 'Q': 4, 'T': 2, 'Z': 0}

// A stylus is where a path has come to.
type stylus struct {
	at, from spot // now, and where its part began
	cubic    spot // the second handle of the curve before, for S
	square   spot // the handle of the one before, for T
	path     []segment
}

// steps reads a path.
func steps(d string) ([]segment, error) {
	var s stylus
	for rest := d; strings.TrimSpace(rest) != ""; {
		found := pathStep.FindStringSubmatch(rest)
		if found == nil || len(s.path) == 0 && found[1] != "M" && found[1] != "m" {
			return nil, fmt.Errorf("<path>: %q is no path", short(d))
		}
		rest = rest[len(found[0]):]
		op := found[1][0]
		upper := op &^ 0x20
		relative := op != upper
		n, known := needs[upper]
		if !known {
			return nil, fmt.Errorf("<path>: steps %q are not drawn: make curves of them", op)
		}
		all, err := decimals(found[2])
		if err != nil {
			return nil, err
		}
		if n == 0 && len(all) > 0 || n > 0 && (len(all) == 0 || len(all)%n != 0) {
			return nil, fmt.Errorf("<path>: %q has %d numbers", found[0], len(all))
		}
		if n == 0 {
			s.path = append(s.path, segment{op: 'Z'})
			s.at, s.cubic, s.square = s.from, s.from, s.from
			continue
		}
		for i := 0; i < len(all); i += n {
			s.step(upper, relative, all[i:i+n])
			if upper == 'M' {
				upper = 'L' // what follows a move are lines
			}
		}
	}
	return s.path, nil
}

// step makes one step; relative ones count from where the path is.
func (s *stylus) step(op byte, relative bool, a []float64) {
	var o spot
	if relative {
		o = s.at
	}
	p := func(i int) spot { return spot{o.x + a[i], o.y + a[i+1]} }
	mirror := func(h spot) spot { return spot{2*s.at.x - h.x, 2*s.at.y - h.y} }
	switch op {
	case 'M':
		s.from = p(0)
		s.line('M', p(0))
	case 'L':
		s.line('L', p(0))
	case 'H':
		s.line('L', spot{o.x + a[0], s.at.y})
	case 'V':
		s.line('L', spot{s.at.x, o.y + a[0]})
	case 'C':
		s.curve(p(0), p(2), p(4))
	case 'S':
		s.curve(mirror(s.cubic), p(0), p(2))
	case 'Q':
		s.bend(p(0), p(2))
	case 'T':
		s.bend(mirror(s.square), p(0))
	}
}

func (s *stylus) line(op byte, to spot) {
	s.path = append(s.path, segment{op, [3]spot{to}})
	s.at, s.cubic, s.square = to, to, to
}

func (s *stylus) curve(one, two, to spot) {
	s.path = append(s.path, segment{'C', [3]spot{one, two, to}})
	s.at, s.cubic, s.square = to, two, to
}

// bend is a curve with one handle, drawn as one with two.
func (s *stylus) bend(handle, to spot) {
	toward := func(p spot) spot { return spot{p.x + (handle.x-p.x)*2/3, p.y + (handle.y-p.y)*2/3} }
	s.path = append(s.path, segment{'C', [3]spot{toward(s.at), toward(to), to}})
	s.at, s.cubic, s.square = to, to, handle
}
