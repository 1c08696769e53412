package extract

// Pace makes a job take so many bytes at a time, with so many workers: what is
// made must not depend on either.
func (job *Job) Pace(chunk, workers int) { job.pace = pace{chunk, workers} }

// Making lets a job's rows have one more column, which is made.
func (job *Job) Making(name string, of func(dst []byte, field func(n int) []byte) []byte) {
	job.treat = append(job.treat, func([]string) (plan, error) {
		return plan{columns: []planned{{name: name, make: func(dst []byte, row record) []byte { return of(dst, row.field) }}}}, nil
	})
}

// Wanting lets only some of a job's rows leave.
func (job *Job) Wanting(where func(field func(n int) []byte) bool) {
	job.treat = append(job.treat, func([]string) (plan, error) {
		return plan{where: []func(record) bool{func(row record) bool { return where(row.field) }}}, nil
	})
}
