package office_test

import (
	"errors"
	"fmt"
	"io/fs"

	"darsd/dars"
	"darsd/office"
)

// deeds has a row for each act of dars.Powers, in its order.
func (r *roll) deeds() map[string]deed {
	all := map[string]deed{}
	for _, some := range []map[string]deed{r.onParties(), r.onApplications(), r.onTheCommittee(), r.onAgreements(), r.onReleases(), r.onRecalls(), r.onTheHouse(), r.onAudits()} {
		for act, d := range some {
			all[act] = d
		}
	}
	return all
}

// onLife is a row of an act that is a step of a life: where it can be done follows
// from the states it leads to.
func onLife[S ~string](life dars.Life[S], make func(*roll, string) string, do func(*roll, dars.Act, string) error, to ...S) deed {
	return deed{make: make, in: states(life), from: leading(life, to...), do: do}
}

// among is a row of an act that can be done in some states and takes no step.
func among[S ~string](life dars.Life[S], make func(*roll, string) string, do func(*roll, dars.Act, string) error, from ...S) deed {
	d := deed{make: make, in: states(life), do: do}
	for _, s := range from {
		d.from = append(d.from, string(s))
	}
	return d
}

// always is a row of an act that no life holds back. Rules of its own may.
func always(may string, do func(*roll, dars.Act, string) error) deed { return deed{may: may, do: do} }

func (r *roll) onParties() map[string]deed {
	ctx, o := r.t.Context(), office.Parties{Office: r.first()}
	person := func(do func(a dars.Act, login string) error) deed {
		return deed{make: (*roll).freshPerson, in: []string{""}, from: []string{""}, do: func(_ *roll, a dars.Act, ref string) error { return do(a, ref) }}
	}
	onPerson := func(may string, d deed) deed { d.may = may; return d }
	return map[string]deed{
		"org add": always("", func(r *roll, a dars.Act, _ string) error {
			r.n++
			return o.AddOrganisation(ctx, a, dars.Organisation{Code: dars.OrgCode(fmt.Sprint("RD", r.n)), Name: "Trust"})
		}),
		"org assure": always("", func(r *roll, a dars.Act, _ string) error {
			r.n++
			return o.RenewStanding(ctx, a, "RA2", dars.Standing{ICO: "ZA123456", ICOExpires: r.today.Add(100 + r.n)})
		}),
		"org hold": onLife(dars.OrgLife, (*roll).freshOrganisation, func(_ *roll, a dars.Act, ref string) error { return o.Hold(ctx, a, dars.OrgCode(ref)) }, dars.OrgOnHold),
		"org release-hold": onLife(dars.OrgLife, (*roll).freshOrganisation, func(_ *roll, a dars.Act, ref string) error {
			return o.ReleaseHold(ctx, a, dars.OrgCode(ref))
		}, dars.OrgActive),
		"org same": always("not-found", func(_ *roll, a dars.Act, _ string) error {
			return errorOf(o.Same(ctx, a, "RA1", "A body that no register names"))
		}),
		"org apart": always("not-found", func(_ *roll, a dars.Act, _ string) error { return o.Apart(ctx, a, "SAME-999999") }),
		"person add": always("", func(r *roll, a dars.Act, _ string) error {
			r.n++
			org, roles := dars.OrgCode("RA1"), []dars.Role{dars.Collector}
			if a.Who == r.people[as(dars.Operator)] {
				org, roles = dars.TheOffice, []dars.Role{dars.Checker}
			}
			_, err := o.AddPerson(ctx, a, dars.Person{Org: org, Login: fmt.Sprint("new", r.n), Roles: roles}, "", "")
			return err
		}),
		"person key-add": person(func(a dars.Act, login string) error {
			return o.AddKey(ctx, a, login, "SHA256:second-"+login, "ssh-ed25519 second")
		}),
		"person key-confirm": onPerson("not-found", person(func(a dars.Act, login string) error { return o.ConfirmKey(ctx, a, login, "SHA256:"+login) })), // an outsider: of another
		"person key-revoke":  person(func(a dars.Act, login string) error { return o.RevokeKey(ctx, a, login, "SHA256:"+login) }),
		"person networks":    person(func(a dars.Act, login string) error { return o.Networks(ctx, a, login, nil) }),
		"host-key prepare":   always("", func(_ *roll, a dars.Act, _ string) error { return o.HostKeysPrepared(ctx, a, dars.HostKeys{}) }),
		"seal rotate":        always("", func(_ *roll, a dars.Act, _ string) error { return o.SealRotated(ctx, a, "00") }),
		"master-key rotate":  always("", func(_ *roll, a dars.Act, _ string) error { return o.MasterRotated(ctx, a, "age1") }),
		"host-key switch":    always("", func(_ *roll, a dars.Act, _ string) error { return o.HostKeysSwitched(ctx, a, dars.HostKeys{}) }),

		"contract issue": always("", func(_ *roll, a dars.Act, _ string) error {
			return errorOf(o.IssueContract(ctx, a, "RA2", r.today, r.today.AddMonths(12)))
		}),
		"contract confirm": onLife(dars.ContractLife, (*roll).freshContract, func(_ *roll, a dars.Act, ref string) error { return o.ConfirmContract(ctx, a, dars.ContractID(ref)) }, dars.ContractSigned),
		"contract copy": among(dars.ContractLife, (*roll).ownContract, func(r *roll, a dars.Act, ref string) error {
			r.n++
			text := fmt.Sprintf("signed %s\n%d", ref, r.n)
			return errorOf(o.TakeCopy(ctx, a, paper("submit", "signed.pdf", text), []byte(text)))
		}, dars.ContractIssued),
		"contract countersign": onLife(dars.ContractLife, (*roll).freshContract, func(_ *roll, a dars.Act, ref string) error {
			return o.CountersignContract(ctx, a, dars.ContractID(ref))
		}, dars.ContractAgreed),
		"contract renew": among(dars.ContractLife, (*roll).freshContract, func(_ *roll, a dars.Act, ref string) error {
			return errorOf(o.RenewContract(ctx, a, dars.ContractID(ref), "", ""))
		}, dars.ContractAgreed, dars.ContractInForce, dars.ContractExpired),
		"contract terminate": onLife(dars.ContractLife, (*roll).freshContract, func(_ *roll, a dars.Act, ref string) error { return o.TerminateContract(ctx, a, dars.ContractID(ref)) }, dars.ContractTerminated),
	}
}

func (r *roll) onApplications() map[string]deed {
	ctx, o, c := r.t.Context(), office.Applications{Office: r.first()}, office.Committee{Office: r.first()}
	life := func(do func(a dars.Act, ref string) error, to ...dars.ApplicationState) deed {
		return onLife(dars.ApplicationLife, (*roll).freshApplication, func(_ *roll, a dars.Act, ref string) error { return do(a, ref) }, to...)
	}
	any := func(may string, do func(r *roll, a dars.Act, ref string) error) deed {
		return deed{make: (*roll).freshApplication, in: []string{string(dars.Submitted)}, from: []string{string(dars.Submitted)}, may: may, do: do}
	}
	siro := life(func(a dars.Act, ref string) error { return c.SIRO(ctx, a, ref, true) }, dars.Approved)
	siro.from, siro.rule = []string{string(dars.Recommended), string(dars.WithCaveats)}, "wrong-step wrong-route" // as record-level data go by the committee
	outcome := life(func(a dars.Act, ref string) error { return c.Outcome(ctx, a, ref, dars.Recommended) }, dars.Recommended)
	outcome.rule, outcome.may = "wrong-step not-on-agenda", "not-on-agenda" // of the open meeting: it was presented at none
	all := states(dars.ApplicationLife)
	open := leading(dars.ApplicationLife, dars.TakenBack)
	return map[string]deed{
		"application submit": life(func(a dars.Act, ref string) error { return errorOf(o.Submit(ctx, a, r.folder(r.form()), ref)) }, dars.Submitted),
		"application enquiry": always("", func(r *roll, a dars.Act, _ string) error {
			return errorOf(o.Enquire(ctx, a, dars.Enquiry{Who: "Rita", Text: "May we have some data?"}))
		}),
		"application answer": onLife(dars.EnquiryLife, (*roll).freshEnquiry, func(_ *roll, a dars.Act, ref string) error {
			return o.AnswerEnquiry(ctx, a, dars.EnquiryID(ref), "Apply, and we will see.")
		}, dars.EnquiryAnswered),
		"application review": {make: (*roll).freshApplication, in: all, from: []string{string(dars.Submitted)}, do: func(_ *roll, a dars.Act, ref string) error {
			return o.Review(ctx, a, ref, dars.Review{LegalBasis: true})
		}},
		"application evidence": any("", func(_ *roll, a dars.Act, ref string) error {
			return o.Look(ctx, a, ref, 1, dars.EvidenceRefused, dars.Reading{})
		}),
		"application add": any("", func(r *roll, a dars.Act, ref string) error {
			r.n++
			return errorOf(o.AddEvidence(ctx, a, ref, dars.Evidence{Kind: "OTHER", File: "more.txt"}, fmt.Append(nil, "paper ", r.n)))
		}),
		"application discuss": any("", func(_ *roll, a dars.Act, ref string) error {
			return errorOf(o.Note(ctx, a, ref, dars.Discussion, "They rang.", ""))
		}),
		"application action": {make: (*roll).freshApplication, in: all, from: open, do: func(_ *roll, a dars.Act, ref string) error {
			return errorOf(o.AddAction(ctx, a, ref, "applicant", r.today.Add(7), "send the leaflet"))
		}},
		"application answered": any("not-found not-owner", func(_ *roll, a dars.Act, ref string) error { return o.AnswerAction(ctx, a, ref, 1, "It is done.") }),
		"application note": any("", func(_ *roll, a dars.Act, ref string) error {
			return errorOf(o.Note(ctx, a, ref, dars.OwnNote, "They rang.", ""))
		}),
		"application reassign": {make: (*roll).freshApplication, in: all, from: append(open, string(dars.Approved)), do: func(_ *roll, a dars.Act, ref string) error {
			return o.Reassign(ctx, a, ref, "colin")
		}},
		"application accept":     life(func(a dars.Act, ref string) error { return o.Accept(ctx, a, ref) }, dars.Accepted),
		"application refer-back": life(func(a dars.Act, ref string) error { return o.ReferBack(ctx, a, ref) }, dars.ReferredBack),
		"application withdraw":   life(func(a dars.Act, ref string) error { return o.Withdraw(ctx, a, ref) }, dars.TakenBack),
		"application undo":       any("wrong-step no-power", func(_ *roll, a dars.Act, ref string) error { return o.Undo(ctx, a, ref, "withdraw") }),
		"application class":      any("", func(_ *roll, a dars.Act, ref string) error { return o.SetClass(ctx, a, ref, 30) }),
		"application pause":      any("", func(_ *roll, a dars.Act, ref string) error { return o.Pause(ctx, a, ref, "AWAIT_EXTERNAL_APPROVAL") }),
		"application resume":     any("clock-running", func(_ *roll, a dars.Act, ref string) error { return o.Resume(ctx, a, ref) }),
		"application recount":    any("known", func(_ *roll, a dars.Act, ref string) error { return o.Recount(ctx, a, ref) }),
		"quote offer": any("", func(r *roll, a dars.Act, ref string) error {
			return errorOf(office.Charges{Office: r.first()}.Offer(ctx, a, ref, nil))
		}),
		"quote agree": any("", func(_ *roll, a dars.Act, ref string) error {
			return errorOf(office.Charges{Office: r.first()}.Agree(ctx, a, ref, "PO 17"))
		}),
		"invoice void": any("not-found", func(_ *roll, a dars.Act, _ string) error { // where there are some: see invoices
			return errorOf(office.Charges{Office: r.first()}.Void(ctx, a, "INV-000001", false))
		}),

		"decision assess":     life(func(a dars.Act, ref string) error { return c.Assess(ctx, a, ref) }, dars.Assessed),
		"decision pre-review": life(func(a dars.Act, ref string) error { return c.PreReview(ctx, a, ref) }, dars.PreReviewed),
		"decision present":    life(func(a dars.Act, ref string) error { return c.Present(ctx, a, ref) }, dars.AtDAAG),
		"decision outcome":    outcome,
		"decision siro":       siro,
		"case export": any("", func(_ *roll, a dars.Act, ref string) error {
			return errorOf(office.Desk{Office: r.first()}.Dossier(ctx, a, ref))
		}),
	}
}

// onTheCommittee are the acts of its meetings. What a meeting itself refuses is
// tried where meetings are.
func (r *roll) onTheCommittee() map[string]deed {
	ctx, c := r.t.Context(), office.Committee{Office: r.first()}
	director := onLife(dars.ApplicationLife, (*roll).freshApplication, func(_ *roll, a dars.Act, ref string) error { return c.Director(ctx, a, ref, true) })
	director.rule = "wrong-step wrong-route" // as record-level data are no exception
	open := func() dars.MeetingID {
		r.must(r.sit())
		return all[dars.Meeting](r.house, dars.By("state", dars.MeetingOpen))[0].ID
	}
	return map[string]deed{
		"decision meeting": always("open-meeting", func(r *roll, a dars.Act, _ string) error { return errorOf(c.Call(ctx, a, r.today)) }),
		"decision move":    always("not-found", func(r *roll, a dars.Act, _ string) error { return c.Move(ctx, a, "MEET-999999", r.today) }),
		"decision cancel":  always("not-found", func(_ *roll, a dars.Act, _ string) error { return c.Cancel(ctx, a, "MEET-999999") }),
		"decision attend": always("known", func(_ *roll, a dars.Act, _ string) error {
			return c.Attend(ctx, a, open(), as(dars.Member), dars.Lay)
		}),
		"decision conflict": always("not-on-agenda no-role not-found", func(_ *roll, a dars.Act, _ string) error {
			return c.Conflict(ctx, a, open(), "DARS-NIC-999999-B1C2D", "")
		}),
		"decision minutes":  always("not-found", func(_ *roll, a dars.Act, _ string) error { return c.Minutes(ctx, a, "MEET-999999", "") }),
		"decision clear":    always("not-found", func(r *roll, a dars.Act, _ string) error { return c.Clear(ctx, a, string(r.application.ID()), 1) }),
		"decision director": director,
		"person delegate": always("known no-role", func(r *roll, a dars.Act, _ string) error {
			for _, role := range dars.InsideRoles() {
				if r.people[as(role)] == a.Who {
					return office.Parties{Office: r.first()}.Delegate(ctx, a, as(role), "carol", role, r.today.Add(100), r.today.Add(110))
				}
			}
			return office.Parties{Office: r.first()}.Delegate(ctx, a, "carol", "colin", dars.CaseOfficer, r.today.Add(100), r.today.Add(110))
		}),
	}
}

func (r *roll) onAgreements() map[string]deed {
	ctx, o := r.t.Context(), office.Agreements{Office: r.first()}
	life := func(do func(a dars.Act, id dars.AgreementID) error, to ...dars.AgreementState) deed {
		return onLife(dars.AgreementLife, (*roll).freshAgreement, func(_ *roll, a dars.Act, ref string) error { return do(a, dars.AgreementID(ref)) }, to...)
	}
	in := func(do func(a dars.Act, id dars.AgreementID) error, from ...dars.AgreementState) deed {
		return among(dars.AgreementLife, (*roll).freshAgreement, func(_ *roll, a dars.Act, ref string) error { return do(a, dars.AgreementID(ref)) }, from...)
	}
	met := life(func(a dars.Act, id dars.AgreementID) error { return o.Meet(ctx, a, id, 1) })
	met.from = met.in
	return map[string]deed{
		"agreement issue": {make: (*roll).freshApplication, in: states(dars.ApplicationLife), from: []string{string(dars.Approved)}, do: func(_ *roll, a dars.Act, ref string) error {
			return errorOf(o.Issue(ctx, a, ref, "", ""))
		}},
		"agreement copy": in(func(a dars.Act, id dars.AgreementID) error {
			r.n++
			text := fmt.Sprintf("signed %s\n%d", id, r.n)
			return errorOf(o.TakeCopy(ctx, a, paper("submit", "signed.pdf", text), []byte(text)))
		}, dars.AgreementIssued),
		"agreement confirm":     life(func(a dars.Act, id dars.AgreementID) error { return o.Confirm(ctx, a, id) }, dars.AgreementSigned),
		"agreement countersign": life(func(a dars.Act, id dars.AgreementID) error { return o.Countersign(ctx, a, id) }, dars.CounterSigned),
		"agreement collector": in(func(a dars.Act, id dars.AgreementID) error { return o.AddCollector(ctx, a, id, as(dars.Collector)) },
			dars.AgreementIssued, dars.AgreementSigned, dars.CounterSigned, dars.InForce),
		"agreement oblige": in(func(a dars.Act, id dars.AgreementID) error {
			return errorOf(o.Oblige(ctx, a, id, dars.Obligation{Stage: dars.StagePublish, Text: "the leaflet is seen"}))
		}, dars.AgreementIssued, dars.AgreementSigned, dars.CounterSigned, dars.InForce),
		"agreement met":       met,
		"agreement terminate": life(func(a dars.Act, id dars.AgreementID) error { return o.Terminate(ctx, a, id) }, dars.Terminated),

		"agreement objections": always("uphold-always", func(r *roll, a dars.Act, _ string) error {
			return errorOf(o.Override(ctx, a, string(r.agreement.ID), dars.ObjectionsTerm{Dataset: "HES_APC", Treatment: dars.NotUpheld, Reason: "N_COURT_ORDER"}))
		}),
		"agreement review": always("not-in-force", func(r *roll, a dars.Act, _ string) error {
			return errorOf(o.Review(ctx, a, r.agreement.ID, "nothing differs"))
		}),
		"agreement benefits": always("", func(r *roll, a dars.Act, _ string) error {
			r.n++
			return errorOf(office.Benefits{Office: r.first()}.Record(ctx, a, r.agreement.ID, "benefits.yaml", fmt.Appendf(nil, `{"Agreement": %q, "NoneYet": "It goes on, for the %dth time."}`, r.agreement.ID, r.n)))
		}),
		"guard check": always("", func(r *roll, a dars.Act, _ string) error {
			return errorOf(office.Guard{Office: r.first()}.Check(ctx, a, r.agreement.ID, "HES_APC", nil))
		}),
		"guard override": always("nothing-to-override", func(r *roll, a dars.Act, _ string) error {
			return errorOf(office.Guard{Office: r.first()}.Override(ctx, a, r.agreement.ID, "HES_APC", nil, "REL-999999"))
		}),
		"agreement objections-confirm": always("not-found", func(_ *roll, a dars.Act, _ string) error { return o.ConfirmOverride(ctx, a, "OVR-999999") }),
		"cohort submit": always("no-cohort-asked not-found", func(_ *roll, a dars.Act, _ string) error {
			return errorOf(office.Cohorts{Office: r.first()}.HandIn(ctx, a, listed(3), string(r.agreement.ID), "HES_APC"))
		}),
	}
}

func (r *roll) onReleases() map[string]deed {
	ctx, o, d := r.t.Context(), office.Releases{Office: r.first()}, office.Deletion{Office: r.first()}
	life := func(do func(a dars.Act, id dars.ReleaseID) error, to ...dars.ReleaseState) deed {
		return onLife(dars.ReleaseLife, (*roll).freshRelease, func(_ *roll, a dars.Act, ref string) error { return do(a, dars.ReleaseID(ref)) }, to...)
	}
	certificate := func(do func(a dars.Act, id dars.CertificateID) error, to dars.CertificateState) deed {
		return onLife(dars.CertificateLife, (*roll).freshCertificate, func(_ *roll, a dars.Act, ref string) error { return do(a, dars.CertificateID(ref)) }, to)
	}
	plan := among(dars.AgreementLife, (*roll).freshAgreement, func(_ *roll, a dars.Act, ref string) error {
		return errorOf(o.Plan(ctx, a, dars.AgreementID(ref), "HES_APC", nil))
	}, dars.InForce, dars.CounterSigned) // which begins today
	plan.rule = "not-in-force"
	extend := life(func(a dars.Act, id dars.ReleaseID) error { return o.Extend(ctx, a, id, r.today.Add(20)) })
	extend.from = []string{string(dars.Published), string(dars.Collected)}
	accept := certificate(func(a dars.Act, id dars.CertificateID) error { return d.Accept(ctx, a, id) }, dars.CertInterim)
	return map[string]deed{
		"release plan":     plan,
		"release produce":  life(func(a dars.Act, id dars.ReleaseID) error { return o.Produce(ctx, a, id) }, dars.Produced),
		"release check":    life(func(a dars.Act, id dars.ReleaseID) error { return o.Check(ctx, a, id) }, dars.Checked),
		"release sign-off": life(func(a dars.Act, id dars.ReleaseID) error { return o.SignOff(ctx, a, id) }, dars.SignedOff),
		"release publish":  life(func(a dars.Act, id dars.ReleaseID) error { return o.Publish(ctx, a, id) }, dars.Published),
		"release extend":   extend,
		"release reissue": always("not-published", func(r *roll, a dars.Act, _ string) error {
			return errorOf(o.Reissue(ctx, a, r.release.ID))
		}),
		"release withdraw": life(func(a dars.Act, id dars.ReleaseID) error { return o.Withdraw(ctx, a, id) }, dars.ReleaseWithdrawn),
		"release resume":   always("not-frozen", func(r *roll, a dars.Act, _ string) error { return o.Resume(ctx, a, r.release.ID) }),
		"release quarantine": always("no-quarantine", func(r *roll, a dars.Act, _ string) error {
			return errorOf(o.Quarantine(ctx, a, r.release.ID))
		}),
		"release trace": always("", func(_ *roll, a dars.Act, _ string) error { return errorOf(o.Cases(ctx, a)) }),
		"release grant": always("not-agreed not-in-force", func(r *roll, a dars.Act, _ string) error {
			return errorOf(o.Grant(ctx, a, r.agreement.ID, "HES_APC", []string{as(dars.Collector)}, 1))
		}),
		"query ask": always("not-found", func(r *roll, a dars.Act, _ string) error {
			return errorOf(office.Queries{Office: r.first()}.Ask(ctx, a, r.agreement.ID, []byte("{}")))
		}),
		"release usage": always("no-access", func(r *roll, a dars.Act, _ string) error {
			return o.Usage(ctx, a, r.release.ID, "It is used as agreed.")
		}),
		"release revoke": always("no-access", func(r *roll, a dars.Act, _ string) error { return o.Revoke(ctx, a, r.release.ID, "") }),
		"release rows":   always("wrong-step", func(r *roll, a dars.Act, _ string) error { return errorOf(o.Rows(ctx, a, r.release.ID)) }),
		"release dry-run": always("", func(r *roll, a dars.Act, _ string) error {
			return errorOf(o.DryRun(ctx, a, r.agreement.ID, "HES_APC", nil))
		}),
		"receipt confirm": always("not-found not-collected", func(r *roll, a dars.Act, _ string) error {
			return errorOf(office.Ledger{Office: r.first()}.Attest(ctx, a, r.release.Files[0].ID, sum("x")))
		}),
		"certificate submit": always("wrong-step not-printed", func(r *roll, a dars.Act, _ string) error {
			in := r.filled(r.certificate.ID, "")
			text, err := fs.ReadFile(in.Files, in.Name)
			if err != nil {
				return err
			}
			return errorOf(d.Receive(ctx, a, in, text))
		}),
		"certificate accept": accept,
		"certificate query":  certificate(func(a dars.Act, id dars.CertificateID) error { return d.Query(ctx, a, id) }, dars.CertQueried),
		"certificate reject": certificate(func(a dars.Act, id dars.CertificateID) error { return d.Reject(ctx, a, id) }, dars.CertRejected),
	}
}

func (r *roll) onTheHouse() map[string]deed {
	ctx, o := r.t.Context(), office.Objections{Office: r.first()}
	verify := func(act string) deed {
		return always("", func(r *roll, a dars.Act, _ string) error { return r.may(a, act) })
	}
	return map[string]deed{
		"objections load":    always("list-older", func(_ *roll, a dars.Act, _ string) error { return errorOf(o.Load(ctx, a, listed(5), "2026-02-01")) }),
		"objections confirm": always("wrong-step not-found", func(_ *roll, a dars.Act, _ string) error { return o.Confirm(ctx, a, 1) }),
		"calendar add": always("", func(r *roll, a dars.Act, _ string) error {
			return errorOf(office.Almanac{Office: r.first()}.Announce(ctx, a, "2027-06-03", "A day off"))
		}),
		"calendar drop": always("no-holiday", func(r *roll, a dars.Act, _ string) error {
			return errorOf(office.Almanac{Office: r.first()}.Revoke(ctx, a, "2027-06-03"))
		}),
		"register import": always("", func(r *roll, a dars.Act, _ string) error {
			_, _, err := office.Register{Office: r.first()}.Import(ctx, a, edition("x", released("FILE0900001", "Y")), "")
			return err
		}),
		"register settle": always("not-found", func(r *roll, a dars.Act, _ string) error {
			return office.Register{Office: r.first()}.Settle(ctx, a, "CASEMIX")
		}),
		"register reopen": always("not-found", func(r *roll, a dars.Act, _ string) error {
			return office.Register{Office: r.first()}.Reopen(ctx, a, "CASEMIX")
		}),
		"register withhold": always("not-found", func(r *roll, a dars.Act, _ string) error {
			a.Why = "they would be outbid"
			return errorOf(office.Register{Office: r.first()}.Withhold(ctx, a, "DARS-NIC-999999-X0X0X", "a price", "COMMERCIAL"))
		}),
		"register disclose": onLife(dars.WithholdingLife, (*roll).freshWithholding, func(r *roll, a dars.Act, ref string) error {
			a.Why = "the contract ended"
			return office.Register{Office: r.first()}.Disclose(ctx, a, dars.WithholdingID(ref))
		}, dars.WordsDisclosed),
		"register tracing": always("", func(r *roll, a dars.Act, _ string) error {
			return office.Register{Office: r.first()}.CountTracing(ctx, a, "2025-12", dars.TracingCount{Body: "Police"})
		}),
		"report run": always("", func(r *roll, a dars.Act, _ string) error {
			_, _, err := office.Clock{Office: r.first()}.Report(ctx, a)
			return err
		}),
		"scrub": always("", func(r *roll, a dars.Act, _ string) error {
			return errorOf(office.Clock{Office: r.first()}.Scrubbed(ctx, a, dars.Scrub{Damaged: []string{}}))
		}),
		"mail list": always("", func(r *roll, a dars.Act, _ string) error {
			return errorOf(office.Post{Office: r.first()}.Queue(ctx, a, true))
		}),
		"mail retry": always("", func(r *roll, a dars.Act, _ string) error {
			return errorOf(office.Post{Office: r.first()}.Retry(ctx, a, ""))
		}),
		"report read": verify("report read"),
		"log verify":  verify("log verify"),
		"log access":  verify("log access"),
		"log refused": verify("log refused"),
	}
}

// may asks at the door for what is no act of the office.
func (r *roll) may(a dars.Act, act string) error {
	p := get[dars.Person](r.house, string(a.Who))
	if p == nil {
		return errors.New("nobody")
	}
	return p.May(act)
}
