package synthetic

import (
	"embed"
	"encoding/csv"
	"errors"
	"io/fs"
	"strconv"
)

//go:embed data/*.csv
var data embed.FS

// record is a line of a reference file, by column.
type record map[string]string

func (r record) number(column string) float64 {
	n, err := strconv.ParseFloat(r[column], 64)
	if err != nil {
		return 0
	}
	return n
}

// readList reads a reference file.
func readList(files fs.FS, path string) ([]record, error) {
	file, err := files.Open(path)
	if err != nil {
		return nil, err
	}
	lines, err := csv.NewReader(file).ReadAll()
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	var list []record
	for _, line := range lines[1:] {
		r := record{}
		for i, column := range lines[0] {
			r[column] = line[i]
		}
		list = append(list, r)
	}
	return list, nil
}
