package documents

import (
	"darsd/dars"
)

// Contract is the framework contract of an organisation: the terms that stand
// behind each of its agreements. It is signed once.
func (p Press) Contract(f dars.ContractFacts) ([]byte, error) { return p.contract(f).PDF() }

func (p Press) contract(f dars.ContractFacts) *Doc {
	c, org, us := f.Contract, f.Organisation, p.Office.Name
	d := p.New("Data Sharing Framework Contract", "with "+org.Name, string(c.ID), c.Issued)

	d.Para("This contract sets out the terms on which %s (“we”, “the office”) may share data with %s (“you”, “the recipient”). It does not by itself give you any data. For each purpose there is a separate Data Sharing Agreement, which says which data you may have, why, and until when. Each of those agreements is made under this contract and includes its terms.", us, org.Name)

	d.Heading("The parties and the term")
	p.officeFacts(d)
	d.Fact("Recipient", "%s (organisation code %s)", org.Name, org.Code)
	d.Fact("Address", "%s", org.Address)
	d.Fact("ICO registration", "%s", until(org.ICO, org.ICOExpires))
	d.Fact("Security assurance", "%s", until(org.Security, org.SecurityExpires))
	d.Fact("In force", "from %s to %s, both days included, once both parties have signed", c.Start.Long(), c.End.Long())

	contractTerms(d)

	d.Heading("Signatures")
	d.Para("This contract takes effect when both parties have signed it. Sign where your organisation is named, and send back every page: each page carries the reference of the contract and its number, and a copy with a page missing is not accepted.")
	d.Sign(Signature{For: org.Name})
	d.Sign(Signature{For: us})
	return d
}

// contractTerms are the same for everybody: nobody negotiates them one by one.
func contractTerms(d *Doc) {
	d.Section("What the words mean")
	d.Clause("“Data” means everything we release to you under an agreement, in any form: every file, every copy and extract of it, and everything derived from it that still describes single persons or from which a person could be told.")
	d.Clause("“Agreement” means a Data Sharing Agreement made under this contract. “Purpose” means the purpose that an agreement states. “Personnel” means your employees, and agents and contractors who work under your instructions and under a duty of confidence to you.")
	d.Clause("“Controller”, “processor” and “personal data” have the meaning that data protection law gives them. “Aggregated with small numbers suppressed” means figures about groups, treated as the agreement requires so that no person can be told from them.")

	d.Section("Using the data")
	d.Clause("You use the data only for the purpose stated in the agreement, and only at the places, by the organisations and in the territory that it names. Another use needs another agreement first.")
	d.Clause("You do not try to identify a person from the data, to contact a person by means of them, or to link them with other data about single persons, unless the agreement says that you may.")
	d.Clause("You do not use the data solely for commercial purposes, for insurance or marketing, or for any purpose other than the provision of health care or adult social care, or the promotion of health.")
	d.Clause("You do not pass data about single persons to anybody. You may publish results only as figures that are aggregated with small numbers suppressed, and each publication names the source: “Data re-used with the permission of %s. All rights reserved.”", d.office.Name)

	d.Section("People and processors")
	d.Clause("Only personnel who need the data for the purpose have access to them. They are trained in data protection and confidentiality, and that training is renewed every year. You keep a list of who has access, and you show it to us when we ask.")
	d.Clause("The data are collected from us only by the persons named to us, each with a key of their own. Keys and accounts are not shared. You tell us on the same day when such a person leaves or a key may be known to another.")
	d.Clause("A processor may hold or handle the data only if the agreement names it. You bind it in writing to the terms of this contract. What it does or fails to do counts as done or not done by you. A company that only hosts the data is a processor.")

	d.Section("Keeping the data safe")
	d.Clause("You keep the security assurance stated above valid for as long as you hold data, at every place where they are held, and you send us each renewal before the last one ends. The same is true of your registration with the Information Commissioner.")
	d.Clause("The data are encrypted when they are stored on anything portable and whenever they are sent. Access is by role, is recorded, and is reviewed at least every three months.")
	d.Clause("When the data are lost, seen by somebody who may not see them, used for another purpose, or when you learn that a person objected and is still in them, you tell us without delay and at the latest on the next working day, and you do what we ask to limit the harm.")

	d.Section("Objections of patients")
	d.Clause("Patients may object to the sharing of what is held about them. We apply their objections before we release data. Some persons are therefore absent from the data, and you do not try to find out who they are, by comparing releases or otherwise.")
	d.Clause("When we tell you that a release must be replaced or destroyed because an objection was not applied, you stop using it at once and follow the notice.")

	d.Section("Audit, publication and complaints")
	d.Clause("We may audit how you keep to this contract and to each agreement, on reasonable notice, at your places and at those of your processors, by our own auditors or by others whom we appoint. You give them access to people, records and systems. You carry out the actions agreed after an audit by the dates agreed.")
	d.Clause("We publish who receives data, which, why and until when, whether objections were applied, and the reports of audits. We are subject to the Freedom of Information Act 2000.")
	d.Clause("You answer questions and complaints from us about the use of the data within ten working days.")

	d.Section("Destroying the data")
	d.Clause("When an agreement ends and no later agreement lets you keep the data, you destroy them: the files, all copies, extracts and derived data about single persons, those held by your processors, those in backups and those on paper.")
	d.Clause("You send us a certificate of destruction for every file within fourteen days of the end. Where a backup cannot be destroyed at once, the certificate says when the last one ends; until then nobody restores or reads it, and the certificate is interim.")
	d.Clause("We may require destruction before the end by a destruction notice, when an agreement is broken or when a release was defective. You then destroy the data, backups included, by the day named in the notice.")
	d.Clause("Figures that are aggregated with small numbers suppressed may be kept.")

	d.Section("When terms are broken")
	d.Clause("When you break this contract or an agreement we may, according to how grave it is: ask for a plan with dates, stop releases, close access, require destruction, end the agreement or this contract, refuse later applications, publish what happened, and report it to the Information Commissioner.")
	d.Clause("A certificate of destruction that is overdue stops all further releases to your organisation from the day after it was due.")
	d.Clause("You make good the loss that we suffer because you broke this contract. Nothing in it limits liability that the law does not let us limit. We do our best to release data that are right and complete, and we give no warranty that they are.")

	d.Section("Charges")
	d.Clause("We charge for the cost of preparing and releasing data, not for the data. The price list in force when an application is accepted applies to it, and each charge is agreed before work begins.")

	d.Section("How this contract ends")
	d.Clause("It ends on the last day stated above, or earlier: by three months’ notice in writing from either party, or at once by our notice when you break it gravely.")
	d.Clause("When it ends, every agreement under it ends on the same day, unless a later contract with you is in force. The duties to keep data safe and confidential, to destroy them and to certify it, to be audited and to pay what is owed continue until they are fulfilled.")

	d.Section("General")
	d.Clause("Where an agreement and this contract differ, the agreement stands for its own data and purpose; it cannot make the duties of the sections “Keeping the data safe” and “Destroying the data” lighter.")
	d.Clause("A change of this contract is in writing and signed by both parties. Neither party may pass it on to another. Nobody but the parties has rights under it.")
	d.Clause("This contract is governed by the law of England and Wales, and its courts decide.")
}

// officeFacts are the rows that say who we are.
func (p Press) officeFacts(d *Doc) {
	d.Fact("The office", "%s", p.Office.Name)
	d.Fact("Address", "%s", p.Office.Address)
	d.Fact("Contact", "%s", joined(", ", p.Office.Telephone, p.Office.Email))
}
