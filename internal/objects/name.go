package objects

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName    = 512
	maxSegment = 255 // what file systems take
	// reserved begins no segment of a name, so that stores can keep their own files beside the objects.
	reserved = ".tmp"
)

// checkName returns an ErrInvalid that says which rule of [Store] a name breaks, or nil.
func checkName(name string) error {
	if err := checkCharacters(name); err != nil {
		return err
	}
	for segment := range strings.SplitSeq(name, "/") {
		if err := checkSegment(segment); err != nil {
			return err
		}
	}
	return nil
}

// checkPrefix returns an ErrInvalid if no name can begin with prefix. Its last segment may be cut anywhere between
// two characters, and is therefore allowed to be empty, "." or "..".
func checkPrefix(prefix string) error {
	if err := checkCharacters(prefix); err != nil {
		return err
	}
	folder, last := splitPrefix(prefix)
	if strings.HasPrefix(last, reserved) {
		return fmt.Errorf("%w: a segment begins with %q", ErrInvalid, reserved)
	}
	if folder == "" {
		return nil
	}
	return checkName(strings.TrimSuffix(folder, "/"))
}

// splitPrefix cuts a prefix behind its last slash: the folder where the listing begins, and what the names in it
// begin with.
func splitPrefix(prefix string) (folder, last string) {
	cut := strings.LastIndexByte(prefix, '/') + 1
	return prefix[:cut], prefix[cut:]
}

func checkCharacters(name string) error {
	switch {
	case len(name) > maxName:
		return fmt.Errorf("%w: more than %d bytes", ErrInvalid, maxName)
	case !utf8.ValidString(name):
		return fmt.Errorf("%w: not UTF-8", ErrInvalid)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("%w: a control character", ErrInvalid)
	case strings.Contains(name, `\`):
		return fmt.Errorf("%w: a backslash", ErrInvalid)
	}
	return nil
}

func checkSegment(segment string) error {
	switch {
	case segment == "":
		return fmt.Errorf("%w: an empty segment", ErrInvalid)
	case segment == ".", segment == "..":
		return fmt.Errorf("%w: a segment %q", ErrInvalid, segment)
	case len(segment) > maxSegment:
		return fmt.Errorf("%w: a segment of more than %d bytes", ErrInvalid, maxSegment)
	case strings.HasPrefix(segment, reserved):
		return fmt.Errorf("%w: a segment begins with %q", ErrInvalid, reserved)
	}
	return nil
}
