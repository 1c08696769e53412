package documents

import (
	"fmt"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// What stands in the place of a letter that our fonts have not, where others say the
// same. Whoever reads the paper is told (see unshown). There are three tables: signs
// one by one, runs of numbers and letters with something around them, and the letters
// of which Unicode itself says that they are others in another dress.

// signs are those that people paste: of symbol fonts, in a part of Unicode where nobody
// else knows them, and of lists, boxes, arrows and sums.
var signs = map[rune]string{
	'\uf0b7': "•", '\uf0a7': "•", '\uf0d8': "•", '\uf076': "•", '\uf0a8': "•", '\uf02d': "–", '\uf0fc': "✓", '\uf0fe': "☑", '\uf06f': "☐",
	'‧': "·", '⁃': "–", '◦': "•", '◼': "▪", '◾': "▪", '◽': "▫", '◻': "▫", '⬛': "▪", '⬜': "▫", '⚫': "●", '⚪': "○", '❖': "•", '➢': "•", '➤': "•", '➣': "•", '✦': "•", '✧': "•",
	'☒': "[x]", '✅': "✓", '☓': "✗", '✕': "✗", '✖': "✗", '❌': "✗", '❎': "[x]", '⮽': "[x]", '🗹': "☑", '🗷': "[x]",
	'➔': "→", '➙': "→", '➛': "→", '➜': "→", '➝': "→", '➞': "→", '➡': "→", '⟶': "→", '⟵': "←", '⬅': "←", '⇨': "⇒", '⟹': "⇒", '⟸': "⇐", '⟷': "↔", '⇔': "<=>", '⟺': "<=>",
	'≦': "≤", '⩽': "≤", '≧': "≥", '⩾': "≥", '∗': "*", '⁎': "*", '⋅': "·", '∣': "|", '⋯': "…", '∶': ":",
	'‛': "‘", '‟': "“", '〈': "<", '〉': ">", '℃': "°C", '℉': "°F", 'ℓ': "l",
}

// dressed are numbers, or letters of our alphabet, with something around each: the first of
// a run is number (or letter) first, and is said as says.
var dressed = []struct {
	from, to rune
	first    int
	as       string
}{
	{'①', '⑳', 1, "(%d)"}, {'⑴', '⒇', 1, "(%d)"}, {'⒈', '⒛', 1, "%d."}, {'⓪', '⓪', 0, "(%d)"}, {'⓫', '⓴', 11, "(%d)"}, {'⓵', '⓾', 1, "(%d)"}, {'⓿', '⓿', 0, "(%d)"},
	{'❶', '❿', 1, "(%d)"}, {'➀', '➉', 1, "(%d)"}, {'➊', '➓', 1, "(%d)"}, {'㉑', '㉟', 21, "(%d)"}, {'㊱', '㊿', 36, "(%d)"}, {'🄀', '🄀', 0, "%d."}, {'🄁', '🄊', 0, "%d,"},
	{'⒜', '⒵', 'a', "(%c)"}, {'Ⓐ', 'Ⓩ', 'A', "(%c)"}, {'ⓐ', 'ⓩ', 'a', "(%c)"}, {'🄐', '🄩', 'A', "(%c)"}, {'🄰', '🅉', 'A', "(%c)"}, {'🅐', '🅩', 'A', "(%c)"}, {'🅰', '🆉', 'A', "(%c)"},
}

// alike is what says the same as a letter that our fonts have not; "" if nothing does.
func alike(r rune) string { return others()[r] }

// lastDressed is where the letters end that may be others in another dress: behind it
// there are Chinese ones only.
const lastDressed = 0x20000

// others are all of the three tables.
var others = sync.OnceValue(func() map[rune]string {
	all := map[rune]string{}
	for r := rune(0xA0); r < lastDressed; r++ {
		if as := undressed(r); as != "" {
			all[r] = as
		}
	}
	for _, run := range dressed {
		for r := run.from; r <= run.to; r++ {
			all[r] = fmt.Sprintf(run.as, run.first+int(r-run.from))
		}
	}
	for r, as := range signs {
		all[r] = as
	}
	return all
})

// undressed is a letter as those of which it is another dress: wide, bold, joined, in a
// square. Parts that our fonts have not, or marks, make it none of these; and so would
// the parts of a fraction, which do not say the same behind another number.
func undressed(r rune) string {
	apart := norm.NFKD.String(string(r))
	if apart == string(r) || hasGlyph(r) || unicode.IsSpace(r) || invisible(r) || strings.ContainsRune(apart, '⁄') {
		return ""
	}
	if r >= '㍱' && r <= '㏿' { // units, in which a number is a power
		apart = strings.NewReplacer("2", "²", "3", "³").Replace(apart)
	}
	for _, part := range apart {
		if !hasGlyph(part) || unicode.Is(unicode.M, part) {
			return ""
		}
	}
	return apart
}
