package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"darsd/dars"
)

// edition takes in a register of many rows, as large as the national one has become
// (104,451 files in autumn 2026, under some 5,500 versions of agreements), twice, and
// lays all of it beside itself. Of 100,000 rows, on SQLite and two cores that twenty
// other programs wanted (November 2026): 133 s and 403 MB the first time, 6 s and 378 MB
// the second, which reads and changes nothing; guard check --all 10 s; log verify 40 s.
func (b *bench) edition(ctx context.Context, rows int) error {
	if err := os.RemoveAll(b.office()); err != nil {
		return err
	}
	if err := b.found(ctx); err != nil {
		return err
	}
	if err := b.command(ctx, "person", "add", "office", "cora", "--name", "Cora", "--role", "compliance", "--as", "olive").Run(); err != nil {
		return err
	}
	releases, agreements := filepath.Join(b.dir, "DataReleases.csv"), filepath.Join(b.dir, "Agreements.csv")
	if err := writeTable(releases, rows, releaseRow, "File Reference", "Applicant Organisation", "Dataset", "Type of Data", "Sensitive or Non-Sensitive", "Legal Basis for Provision of Data", "Frequency", "Reference Number", "Patient Opt-Outs Applied", "Month File Released"); err != nil {
		return err
	}
	if err := writeTable(agreements, rows/19, agreementRow, "Reference Number", "Application Title", "Applicant Organisation", "Data Controller(s)", "DSA Start Date", "DSA End Date", "Objective for Processing"); err != nil {
		return err
	}
	for _, args := range [][]string{{"register", "import", releases, agreements}, {"register", "import", releases, agreements}, {"guard", "check", "--all", "--json"}, {"log", "verify"}} {
		begun := time.Now()
		cmd := b.command(ctx, append([]string{"--as", "cora"}, args...)...)
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("darsd %s: %w", args[0], err)
		}
		fmt.Printf("%-44s %8.1f s, %d MB, %d bytes\n", args[0]+" "+args[1], time.Since(begun).Seconds(), cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss>>10, len(out))
	}
	return nil
}

// found makes an office of which nobody is known but its operator.
func (b *bench) found(ctx context.Context) error {
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return err
	}
	if _, err := makeKeys(b.dir); err != nil {
		return err
	}
	return b.initialise(ctx)
}

func writeTable(name string, rows int, row func(*rand.Rand, int) []string, headers ...string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	w := csv.NewWriter(f)
	w.UseCRLF = true
	w.Write(headers)
	rnd := rand.New(rand.NewPCG(1, 14))
	for n := range rows {
		w.Write(row(rnd, n))
	}
	if w.Flush(); w.Error() != nil {
		return w.Error()
	}
	return f.Close()
}

// nic is the nth reference of a register: three versions of a case, on average.
func nic(n int) string { return fmt.Sprintf("%s-v%d.%d", dars.CaseStem(n/3+1), n%3, n%5) }

func releaseRow(rnd *rand.Rand, n int) []string {
	one := func(of ...string) string { return of[rnd.IntN(len(of))] }
	row := fmt.Sprintf("FILE%07d", 12064+13*n)
	if rnd.IntN(50) == 0 {
		row = fmt.Sprintf("%s%05d", one("OTHER", "PCMD", "HDIS"), n)
	}
	agreement := rnd.IntN(5500)
	return []string{row, one("", "THE ") + fmt.Sprintf("UNIVERSITY OF NORTHSHIRE %d ", agreement%900), fmt.Sprintf("Hospital Episode Statistics %d", rnd.IntN(60)), one("Identifiable", "Anonymised - ICO code compliant"), one("Sensitive", "Non Sensitive"),
		"Health and Social Care Act 2012", one("One-Off", "Ongoing"), nic(agreement), one("N", "N", "N", "N", "No - data are anonymised", "Y", "Yes: upheld"), time.Month(1 + n%12).String()[:3] + fmt.Sprintf("-%02d", 16+n%10)}
}

func agreementRow(rnd *rand.Rand, n int) []string {
	org := fmt.Sprintf("UNIVERSITY OF NORTHSHIRE %d", n%900)
	objective := "The objective is to see how care can be made better for people who are ill. "
	for range rnd.IntN(6) {
		objective += objective
	}
	start := dars.Day("2016-04-01").Add(rnd.IntN(3000))
	return []string{nic(n), "Asthma in the north", org, org + fmt.Sprintf("; UNIVERSITY OF NORTHSHIRE %d", rnd.IntN(900)), string(start), string(start.Add(1000)), objective}
}
