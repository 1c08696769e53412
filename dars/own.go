package dars

// handedIn refuses the review of an application, and letting it in, to who handed
// it in.
func (p *Application) handedIn(a Act) error {
	if a.Who != p.By {
		return nil
	}
	return Refuse("same-person", p.ID(), "application %s was handed in by %s; somebody else reviews it and lets it in", p.ID(), a.Who)
}
