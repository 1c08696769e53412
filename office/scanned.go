package office

import (
	"context"
	"fmt"
	"io/fs"

	"darsd/dars"
)

// scanned has a scanner look at all that came, before anything of it is read. While the
// scanner is away nothing is taken in: what waits is asked about again.
func (o Intake) scanned(ctx context.Context, in Arrived) error {
	if o.Works.Scan == nil {
		return nil
	}
	return fs.WalkDir(in.Files, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		f, err := in.Files.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		switch found, err := o.Works.Scan(ctx, f); {
		case err != nil:
			return fmt.Errorf("scan: %w", err)
		case found != "":
			return dars.Refuse("infected", in.Name, "%s: the scanner found %.80q in it: have the machine looked at that it comes from, and send it again when it is clean", in.Name, dars.Legible(found))
		}
		return nil
	})
}
