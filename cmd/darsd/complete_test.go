package main

import (
	"testing"
	"testing/fstest"
)

// A folder is whole when every file is there that its form names, or when there
// is nothing to wait for. Its form is read once.
func TestComplete(t *testing.T) {
	form := &fstest.MapFile{Data: []byte("title: x\nevidence:\n- {kind: cag, file: cag.txt}\n")}
	paper := &fstest.MapFile{Data: []byte("yes")}
	tests := map[string]struct {
		files fstest.MapFS
		whole bool
		read  int
	}{
		"no form yet":          {fstest.MapFS{"cag.txt": paper}, false, 0},
		"a paper is missing":   {fstest.MapFS{"application.yaml": form}, false, 1},
		"all is there":         {fstest.MapFS{"application.yaml": form, "cag.txt": paper}, true, 1},
		"a form that is none":  {fstest.MapFS{"application.yaml": paper}, true, 1},
		"one that is too long": {fstest.MapFS{"application.yaml": &fstest.MapFile{Data: make([]byte, 600<<10)}}, true, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCompleteness()
			for range 3 {
				if got := c.whole(tt.files); got != tt.whole {
					t.Errorf("whole is %v", got)
				}
			}
			if len(c.read) != tt.read {
				t.Errorf("%d forms were read", len(c.read))
			}
		})
	}
}
