//go:build race

package main

// The race detector makes the program itself ten times slower: a life takes a
// minute, and fewer have to do.
func init() { killsByDefault, killFurthest = 10, 2 }
