package extract

// Pace makes a job take so many bytes at a time, with so many workers: what is
// made must not depend on either.
func (job *Job) Pace(chunk, workers int) { job.pace = pace{chunk, workers} }

// BrokenAreas is a table that panics when it is asked for a code.
func BrokenAreas(code string) *Areas {
	of, _ := codeOf([]byte(code))
	return &Areas{of: map[areaCode]uint32{of: 0}}
}
