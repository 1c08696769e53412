package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"darsd/configs"
	"darsd/dars"
	"darsd/office"
)

func initCommand(s *session) *cobra.Command {
	var o foundation
	var from string
	c := &cobra.Command{Use: "init", Short: "make a new office: its data directory, keys and first operator", Args: exactly(0), RunE: func(cmd *cobra.Command, _ []string) error {
		o.data, o.at, o.file = s.data, s.at, s.config
		if from != "" {
			text, err := os.ReadFile(from)
			if err != nil {
				return misuse{err}
			}
			o.config = string(text)
		}
		h, err := found(cmd.Context(), s.env, o)
		if err != nil {
			return err
		}
		defer h.close()
		call := &call{house: h, env: s.env, json: s.json}
		return call.say(map[string]any{"id": "P-000001", "data": h.dir, "rehearsal": h.rehearsal},
			"P-000001 is %s, the operator of the new office in %s\nLook through %s, describe your datasets there, and then: darsd serve --data %s",
			o.operator, h.dir, h.config, h.dir)
	}}
	c.Flags().StringVar(&o.operator, "operator", "", "the login of the first operator")
	c.Flags().StringVar(&o.key, "key", "", "a file with the operator's public SSH key")
	c.Flags().StringVar(&from, "from", "", "a configuration to begin with, instead of the one with every default")
	c.Flags().BoolVar(&o.rehearsal, "rehearsal", false, "for good: everything in it is a rehearsal, whose clock can be moved")
	return c
}

// A foundation is what a new office is made from.
type foundation struct {
	data, operator, key, at string
	rehearsal               bool
	config                  string // instead of the starter
	file                    string // where the configuration lies, if not in the data directory; the one that is there is taken
}

// found makes an office where there is none.
func found(ctx context.Context, e *env, o foundation) (*house, error) {
	if o.operator == "" {
		return nil, misuse{errors.New("name the first operator with --operator LOGIN")}
	}
	if o.key == "" {
		return nil, misuse{errors.New("say with --key FILE which key the operator signs in with: the public half, which ends in .pub")}
	}
	if err := notAsRoot(o.data); err != nil {
		return nil, err
	}
	fingerprint, public, err := readKey(o.key)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return nil, err
	}
	there := dars.Refuse("founded", "house", "there is an office in %s already", o.data)
	if err := o.configure(); errors.Is(err, os.ErrExist) {
		return nil, there
	} else if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		if err := os.MkdirAll(filepath.Join(o.data, "folders", folder), 0o700); err != nil {
			return nil, err
		}
	}
	h, err := openAny(ctx, o.data, o.file, e.stderr)
	if err != nil {
		return nil, err
	}
	if h.founded {
		h.close()
		return nil, there
	}
	h.rehearsal = o.rehearsal // so that --at is understood; the log says it from now on
	at, err := h.when(ctx, o.at)
	if err != nil {
		h.close()
		return nil, err
	}
	if err := h.foundSeal(at); err != nil {
		h.close()
		return nil, err
	}
	via := dars.Console
	if o.rehearsal {
		via = dars.Rehearsal
	}
	if err := (office.Parties{Office: h.Office}).Found(ctx, dars.Act{At: at, Via: via}, o.rehearsal, o.operator, fingerprint, public); err != nil {
		h.close()
		return nil, fmt.Errorf("cannot found the office: %w", err)
	}
	return h, nil
}

// configure lays the configuration down in the data directory; or where --config says,
// unless one is there, as a package for an operating system brings one along.
func (o foundation) configure() error {
	file := cmp.Or(o.file, filepath.Join(o.data, "darsd.yaml"))
	if o.file != "" && readable(o.file) == nil {
		if o.config != "" {
			return misuse{fmt.Errorf("--from would take the place of %s, which is there: change that one, or take it away", o.file)}
		}
		return nil
	}
	if o.config == "" {
		console := configs.BreakGlass
		if o.rehearsal {
			console = configs.Full
		}
		o.config = configs.Starter(console)
	}
	return layDown(file, o.config)
}

// layDown puts the configuration in place, whole. The same one may be there: of an
// init that was killed, which goes on then.
func layDown(file, text string) error {
	if was, err := os.ReadFile(file); err == nil && string(was) == text {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".darsd.yaml-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), file) // a rename would replace what is there
}

// folders are watched for what comes in.
var folders = []string{"applications", "signed-agreements", "certificates", "objections"}

func readable(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	return f.Close()
}
