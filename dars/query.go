package dars

import (
	"encoding/json"
	"fmt"
	"slices"
)

// The query desk is the second way to data: not files but answers. Somebody with system
// access asks for a table, and gets one that tells of groups and never of a person
// (domain 7.9, 7.10). Each question is kept with its outcome, refusals too; of the rows
// nothing is kept, and of persons nothing.

// QueryID is the number of a question, "QRY-000001".
type QueryID string

// A Query is one question to the query desk.
type Query struct {
	ID        QueryID         `json:"id"`
	State     QueryState      `json:"state"`
	By        PersonID        `json:"by"`
	Org       OrgCode         `json:"org"`
	Agreement AgreementID     `json:"agreement"`
	Access    ReleaseID       `json:"access"` // the system access under which it was asked
	Dataset   string          `json:"dataset"`
	Asked     Day             `json:"asked"`
	Holders   []OrgCode       `json:"holders"` // whom the answer reaches: the parties to the agreement
	Request   json.RawMessage `json:"request"` // as it was understood

	// Whom it is about: the request's limits and the list of objections, never persons.
	// Later questions of the same holders are held against it.
	Population json.RawMessage `json:"population"`
	List       ListID          `json:"list"`
	ListSHA256 string          `json:"list_sha256"`

	Table   *TableMade `json:"table,omitempty"`   // if it was answered
	Refused *NoTable   `json:"refused,omitempty"` // if not
}

// NoTable is why there is none.
type NoTable struct {
	Rule     string `json:"rule"`
	Sentence string `json:"sentence"`
}

// A TableMade is what is known of a table that was published.
type TableMade struct {
	Rules      string `json:"rules"`
	Cells      int    `json:"cells"`      // with totals
	Suppressed int    `json:"suppressed"` // counts of few persons
	Withheld   int    `json:"withheld"`   // so that none of those can be worked out
	Bytes      int64  `json:"bytes"`      // as CSV
	SHA256     string `json:"sha256"`
	Shown      int64  `json:"shown"` // bytes of the same, for people to read
}

// A QueryState is where a question is in its life.
type QueryState string

const (
	QueryAsked    QueryState = "asked" // and being counted; or it was, when the program ended
	QueryAnswered QueryState = "answered"
	QueryRefused  QueryState = "refused"
)

// QueryLife is every step of a question.
//
//	asked ──▶ answered
//	  └─────▶ refused
var QueryLife = Life[QueryState]{
	QueryAsked: {QueryAnswered, QueryRefused},
}

func (q *Query) Card() Card {
	k := []Key{By("agreement", q.Agreement), By("dataset", q.Dataset), By("person", q.By), By("org", q.Org)}
	for _, org := range q.Holders {
		k = append(k, By("holder", org))
	}
	return Card{"query", string(q.ID), string(q.State), k}
}

// Tells reports whether an answer to it has left, or may have: one that was being
// counted when the program ended is taken for an answer.
func (q *Query) Tells() bool { return q.State != QueryRefused }

// Vault is where its table lies: as CSV, as text, and as the signs of its entries, which
// later tables are held against.
func (q *Query) Vault(ending string) string { return fmt.Sprintf("queries/%s.%s", q.ID, ending) }

// Answer notes the table that was published.
func (q *Query) Answer(t TableMade) (err error) {
	if q.State, err = QueryLife.Step(q, q.State, QueryAnswered); err == nil {
		q.Table = &t
	}
	return err
}

// Refuse notes why there is no table.
func (q *Query) Refuse(why *Refusal) (err error) {
	if q.State, err = QueryLife.Step(q, q.State, QueryRefused); err == nil {
		q.Refused = &NoTable{why.Rule, why.Sentence}
	}
	return err
}

// QueryBudget refuses a question beyond as many as one person may ask under one
// agreement in a day. One that was refused counts: a refusal is an answer too.
func QueryBudget(asked []*Query, who PersonID, g AgreementID, most int, on Day) error {
	n := len(slices.DeleteFunc(slices.Clone(asked), func(q *Query) bool { return q.By != who || q.Agreement != g || q.Asked != on }))
	if n < most {
		return nil
	}
	return Refuse("query-budget", g, "you have asked %d questions under agreement %s today, and %d a day is the most: ask again tomorrow, or ask the office for a tabulation", n, g, most)
}
