package disclosure

import "slices"

// A network is a table of two dimensions as somebody sees it who would work out its
// counts. Each count that was published is a channel from its row to its column that
// carries at least and at most so much; each total is a channel too; and what flows in
// flows out. Every table that agrees with what was published is a flow, and every flow
// is such a table: so the least and the most that one channel can carry is exactly
// what can be known of its count. Whole numbers stay whole.
//
//	          row totals           cells           column totals
//	source ──────────────▶ rows ──────────▶ columns ──────────────▶ sink
//	   ▲                                                             │
//	   └───────────────────── the total of all ──────────────────────┘
type network struct {
	channels []channel
	at       [][]int // the channels that begin or end at a node
	entry    []int   // the channel of each entry of the table

	// What a search has found so far: by which channel it came to a node, if it did.
	came  []int
	queue []int
}

// A channel is what one entry of the table carries from one node to another.
type channel struct {
	from, to int
	flow     int
	Span
}

// What came may say beside a channel.
const (
	unseen = -1
	origin = -2
)

// newNetwork lays the network of a table. What is thought to be its counts, nil if
// nothing is, is where its flow begins.
func newNetwork(shape Shape, spans []Span, thought []int) *network {
	rows, columns := len(shape[0].Values), len(shape[1].Values)
	source, row, column, sink := 0, 1, 1+rows, 1+rows+columns
	g := &network{
		at:    make([][]int, sink+1),
		entry: make([]int, len(spans)),
		came:  make([]int, sink+1),
	}
	lay := func(from, to, i, j int) {
		e := shape.Entry(i, j)
		c := channel{from: from, to: to, Span: spans[e], flow: spans[e].Low}
		if thought != nil {
			c.flow = min(max(thought[e], c.Low), c.High)
		}
		g.entry[e] = len(g.channels)
		g.at[from] = append(g.at[from], len(g.channels))
		g.at[to] = append(g.at[to], len(g.channels))
		g.channels = append(g.channels, c)
	}
	for i := range rows {
		for j := range columns {
			lay(row+i, column+j, i, j)
		}
		lay(source, row+i, i, columns)
	}
	for j := range columns {
		lay(column+j, sink, rows, j)
	}
	lay(sink, source, rows, columns)
	return g
}

// balance makes what flows into each node flow out of it. It says false if no table
// agrees with what was published.
func (g *network) balance() bool {
	surplus := make([]int, len(g.at))
	for _, c := range g.channels {
		surplus[c.to] += c.flow
		surplus[c.from] -= c.flow
	}
	for node := range surplus {
		for surplus[node] > 0 {
			lacking, ok := g.search(node, func(n int) bool { return surplus[n] < 0 }, unseen)
			if !ok {
				return false
			}
			moved := g.push(lacking, min(surplus[node], -surplus[lacking]))
			surplus[node] -= moved
			surplus[lacking] += moved
		}
	}
	return !slices.ContainsFunc(surplus, func(n int) bool { return n != 0 })
}

// search looks for a way on which more could flow from one node to another that is
// sought, without one channel. What it finds is in came.
func (g *network) search(from int, sought func(node int) bool, without int) (found int, ok bool) {
	for n := range g.came {
		g.came[n] = unseen
	}
	g.came[from] = origin
	g.queue = append(g.queue[:0], from)
	for k := 0; k < len(g.queue); k++ {
		node := g.queue[k]
		for _, id := range g.at[node] {
			c := &g.channels[id]
			next, more := c.to, c.flow < c.High
			if c.to == node {
				next, more = c.from, c.flow > c.Low // less flows the other way
			}
			if !more || id == without || g.came[next] != unseen {
				continue
			}
			g.came[next] = id
			if sought(next) {
				return next, true
			}
			g.queue = append(g.queue, next)
		}
	}
	return 0, false
}

// push lets more flow on the way that was found to a node, at most so much, and says
// how much more.
func (g *network) push(to, most int) int {
	for node := to; g.came[node] != origin; {
		c := &g.channels[g.came[node]]
		if c.to == node {
			most, node = min(most, c.High-c.flow), c.from
		} else {
			most, node = min(most, c.flow-c.Low), c.to
		}
	}
	for node := to; g.came[node] != origin; {
		c := &g.channels[g.came[node]]
		if c.to == node {
			c.flow += most
			node = c.from
		} else {
			c.flow -= most
			node = c.to
		}
	}
	return most
}

// most lets an entry carry as much as it can, but no more than enough, and says how
// much that is.
func (g *network) most(entry, enough int) int {
	id := g.entry[entry]
	c := &g.channels[id]
	for c.flow < min(c.High, enough) {
		if _, ok := g.search(c.to, func(n int) bool { return n == c.from }, id); !ok {
			break
		}
		c.flow += g.push(c.from, min(c.High, enough)-c.flow)
	}
	return c.flow
}

// least lets an entry carry as little as it can, but no less than enough.
func (g *network) least(entry, enough int) int {
	id := g.entry[entry]
	c := &g.channels[id]
	for c.flow > max(c.Low, enough) {
		if _, ok := g.search(c.from, func(n int) bool { return n == c.to }, id); !ok {
			break
		}
		c.flow -= g.push(c.to, c.flow-max(c.Low, enough))
	}
	return c.flow
}
