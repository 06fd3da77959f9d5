package objects

import (
	"path"
	"time"
)

// tempFolder holds what is not an object: files being written, and the lock.
const tempFolder = reserved

// staleAfter is how long a temporary file may lie unchanged before it counts as left by a crash.
const staleAfter = 24 * time.Hour

// sweep removes what crashed writers left. It tries its best and fails silently: a store that cannot be written to
// can still be read, and a write will tell.
func (d *Dir) sweep() {
	names, err := d.tempFiles()
	if err != nil || len(names) == 0 {
		return
	}
	now, err := d.fileClock()
	if err != nil {
		return
	}
	for _, name := range names {
		file, err := d.root.Lstat(name)
		if err == nil && now.Sub(file.ModTime()) > staleAfter {
			d.discard(name)
		}
	}
}

func (d *Dir) tempFiles() ([]string, error) {
	entries, err := d.readFolder(tempFolder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if name := path.Join(tempFolder, entry.Name()); name != lockFile {
			names = append(names, name)
		}
	}
	return names, nil
}

// fileClock reads the clock that the times of files come from, which on a network file system is the server's.
func (d *Dir) fileClock() (time.Time, error) {
	file, temp, err := d.createTemp()
	if err != nil {
		return time.Time{}, err
	}
	defer d.discard(temp)
	info, err := file.Stat()
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}
