package exchange_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/parvis-opendata/parvis/api/exchange"
)

func TestChoose(t *testing.T) {
	for header, want := range map[string]string{
		"":                                "",
		"gzip":                            "gzip",
		"gzip, deflate, br, zstd":         "zstd",
		"zstd;q=0.5, gzip":                "gzip",
		"*":                               "zstd",
		"zstd;q=0, *":                     "gzip",
		"br":                              "",
		"identity, gzip;q=0.5":            "",
		"gzip;q=0.5, identity;q=0.5":      "gzip",
		"identity;q=0, gzip":              "gzip",
		"x-gzip":                          "gzip",
		"*;q=0":                           "none",
		"identity;q=0":                    "none",
		"br, identity;q=0":                "none",
		"zstd;q=nan, gzip;q=2, identity;": "",
	} {
		got, ok := exchange.ParseAccepts(http.Header{"Accept-Encoding": {header}}).Choose(exchange.Zstd, exchange.Gzip)
		if !ok {
			got = "none"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}

func TestEncode(t *testing.T) {
	body := []byte(strings.Repeat("une ligne;", 50_000))
	for coding, open := range map[string]func(io.Reader) (io.Reader, error){
		"":     func(r io.Reader) (io.Reader, error) { return r, nil },
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"zstd": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r, zstd.WithDecoderMaxWindow(8<<20)) },
	} {
		packed, err := exchange.Encode(coding, body)
		if err != nil {
			t.Fatal(err)
		}
		r, err := open(bytes.NewReader(packed))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, body) || coding != "" && len(packed) > len(body)/10 {
			t.Errorf("%q: %d bytes, %v", coding, len(packed), err)
		}
	}
	if exchange.Tag("k", "") != `"k"` || exchange.Tag("k", "zstd") != `"k-zstd"` {
		t.Error("tags")
	}
}
