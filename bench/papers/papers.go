package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"darsd/bench/figure"
	"darsd/dars"
	"darsd/documents"
)

// compete is what our own processes do.
func compete(what string, args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	if what == "certificates" {
		return drawMany(n)
	}
	seal, err := readKey(args[0])
	if err != nil {
		return err
	}
	pdf, err := paper(seal, n)
	if err != nil {
		return err
	}
	return os.WriteFile(args[2], pdf, 0o600)
}

// writeKey makes the office's seal, as an office does once.
func writeKey(dir string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	certificate, err := documents.SelfSigned(key, office.Name, big.NewInt(1), time.Now().AddDate(-20, 0, 0), time.Now().AddDate(20, 0, 0))
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "certificate"), certificate, 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "key"), private, 0o600)
}

func readKey(dir string) (s documents.Seal, err error) {
	private, err := os.ReadFile(filepath.Join(dir, "key"))
	if err != nil {
		return s, err
	}
	key, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return s, err
	}
	certificate, err := os.ReadFile(filepath.Join(dir, "certificate"))
	if err != nil {
		return s, err
	}
	s.Key = key.(*ecdsa.PrivateKey) // we wrote it
	s.Certificate, err = x509.ParseCertificate(certificate)
	return s, err
}

// A length is how many paragraphs make how many pages.
type length struct{ paragraphs, pages int }

// lengthen finds the agreement that has so many pages, and writes it.
func lengthen(dir string, pages int) (l length, err error) {
	seal, err := readKey(dir)
	if err != nil {
		return l, err
	}
	for l.pages < pages {
		l.paragraphs += 2
		pdf, err := paper(seal, l.paragraphs)
		if err != nil {
			return l, err
		}
		if l.pages = strings.Count(string(pdf), "<</Type /Page\n") - 1; l.pages > 5*pages { // the seal writes the first anew
			return l, fmt.Errorf("the agreement has %d pages at once", l.pages)
		}
		if err := os.WriteFile(filepath.Join(dir, "paper.pdf"), pdf, 0o600); err != nil {
			return l, err
		}
	}
	return l, nil
}

// inDaemon draws a paper again and again in this process.
func inDaemon(dir string, paragraphs, papers int) (run, error) {
	seal, err := readKey(dir)
	if err != nil {
		return run{}, err
	}
	var all []run
	for range papers + 5 {
		cpu, begun := ownCPU(), time.Now()
		if _, err := paper(seal, paragraphs); err != nil {
			return run{}, err
		}
		all = append(all, run{wall: time.Since(begun), cpu: ownCPU() - cpu})
	}
	// CPU is counted in coarse steps, and the collector of garbage comes late: its mean.
	all, m := all[5:], run{}
	for _, r := range all {
		m.cpu += r.cpu / time.Duration(len(all))
	}
	m.wall = median(all).wall
	return m, nil
}

func ownCPU() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// many draws certificates in a process of its own: a tenth of them on one processor, as
// many on all, and then the whole number. That the last needs hardly more memory shows
// that it is bounded; how much longer the first takes than the second shows, on a busy
// machine too, that all processors work.
func many(self, dir string, certificates int, figures figure.File) error {
	fmt.Printf("\nCertificates as forms, in one run:\n%-8s %10s %9s %10s %9s %9s %6s\n", "", "processors", "wall s", "a second", "CPU s", "CPU/wall", "MB")
	tenth, last := max(certificates/10, 1), run{}
	for _, round := range []struct{ n, processors int }{{tenth, 1}, {tenth, runtime.NumCPU()}, {certificates, runtime.NumCPU()}} {
		c := contestant{name: "certificates", args: []string{self, "-only", "certificates", dir, fmt.Sprint(round.n)}, env: []string{fmt.Sprint("GOMAXPROCS=", round.processors)}}
		r, err := c.run()
		if err != nil {
			return err
		}
		fmt.Printf("%-8d %10d %9.1f %10.0f %9.1f %9.2f %6d\n", round.n, round.processors, r.wall.Seconds(), float64(round.n)/r.wall.Seconds(), r.cpu.Seconds(), r.cpu.Seconds()/r.wall.Seconds(), r.mb)
		last = r
	}
	return figures.Add(figure.Figure{Key: "papers/certificates", Ours: float64(certificates) / last.wall.Seconds()}, figure.Figure{Key: "papers/memory", Ours: float64(last.mb)})
}

// drawMany draws certificates on every processor, and keeps none. They are forms, and
// bear no seal.
func drawMany(n int) error {
	var next atomic.Int64
	var g errgroup.Group
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() error {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				if _, err := press().Certificate(certificate(int(i))); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

var office = dars.Office{Name: "Health and Social Care Information Centre", Address: "1 Trevelyan Square, Boar Lane, Leeds LS1 6AE", Telephone: "0300 303 5678", Email: "data.access@office.example"}

func press() documents.Press { return documents.Press{Office: office} }

// paper is an agreement, drawn and sealed.
func paper(seal documents.Seal, paragraphs int) ([]byte, error) {
	pdf, err := press().Agreement(agreement(paragraphs))
	if err != nil {
		return nil, err
	}
	return seal.Put(pdf)
}

const sentence = "Emergency admission for asthma in year %d of the study is largely avoidable, and its rate differs threefold between districts of similar need. " +
	"We ask how much of that is explained by primary care, by air quality and by housing — and what is not. Analysts of substantive employment work on the data on one server, and tables leave it with small numbers suppressed.\n\n"

// agreement is about as real ones are: long where the applicant says what for.
func agreement(paragraphs int) dars.AgreementFacts {
	var purpose [2]strings.Builder
	for i := range paragraphs {
		fmt.Fprintf(&purpose[i%2], sentence, i+1)
	}
	app := &dars.Application{
		Stem: "DARS-NIC-000001-B1C2D", Major: 1, Kind: "new", State: dars.Approved, Submitted: "2016-01-18",
		Form: dars.Form{
			Title: "Admissions for asthma in children and young people, 2001 to 2015", Organisation: "8J001",
			Controllers: []dars.OrgCode{"8J001"}, Processors: []dars.OrgCode{"8HX22"},
			Locations: []dars.Location{{Address: "University of Northshire, Secure Data Hall, NS1 2AB"}},
			Territory: "England and Wales", Start: "2016-04-01", End: "2017-03-31",
			Datasets: []dars.DatasetRequest{{Code: "HES_APC", Periods: []string{"200199", "200299", "201599"}, Identifiability: "PSEUDO_ICO", Gateway: "HSCA261_1_2BII", Sensitive: true,
				Fields: []string{"ENCRYPTED_HESID", "ADMIDATE", "DIAG_01", "DIAG_02", "SEX", "STARTAGE", "LSOA01"}, From: "2001-04-01", To: "2015-03-31", Frequency: "One-off"}},
			Purpose: dars.Purpose{Objective: purpose[0].String(), Processing: purpose[1].String(), Outputs: "Two papers in journals, and a report.", Benefits: "Fewer admissions."},
		},
	}
	return dars.AgreementFacts{
		Agreement: &dars.Agreement{
			ID: "DARS-NIC-000001-B1C2D-v1.0", Stem: "DARS-NIC-000001-B1C2D", Version: "v1.0", Title: app.Form.Title, Org: "8J001",
			Contact: "P-000011", Recipients: []dars.PersonID{"P-000011"},
			Controllers: []dars.Signing{{Org: "8J001", Contract: "CON-000001-X0X0X"}},
			Processors:  []dars.OrgCode{"8HX22"}, Datasets: app.Form.Datasets, Start: "2016-04-01", End: "2017-03-31", Issued: "2016-03-15",
		},
		Application: app, Catalogue: dars.Catalogue{{Code: "HES_APC", Name: "Hospital Episode Statistics Admitted Patient Care"}},
		Organisations: organisations(), People: people(),
		Fingerprint: "SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8",
		Policy:      dars.Policy{DownloadWindowDays: 14, CertificateDays: 14, AuditAfterDays: 56},
	}
}

// certificate is one of many, for two files at two holders.
func certificate(n int) dars.CertificateFacts {
	g := agreement(2).Agreement
	g.Ended = g.End
	c := &dars.Certificate{ID: dars.CertificateID(fmt.Sprintf("CERT-%06d", n)), Agreement: g.ID, Org: "8J001", Issued: "2017-04-01", Due: "2017-04-14", Holders: []dars.OrgCode{"8J001", "8HX22"}}
	for i, period := range []string{"200199", "200299"} {
		id := dars.FileID(fmt.Sprintf("FILE%07d", 2*n+i))
		c.Files = append(c.Files, dars.SentFile{File: id, Release: "REL-000001", Size: 1_874_200_113,
			Path: "data/" + dars.FileName(id, g.Stem, "HES_APC", period, dars.Format{Delimiter: "|"}),
			Sent: []dars.SentTo{{Person: "P-000011", Bytes: 1_874_200_113, Last: "2016-05-03"}}})
	}
	return dars.CertificateFacts{Certificate: c, Agreement: g, Organisations: organisations(), People: people()}
}

func organisations() map[dars.OrgCode]*dars.Organisation {
	return map[dars.OrgCode]*dars.Organisation{
		"8J001": {Code: "8J001", Name: "University of Northshire", Address: "Senate House, 4 College Road, Northshire NS1 2AB", ICO: "Z1234567", ICOExpires: "2017-01-31", Security: "IG Toolkit v13", SecurityExpires: "2017-03-31"},
		"8HX22": {Code: "8HX22", Name: "Instytut Danych Łódź–Plymouth", Address: "ul. Piotrkowska 10, Łódź", ICO: "ZA123456", Security: "SLSP, reviewed"},
	}
}

func people() map[dars.PersonID]*dars.Person {
	return map[dars.PersonID]*dars.Person{"P-000011": {ID: "P-000011", Org: "8J001", Login: "amira", Name: "Dr Amira Haddad", Email: "amira@northshire.example"}}
}
