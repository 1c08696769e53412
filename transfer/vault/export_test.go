package vault

// Watch tells of each step of a rotation.
func (v *Vault) Watch(step func(did string)) { v.step = step }

// Remembered counts the keys of releases that need not be unsealed again.
func (v *Vault) Remembered() int {
	v.opened.mu.Lock()
	defer v.opened.mu.Unlock()
	return len(v.opened.keys)
}

// MaxRemembered is the most that Remembered counts.
const MaxRemembered = maxOpened

// Held counts the pieces of files that are in memory for those who read them.
func (v *Vault) Held() int {
	v.pieces.mu.Lock()
	defer v.pieces.mu.Unlock()
	return v.pieces.out
}

// MaxAhead is from how many pieces on nobody reads ahead.
const MaxAhead = maxAhead

// Format is what files begin with.
const Format = format
