package main

import (
	"fmt"
	"strings"

	"darsd/dars"
)

// The demo's cases: a university's, which ends well; an institute's, which keeps
// the data and says nothing; and the university's second, which runs on.
var (
	demoFirst  = dars.CaseStem(1) + "-v1.0"
	demoSecond = dars.CaseStem(2) + "-v1.0"
	demoThird  = dars.CaseStem(3) + "-v1.0"
)

// The office's people, and what each may do.
var demoStaff = []struct{ login, name, role string }{
	{"carol", "Carol Hughes", "case-officer"}, {"colin", "Colin Wright", "case-officer"}, {"iris", "Iris Okafor", "iao"},
	{"seth", "Seth Marlow", "secretary"}, {"simone", "Simone Adeyemi", "siro"}, {"sven", "Sven Lindqvist", "signatory"},
	{"priya", "Priya Nair", "producer"}, {"chen", "Chen Wei", "checker"}, {"signe", "Signe Holm", "signer"},
	{"cora", "Cora Bright", "compliance"}, {"amir", "Amir Rahman", "auditor"},
	{"mary", "Mary Quill", "member"}, {"milo", "Milo Grant", "member"}, {"mina", "Mina Shah", "member"}, {"lena", "Lena Ward", "member"},
}

// The members of DAAG, and as what each sits.
var demoMembers = [][2]string{{"mary", "chair"}, {"milo", "professional"}, {"mina", "patient"}, {"lena", "lay"}}

// at says that somebody runs a command at some time.
func at(when, who, line string, more ...string) command {
	return command{as: who, at: when, args: append(strings.Fields(line), more...)}
}

// demoScenes is the story. Each deed is done through the same commands, folders
// and sessions as people use.
func demoScenes() []scene {
	founding := scene{says: "An office is founded, as a rehearsal, and its first operator has a key", look: "office/darsd.yaml", early: true, deeds: []deed{
		keypair{"olive"}, prepare{}, command{at: "2016-02-01T09:00", args: []string{"init", "--rehearsal", "--operator", "olive", "--key", "$D/people/olive/id_ed25519.pub", "--from", "$D/demo.yaml"}}}}
	staff := scene{says: "Fifteen people of the office and members of DAAG get their roles and keys", look: "people", early: true}
	for _, p := range demoStaff {
		staff.deeds = append(staff.deeds, keypair{p.login}, person("2016-02-01T09:10", "olive", "office", p.login, p.name, p.role))
	}
	return []scene{founding, staff,
		{says: "Two organisations are entered, each with a named recipient whose key a second officer confirms", look: "people/nora/id_ed25519.pub", early: true, deeds: append(
			organisation("2016-02-01T10", "8D101", "University of Northshire", "nora", "Dr Nora Field"), organisation("2016-02-01T11", "8D202", "Southmere Research Institute", "sam", "Sam Pereira")...)},
		{says: "Each has a framework contract, seen signed by two officers and counter-signed", look: "office/vault/papers", early: true, deeds: append(contract("2016-02-02T09", 1, "8D101"), contract("2016-02-02T10", 2, "8D202")...)},
		{says: "The university applies for three years of identifiable hospital episodes under section 251", look: "people/nora/application/application.yaml", deeds: []deed{
			writing{"people/nora/application/application.yaml", demoForm("Readmission after hip fracture", "8D101", "nora", "HES_APC", `"201299", "201399", "201499"`, "NHSA251_REG5", "2016-03-01", "2017-02-28")},
			writing{"people/nora/application/cag-letter.txt", demoLetter},
			at("2016-02-03T10:00", "nora", "application submit", "$D/people/nora/application")}},
		{says: "The institute drops its application for one year into the watched folder", look: "office/folders/applications/accepted", deeds: []deed{
			writing{"people/sam/southmere/application.yaml", demoForm("Stroke pathways", "8D202", "sam", "HES_APC", `"201499"`, "NHSA251_REG5", "2016-03-01", "2017-02-28")},
			writing{"people/sam/southmere/cag-letter.txt", demoLetter},
			dropping{"people/sam/southmere", "applications"}}},
		{says: "The university hands in a second one over SFTP, for prescriptions", look: "people/nora/second/application.yaml", deeds: []deed{
			writing{"people/nora/second/application.yaml", demoForm("Pain relief after hip fracture", "8D101", "nora", "PRESCRIBING", `"201599"`, "NHSA251_REG5", "2016-03-01", "2018-02-28")},
			writing{"people/nora/second/cag-letter.txt", demoLetter},
			putting{"nora", "people/nora/second", "second"}}},
		{says: "All three are reviewed, and assessed by the owner of the data", look: "office/outgoing-mail", deeds: append(append(
			reviewed("2016-02-04", demoFirst), reviewed("2016-02-05", demoSecond)...), reviewed("2016-02-08", demoThird)...)},
		{says: "DAAG meets, with a quorum, and advises on each; the minutes are written", look: "office/vault/papers", deeds: meeting("2016-02-09", "MEET-000001", demoFirst, demoSecond, demoThird)},
		{says: "The SIRO reads the brief on each and approves it; the letters go out", look: "brief.pdf", deeds: []deed{
			command{as: "simone", at: "2016-02-10T10:00", args: []string{"decision", "brief", caseOf(demoFirst), "--pdf"}, out: "brief.pdf"},
			at("2016-02-10T10:10", "simone", "decision siro", caseOf(demoFirst), "--approve"), at("2016-02-10T10:20", "simone", "decision siro", caseOf(demoSecond), "--approve"),
			at("2016-02-10T10:30", "simone", "decision siro", caseOf(demoThird), "--approve")}},
		{says: "The agreements are printed for signature", look: "people/nora/agreement.pdf", deeds: []deed{
			at("2016-02-22T10:00", "carol", "agreement issue", demoFirst), at("2016-02-22T10:01", "carol", "agreement issue", demoSecond), at("2016-02-22T10:02", "carol", "agreement issue", demoThird),
			getting{login: "nora", what: "papers/Data-Sharing-Agreement-" + demoFirst + ".pdf", to: "people/nora/agreement.pdf"},
			getting{login: "nora", what: "papers/Data-Sharing-Agreement-" + demoThird + ".pdf", to: "people/nora/agreement-2.pdf"},
			getting{login: "sam", what: "papers/Data-Sharing-Agreement-" + demoSecond + ".pdf", to: "people/sam/agreement.pdf"}}},
		{says: "The signed copies are dropped into the watched folder, known by their text, and wait for two people", look: "office/folders/signed-agreements/accepted", deeds: []deed{
			pen{"people/nora/agreement.pdf", "people/nora/signed.pdf", "Nora Field"}, dropping{"people/nora/signed.pdf", "signed-agreements"},
			pen{"people/sam/agreement.pdf", "people/sam/signed-southmere.pdf", "Sam Pereira"}, dropping{"people/sam/signed-southmere.pdf", "signed-agreements"},
			pen{"people/nora/agreement-2.pdf", "people/nora/signed-2.pdf", "Nora Field"}, dropping{"people/nora/signed-2.pdf", "signed-agreements"}}},
		{says: "Two officers confirm each copy, the office signs, and the agreements are in force", look: "office/vault/received", deeds: append(append(
			signature("2016-03-01T09", demoFirst), signature("2016-03-01T10", demoSecond)...), signature("2016-03-01T11", demoThird)...)},
		{says: "A list of those who object is loaded", look: "office/vault/objections", deeds: []deed{
			at("2016-03-07T09:00", "priya", "objections load", "$D/office/sources/objections-2016-03-04.txt", "--as-at", "2016-03-04")}},
		{says: "The extracts are produced with objections upheld, checked, signed off and published, each by three people", look: "office/vault/releases", deeds: append(
			released("REL-000001", "2016-03-08", demoFirst, "HES_APC"), released("REL-000002", "2016-03-09", demoSecond, "HES_APC")...)},
		{says: "The university collects its three years over SFTP, and has a receipt", look: "people/nora/receipts", deeds: []deed{
			getting{login: "nora", what: "collect/" + demoFirst + "/REL-000001", to: "people/nora/REL-000001"},
			getting{login: "nora", what: "receipts", to: "people/nora/receipts"},
			command{args: []string{"verify", "$D/people/nora/REL-000001"}}, command{args: []string{"verify", "$D/people/nora/receipts/FILE0000001.receipt.json"}}}},
		{says: "The institute collects its year", look: "people/sam/REL-000002", deeds: []deed{
			getting{login: "sam", what: "collect/" + demoSecond + "/REL-000002", to: "people/sam/REL-000002"}}},
		{says: "The institute reaches for the university's files, and there is nothing there", look: "people/sam", deeds: []deed{
			getting{login: "sam", what: "collect/" + demoFirst + "/REL-000001", to: "people/sam/REL-000001", no: true}}},
		{says: "A year passes: our copies are purged, reminders go out, a compliance report is due each month", look: "office/reports", deeds: []deed{
			command{at: "2016-03-10T12:00", args: []string{"run-due", "--until", "2017-02-28T23:00"}, out: "year.jsonl"}}},
		{says: "The agreements end: access is shut, and certificates of destruction are issued, filled in with what was sent", look: "people/nora/CERT-000001.yaml", deeds: []deed{
			command{at: "2017-02-28T23:30", args: []string{"run-due", "--until", "2017-03-14T12:00"}, out: "end.jsonl"},
			getting{login: "nora", what: "collect/" + demoFirst + "/REL-000001", to: "people/nora/again", no: true},
			getting{login: "nora", what: "papers/CERT-000001.yaml", to: "people/nora/CERT-000001.yaml"}}},
		{says: "The university destroys its copies and returns the certificate over SFTP; it is accepted and the case is closed", look: "people/nora/filled/CERT-000001.yaml", deeds: []deed{
			writing{"people/nora/filled/README", "The certificate as it was returned.\n"},
			filling{"people/nora/CERT-000001.yaml", "people/nora/filled/CERT-000001.yaml", "2017-03-13", "Dr Nora Field"},
			putting{"nora", "people/nora/filled/CERT-000001.yaml", "CERT-000001.yaml"},
			at("2017-03-15T10:00", "cora", "certificate accept", "CERT-000001")}},
		{says: "The institute sends none: it is chased, and after eight weeks an audit is triggered", look: "office/outgoing-mail", deeds: []deed{
			command{at: "2017-03-15T12:00", args: []string{"run-due", "--until", "2017-05-01T12:00"}, out: "after.jsonl"},
			command{as: "amir", args: []string{"audit", "show", "AUD-000001"}}}},
		{says: "The report that was due on 1 May tells compliance so", look: "office/reports"},
		{says: "The institute asks for its data again, and is refused: its agreement has ended", look: "office/darsd.db", deeds: []deed{
			command{as: "carol", at: "2017-05-02T08:00", args: []string{"release", "plan", demoSecond, "--dataset", "HES_APC"}, no: true}}},
		{says: "A newer list of those who object is loaded; the old one would be too old", look: "office/vault/objections", deeds: []deed{
			at("2017-05-02T09:00", "priya", "objections load", "$D/office/sources/objections-2017-04-28.txt", "--as-at", "2017-04-28")}},
		{says: "The university's other agreement is in force: its prescriptions are published", look: "office/vault/releases", deeds: released("REL-000003", "2017-05-03", demoThird, "PRESCRIBING")},
		{says: "The log of it all is verified", look: "verified.txt", deeds: []deed{
			command{as: "olive", args: []string{"log", "verify"}, out: "verified.txt"}}},
	}
}

func person(when, by, org, login, name, role string) command {
	return command{as: by, at: when, args: []string{"person", "add", org, login, "--name", name, "--role", role, "--email", login + "@" + strings.ToLower(org) + ".example", "--key", "$D/people/" + login + "/id_ed25519.pub"}}
}

func organisation(hour, code, name, login, owner string) []deed {
	return []deed{
		at(hour+":00", "carol", "org add", code, name, "--security", "IG Toolkit v13: satisfactory", "--ico", "Z12"+code[2:]+"07"),
		keypair{login},
		person(hour+":05", "carol", code, login, owner, "applicant,collector"),
		confirmation{when: hour + ":50", by: "colin", login: login},
	}
}

func contract(hour string, n int, org string) []deed {
	id := string(dars.ContractName(n))
	return []deed{
		at(hour+":00", "carol", "contract issue", org, "--start", "2016-02-01", "--end", "2019-01-31"),
		at(hour+":05", "carol", "contract confirm", id), at(hour+":10", "colin", "contract confirm", id),
		at(hour+":20", "sven", "contract countersign", id)}
}

func caseOf(agreement string) string { return strings.TrimSuffix(agreement, "-v1.0") }

func reviewed(day, agreement string) []deed {
	ref := caseOf(agreement)
	return []deed{
		at(day+"T08:50", "carol", "application evidence", ref, "--file", "1", "--seen"),
		at(day+"T09:00", "carol", "application review", ref, "--legal-basis", "--security", "--feasibility", "--purpose"),
		at(day+"T09:10", "carol", "application accept", ref),
		at(day+"T09:20", "iris", "decision assess", ref), at(day+"T09:30", "seth", "decision pre-review", ref)}
}

// meeting is one of DAAG that recommends what is presented. Each deed has a minute of
// its own: between two the daemon may do something, and a rehearsal's clock never goes
// back.
func meeting(day, id string, agreements ...string) []deed {
	minute := 40
	at := func(who, line string, more ...string) deed {
		minute++
		return at(fmt.Sprintf("%sT09:%d", day, minute), who, line, more...)
	}
	deeds := []deed{at("seth", "decision meeting", day)}
	for _, g := range agreements {
		deeds = append(deeds, at("iris", "decision present", caseOf(g)))
	}
	for _, m := range demoMembers {
		deeds = append(deeds, at("seth", "decision attend", id, m[0], "--kind", m[1]))
	}
	for _, g := range agreements {
		deeds = append(deeds, at("seth", "decision outcome", caseOf(g), "--outcome", "recommended"))
	}
	return append(deeds, at("seth", "decision minutes", id))
}

func signature(hour, agreement string) []deed {
	return []deed{
		at(hour+":00", "carol", "agreement confirm", agreement), at(hour+":10", "colin", "agreement confirm", agreement),
		at(hour+":20", "sven", "agreement countersign", agreement)}
}

func released(id, day, agreement, dataset string) []deed {
	return []deed{
		at(day+"T09:00", "carol", "release plan", agreement, "--dataset", dataset),
		at(day+"T10:00", "priya", "release produce", id), at(day+"T11:00", "chen", "release check", id),
		at(day+"T12:00", "signe", "release sign-off", id), at(day+"T13:00", "priya", "release publish", id)}
}

// demoForm is an application filled in.
func demoForm(title, org, login, dataset, periods, gateway, start, end string) string {
	return fmt.Sprintf(`title: %s
organisation: "%s"
contact: %s
controllers: ["%[2]s"]
collectors: [%[3]s]
locations: ["1 College Road, Northtown"]
territory: England and Wales
start: %[7]s
end: %[8]s
datasets:
  - code: %[4]s
    periods: [%[5]s]
    identifiability: IDENT
    sensitive: true
    gateway: %[6]s
    frequency: One-Off
purpose:
  serves:
    - aim: HEALTH_CARE
      how: >
        Community care after a stay in hospital is planned by what comes out, so
        that fewer patients fall ill again at home.
  objective: >
    To find out which patients come back to hospital and why, so that care after
    discharge can be planned better. Identifiable data are needed because the
    records are linked with the trust's own register of patients.
  processing: >
    The data are linked with the register by NHS number in a secure room at the
    university, after which all identifiers are deleted. Nobody outside the
    research team sees record-level data.
  outputs: >
    A report to the commissioning groups, and papers in journals, with small
    numbers suppressed in line with the HES Analysis Guide.
  benefits: >
    Fewer readmissions: commissioners will use the report to plan community care
    for the following year.
  commercial: false
evidence:
  - kind: approval of the Confidentiality Advisory Group
    file: cag-letter.txt
    ref: 15/CAG/0123
    expires: 2018-12-31
`, title, org, login, dataset, periods, gateway, start, end)
}

const demoLetter = `Confidentiality Advisory Group
15/CAG/0123

Support under Regulation 5 of the Health Service (Control of Patient Information)
Regulations 2002 is recommended until 31 December 2018. Patients' objections are
to be respected.
`

// demoScript is the story as shell commands, for hands and other eyes.
func demoScript() string {
	var b strings.Builder
	b.WriteString(`#!/usr/bin/env bash
# The demo by hand: the same story, with the darsd command, OpenSSH and cp.
# It needs bash, ssh-keygen and sftp. DARSD is the program; D is where it plays.
set -euo pipefail
: "${DARSD:=$(pwd)/darsd}" "${D:=$(pwd)/darsd-demo-by-hand}"
if [ ! -x "$DARSD" ]; then go build -o "$DARSD" ./cmd/darsd; fi
rm -rf "$D/office" "$D/people" "$D/demo.yaml" && mkdir -p "$D"
darsd() { "$DARSD" --data "$D/office" "$@"; }
await() { for _ in $(seq 300); do [ -e "$1" ] && return; sleep 0.1; done; echo "$1 did not come" >&2; return 1; }
refused() { local status=0; "$@" || status=$?; [ $status = 1 ] || { echo "this was to be refused: $*" >&2; exit 1; }; }
sftp_as() { sftp -q -b - -P "$PORT" -i "$D/people/$1/id_ed25519" -o IdentitiesOnly=yes -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile="\"$D/known_hosts\"" "$1@127.0.0.1"; }
`)
	open := false
	for i, s := range demoScenes() {
		if !s.early && !open {
			open = true
			b.WriteString(`
# From here on the daemon runs.
"$DARSD" --data "$D/office" serve 2> "$D/office/serve.log" &
SERVE=$!
trap 'kill $SERVE; wait $SERVE || true' EXIT
rm -f "$D/known_hosts"
until grep -q sftp "$D/office/serve.json" 2> /dev/null; do sleep 0.1; done
PORT=$(sed 's/.*"sftp"[^,}]*:\([0-9]*\)".*/\1/' "$D/office/serve.json")
`)
		}
		fmt.Fprintf(&b, "\necho %s\n", quote(fmt.Sprintf("%2d. %s → %s", i+1, s.says, s.look)))
		for _, d := range s.deeds {
			b.WriteString(d.shell() + "\n")
		}
	}
	return b.String()
}
