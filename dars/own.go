package dars

// own refuses somebody a decision about an application in which they had a part
// already: nobody decides on their own work.
func (p *Application) own(a Act, decision string) error {
	part := ""
	for _, d := range p.Decisions {
		if d.By == a.Who {
			part = "took a step of it (" + d.Step + ")"
		}
	}
	switch a.Who {
	case p.By:
		part = "handed it in"
	case p.Review.By:
		part = "reviewed it"
	}
	if part == "" {
		return nil
	}
	return Refuse("same-person", p.ID(), "application %s: %s %s, and somebody else must %s", p.ID(), a.Who, part, decision)
}

// handedIn refuses the review of an application, and letting it in, to who handed
// it in.
func (p *Application) handedIn(a Act) error {
	if a.Who != p.By {
		return nil
	}
	return Refuse("same-person", p.ID(), "application %s was handed in by %s; somebody else reviews it and lets it in", p.ID(), a.Who)
}
