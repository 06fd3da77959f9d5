package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// prices reads which price of the catalogue an answer holds; 0 if it holds neither.
func (r reply) price(among ...int) int {
	for _, price := range among {
		if strings.Contains(string(r.body), strconv.Itoa(price)) {
			return price
		}
	}
	return 0
}

// TestFaultsOfAServer: while a release is published that the server has trouble to load, it
// answers queries with the former one; files come whole, or broken off, or with a digest that
// tells; in the end the last release is served.
func TestFaultsOfAServer(t *testing.T) {
	t.Parallel()
	s := newFaultSite(t)
	server := startServer(t, s.through...)
	records := func() reply { return server.get(catalogueRecords) }
	await(t, "the first release is loaded", func() bool { return records().price(s.price) > 0 })
	await(t, "the first release can be searched", func() bool { return server.get(catalogueSearch).status == http.StatusOK })
	var first []*http.Request // that meet a fault: some look at the pointer, some read what is new
	for range 8 {
		first = append(first, &http.Request{Method: http.MethodGet})
	}
	asked, files := 0, map[string]int{}
	for _, f := range faultCases(t, reading(), 6) {
		t.Run(fmt.Sprintf("%d %s", f.seed, f), func(t *testing.T) {
			s.t = t
			served := []int{s.price, records().price(s.price, s.price-1, s.price-2, s.price-3)}
			s.next()
			served = append(served, s.price)
			f.spoil(s.proxy, first)
			s.run(crashCommands["publish"]...)
			for until := time.Now().Add(2500 * time.Millisecond); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
				for _, path := range []string{catalogueRecords, catalogueExport, catalogueSearch} {
					asked++
					if r := server.get(path); r.status != http.StatusOK || r.err != nil || path != catalogueSearch && r.price(served...) == 0 {
						t.Errorf("%s, of prices %v: %s", path, served, r)
					}
				}
				file := server.get(catalogueFile)
				switch {
				case file.err != nil:
					files["broken off"]++
				case file.status != http.StatusOK:
					files[strconv.Itoa(file.status)]++
					if f.spread.name != "from then on" {
						t.Errorf("%s: %s", catalogueFile, file)
					}
				case file.whole():
					files["whole"]++
				default:
					files["told by its digest"]++
					if f.kind.name != "corrupted answer" {
						t.Errorf("%s: %s", catalogueFile, file)
					}
				}
			}
			s.proxy.Set(nil)
		})
	}
	s.t = t
	await(t, "the last release is served", func() bool { return records().price(s.price) > 0 })
	await(t, "its file is", func() bool { f := server.get(catalogueFile); return f.whole() && f.price(s.price) > 0 })
	t.Logf("%d queries were answered; files: %v", asked, files)
}
