//go:build !linux

package extract

// widen does nothing: pages do as well.
func (s *numberSet) widen() {}
