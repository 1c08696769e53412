package dars_test

import (
	"errors"
	"testing"

	"darsd/dars"
)

func TestNamesAreOneLine(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		rule string
	}{
		"a name":             {dars.CheckName("x", "the name", "Zoë O'Neill, 王芳"), ""},
		"a line break":       {dars.CheckName("x", "the name", "Ada\nBcc: eve@example.org"), "bad-text"},
		"a tab":              {dars.CheckName("x", "the name", "Ada\tEve"), "bad-text"},
		"a line separator":   {dars.CheckName("x", "the name", "Ada\u2028Eve"), "bad-text"},
		"turned around":      {dars.CheckName("x", "the name", "Ada\u202eEve"), "bad-text"},
		"no text":            {dars.CheckName("x", "the name", "Ada\xff"), "bad-text"},
		"an e-mail address":  {dars.CheckEmail("x", "ada.o'neill+data@example.nhs.uk"), ""},
		"no e-mail address":  {dars.CheckEmail("x", ""), ""},
		"a word":             {dars.CheckEmail("x", "ada"), "bad-email"},
		"a name with it":     {dars.CheckEmail("x", "Ada <ada@example.org>"), "bad-email"},
		"two":                {dars.CheckEmail("x", "ada@example.org, eve@example.org"), "bad-email"},
		"a header behind it": {dars.CheckEmail("x", "ada@example.org\r\nBcc: eve@example.org"), "bad-text"},
	} {
		t.Run(name, func(t *testing.T) {
			var no *dars.Refusal
			if errors.As(tt.err, &no) != (tt.rule != "") || no != nil && no.Rule != tt.rule {
				t.Errorf("it says %v, not %q", tt.err, tt.rule)
			}
		})
	}
}
