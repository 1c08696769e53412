package vault

// Watch tells of each step of a rotation.
func (v *Vault) Watch(step func(did string)) { v.step = step }
