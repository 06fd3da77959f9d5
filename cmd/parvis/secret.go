package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"unicode"
)

// secret is a setting that nothing prints. It comes from its environment variable,
// or from the file that the variable of the same name and _FILE names; there is no
// flag for it, because everybody on the machine can read a command line. The file
// is read when the secret is needed, and by nobody who does not need it.
//
// A field of settings of this type is a secret. Its tag kong:"-" keeps it off the
// command line.
type secret struct {
	name string // of the environment variable
	file string
	// value returns it, if it came by itself. It is a function because package fmt
	// looks into fields that are not exported, past their methods.
	value func() string
}

const fileSuffix = "_FILE"

// String says whether there is a secret and where it comes from, no more.
func (s secret) String() string {
	switch {
	case s.file != "":
		return "(set, in " + s.file + ")"
	case s.value != nil:
		return "(set)"
	}
	return ""
}

// Format implements [fmt.Formatter]: every verb prints the same as String.
func (s secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// MarshalText implements [encoding.TextMarshaler], for JSON and logs.
func (s secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil } //nolint:unparam // the interface wants the error

func (s secret) isSet() bool { return s.value != nil || s.file != "" }

// maxSecret is more than any key or password has.
const maxSecret = 16 << 10

// reveal returns the secret; "" if there is none.
func (s secret) reveal() (string, error) {
	switch {
	case s.value != nil:
		return s.value(), nil
	case s.file == "":
		return "", nil
	}
	text, err := readSecret(s.file)
	if err != nil {
		return "", fmt.Errorf("%w: read %s%s: %w", errUsage, s.name, fileSuffix, err)
	}
	return text, nil
}

// readSecret reads the one line that a file holds. Its errors repeat nothing of it.
func readSecret(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("%w; give a file that the user of parvis can read", err)
	}
	data, err := io.ReadAll(io.LimitReader(file, maxSecret+1))
	if err := errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("%w; give a file that the user of parvis can read", err)
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r")
	switch {
	case text == "":
		return "", fmt.Errorf("%s is empty; write the secret into it", path)
	case len(data) > maxSecret:
		return "", fmt.Errorf("%s is too long for a secret; write nothing else into it", path)
	case strings.ContainsFunc(text, unicode.IsControl):
		return "", fmt.Errorf("%s holds more than one line; write nothing but the secret into it", path)
	}
	return text, nil
}

// bindSecrets finds the secrets in an environment.
//
// Errors: a secret is there both as a value and as a file.
func (s *settings) bindSecrets(environ []string) error {
	values := environment(environ)
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		found, ok := v.Field(i).Addr().Interface().(*secret)
		if !ok {
			continue
		}
		name := v.Type().Field(i).Tag.Get("env")
		*found = secret{name: name, file: values[name+fileSuffix]}
		if value := values[name]; value != "" {
			found.value = func() string { return value }
		}
		if found.value != nil && found.file != "" {
			return fmt.Errorf("%w: read %s: %s%s is set too; unset one of them", errUsage, name, name, fileSuffix)
		}
	}
	return nil
}

// environment returns the values of an environment by name.
func environment(environ []string) map[string]string {
	values := map[string]string{}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		values[name] = value
	}
	return values
}
