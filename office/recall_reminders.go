package office

import (
	"fmt"

	"darsd/dars"
)

// recallWords ask for answers to a recall: of those under an agreement, or where a
// register alone knows them, of compliance, who finds them.
func recallWords(n *dars.RecallNotice, d dars.Deadline, left string) (subject, body string) {
	subject = fmt.Sprintf("%s: answer for %d files by %s", n.Recall, n.Unanswered, d.Day.Long())
	body = fmt.Sprintf("What was released under %s is called back by %s. Of %d files nobody has said yet what became of them, and that was asked for by %s, %s.\n\nStop using them and set them apart. Then say of each file whether every copy is destroyed, or into what it was processed from which it cannot be taken out again:\n\n    darsd recall show %s\n    darsd recall answer %[6]s FILE... --destroyed | --processed-and-cannot --reason \"…\" | --set-apart\n", n.Agreement, n.Recall, n.Unanswered, d.Day.Long(), left, n.Recall)
	if n.Register {
		body += "\nNobody of theirs is known here: find out who answers for them, and write to them in another way.\n"
	}
	return subject, body
}
