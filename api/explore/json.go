package explore

import "github.com/parvis-opendata/parvis/internal/engine"

// jsonArray writes rows as one array of objects.
type jsonArray struct {
	*objects
	begun bool
}

func (j *jsonArray) appendHead(b []byte) []byte { return append(b, '[') }

func (j *jsonArray) appendRow(b []byte, rows *engine.Rows) []byte {
	if j.begun {
		b = append(b, ',', '\n')
	}
	j.begun = true
	return append(j.appendFields(append(b, '{'), rows), '}')
}

func (j *jsonArray) appendTail(b []byte) []byte { return append(b, ']', '\n') }

// jsonLines writes rows as one object per line.
type jsonLines struct{ *objects }

func (j jsonLines) appendHead(b []byte) []byte { return b }

func (j jsonLines) appendRow(b []byte, rows *engine.Rows) []byte {
	return append(j.appendFields(append(b, '{'), rows), '}', '\n')
}

func (j jsonLines) appendTail(b []byte) []byte { return b }
