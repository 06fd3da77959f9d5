package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestHubStoreAndWorkdirLieApart(t *testing.T) {
	const here = "http://s3.example.fr"
	for _, c := range []struct {
		name                                 string
		hub, hubAt, store, storeAt, work, in string
	}{
		{"directories", "h", "", "s", "", "w", ""},
		{"one directory", "x/", "", "./x", "", "w", "PARVIS_HUB lies in PARVIS_STORE"},
		{"store below hub", "h", "", "h/s", "", "w", "PARVIS_STORE lies in PARVIS_HUB"},
		{"workdir below store", "h", "", "s", "", "s/w", "PARVIS_WORKDIR lies in PARVIS_STORE"},
		{"store below workdir", "h", "", "w/s", "", "w", "PARVIS_STORE lies in PARVIS_WORKDIR"},
		{"hub below workdir", "w/h", "", "s", "", "w", "PARVIS_HUB lies in PARVIS_WORKDIR"},
		{"workdir below hub", "h", "", "s", "", "h/w", "PARVIS_WORKDIR lies in PARVIS_HUB"},
		{"names that begin alike", "data", "", "data2", "", "data3", ""},
		{"no hub", "", "", "s", "", "w", ""},
		{"a directory and a bucket", "bucket", "", "s3://bucket", here, "w", ""},
		{"two buckets", "s3://hub", here, "s3://store", here, "w", ""},
		{"two prefixes", "s3://bucket/hub", here, "s3://bucket/hub2", here, "w", ""},
		{"one prefix", "s3://bucket/x", here, "s3://bucket/x/", here + "/", "w", "PARVIS_HUB lies in PARVIS_STORE"},
		{"hub below store", "s3://bucket/x/hub", here, "s3://bucket/x", here, "w", "PARVIS_HUB lies in PARVIS_STORE"},
		{"store in the hub's bucket", "s3://bucket", here, "s3://bucket/x", here, "w", "PARVIS_STORE lies in PARVIS_HUB"},
		{"port and letters", "s3://bucket", "HTTP://S3.example.fr:80", "s3://bucket", here, "w", "PARVIS_HUB lies in PARVIS_STORE"},
		{"two servers", "s3://bucket", "http://hub.example.fr", "s3://bucket", here, "w", ""},
		{"two ports", "s3://bucket", here + ":9000", "s3://bucket", here + ":9001", "w", ""},
		{"two regions of Amazon", "s3://bucket", "https://s3.amazonaws.com", "s3://bucket", "https://s3.eu-west-3.amazonaws.com", "w", "PARVIS_HUB lies in PARVIS_STORE"},
		{"no bucket", "s3:///x", here, "s3://bucket", here, "w", "read PARVIS_HUB: parse S3 address"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := settings{Hub: c.hub, HubS3Endpoint: c.hubAt, Store: c.store, S3Endpoint: c.storeAt, Workdir: c.work}
			err := s.apart()
			if c.in == "" && err != nil || c.in != "" && (err == nil || !strings.Contains(err.Error(), c.in)) {
				t.Errorf("got %v, want %q", err, c.in)
			}
		})
	}
}

func TestSecretIsNeverPrinted(t *testing.T) {
	var s settings
	if err := s.bindSecrets([]string{"PARVIS_S3_SECRET_KEY=thesecret", "PARVIS_S3_ACCESS_KEY_FILE=/somewhere", "PARVIS_HUB=x"}); err != nil {
		t.Fatal(err)
	}
	out := &strings.Builder{}
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, value := range []any{s, &s, s.S3SecretKey, &s.S3SecretKey, []any{s.S3SecretKey}, s.storePlace()} {
			fmt.Fprintf(out, format+"\n", value)
		}
	}
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	slog.New(slog.NewJSONHandler(out, nil)).Info("x", "settings", s, "key", s.S3SecretKey)
	slog.New(slog.NewTextHandler(out, nil)).Info("x", "settings", s, "key", s.S3SecretKey)
	text := out.String()
	if strings.Contains(text, "thesecret") || strings.Contains(text, fmt.Sprintf("%x", "thesecret")) || !strings.Contains(text, "(set, in /somewhere)") {
		t.Errorf("printed:\n%s", text)
	}
	if key, err := s.S3SecretKey.reveal(); err != nil || key != "thesecret" {
		t.Errorf("%v", err)
	}
	if key, err := s.HubS3SecretKey.reveal(); err != nil || key != "" {
		t.Errorf("the hub has a key of its own: %v", err)
	}
}
