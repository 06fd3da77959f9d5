package main

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/parvis-opendata/parvis/internal/objects"
)

// place is where the hub or the store is: a directory, or a prefix of a bucket in
// object storage and what it takes to get there. The two have settings of their own
// throughout, and never each other's keys.
type place struct {
	name, value      string // the setting and its value
	group            string // what the names of its S3 settings begin with
	endpoint, region string
	access, secret   secret
}

func (s *settings) hubPlace() place {
	return place{
		name: "PARVIS_HUB", value: s.Hub, group: "PARVIS_HUB_S3_",
		endpoint: s.HubS3Endpoint, region: s.HubS3Region, access: s.HubS3AccessKey, secret: s.HubS3SecretKey,
	}
}

func (s *settings) storePlace() place {
	return place{
		name: "PARVIS_STORE", value: s.Store, group: "PARVIS_S3_",
		endpoint: s.S3Endpoint, region: s.S3Region, access: s.S3AccessKey, secret: s.S3SecretKey,
	}
}

// useDirectories puts the hub, the store and the working directory into directories,
// whatever was set.
func (s *settings) useDirectories(hub, store, work string) {
	s.Hub, s.HubS3Endpoint, s.HubS3AccessKey, s.HubS3SecretKey, s.HubS3Region = hub, "", secret{}, secret{}, ""
	s.Store, s.S3Endpoint, s.S3AccessKey, s.S3SecretKey, s.S3Region = store, "", secret{}, secret{}, ""
	s.Workdir = work
}

const s3Scheme = "s3://"

func (p place) inS3() bool { return strings.HasPrefix(p.value, s3Scheme) }

// directory returns the place if it is a directory.
//
// Errors: it is another kind of address; it has settings of object storage, which
// would be of no use.
func (p place) directory() (string, error) {
	if strings.Contains(p.value, "://") {
		return "", fmt.Errorf("%w: read %s: it is neither a directory nor of the form s3://bucket/prefix", errUsage, p.name)
	}
	for _, s := range p.s3Settings() {
		if s.set {
			return "", fmt.Errorf("%w: read %s: it is a directory, and %s is set; set %s to s3://bucket/prefix, or unset %s",
				errUsage, p.name, p.group+s.name, p.name, p.group+s.name)
		}
	}
	return p.value, nil
}

// s3Setting is a setting of object storage, and whether it has a value.
type s3Setting struct {
	name string
	set  bool
}

func (p place) s3Settings() []s3Setting {
	return []s3Setting{
		{"ENDPOINT", p.endpoint != ""}, {"ACCESS_KEY", p.access.isSet()}, {"SECRET_KEY", p.secret.isSet()}, {"REGION", p.region != ""},
	}
}

// s3 returns how to open a place in object storage.
//
// Errors: a setting is missing or cannot be right.
func (p place) s3() (o objects.S3Options, err error) {
	var missing []string
	for _, s := range p.s3Settings() {
		if !s.set && s.name != "REGION" {
			missing = append(missing, p.group+s.name)
		}
	}
	if len(missing) > 0 {
		return o, fmt.Errorf("%w: read %s: an address in object storage also needs %s; set what is missing (a key, or its file with %s)",
			errUsage, p.name, strings.Join(missing, ", "), fileSuffix)
	}
	o = objects.S3Options{Endpoint: p.endpoint, Region: p.region}
	if o.Bucket, o.Prefix, err = objects.ParseS3URL(p.value); err != nil {
		return o, fmt.Errorf("%w: read %s: %w", errUsage, p.name, err)
	}
	if o.AccessKey, err = p.access.reveal(); err != nil {
		return o, err
	}
	o.SecretKey, err = p.secret.reveal()
	return o, err
}

// onDisk refuses an address where only a directory will do.
func onDisk(name, value string) error {
	if strings.Contains(value, "://") {
		return fmt.Errorf("%w: read %s: it is no directory; give one on a disk of this machine", errUsage, name)
	}
	return nil
}

// apart refuses a hub, a store and a working directory that lie in one another: the
// public is served from the store, and the working directory is emptied.
func (s *settings) apart() error {
	hub, store, work := s.hubPlace(), s.storePlace(), place{name: "PARVIS_WORKDIR", value: s.Workdir}
	for _, pair := range [][2]place{{hub, store}, {store, hub}, {work, store}, {store, work}, {hub, work}, {work, hub}} {
		in, err := pair[0].in(pair[1])
		if err != nil {
			return err
		}
		if in {
			return fmt.Errorf("%w: %s lies in %s; give each a place of its own", errUsage, pair[0].name, pair[1].name)
		}
	}
	return nil
}

// in reports whether a place is another one or lies in it.
func (p place) in(outer place) (bool, error) {
	switch {
	case p.value == "" || outer.value == "" || p.inS3() != outer.inS3():
		return false, nil
	case p.inS3():
		return p.inBucket(outer)
	}
	in, err := filepath.Abs(p.value)
	if err != nil {
		return false, err
	}
	out, err := filepath.Abs(outer.value)
	if err != nil {
		return false, err
	}
	rel, err := filepath.Rel(out, in)
	return err == nil && filepath.IsLocal(rel), nil
}

// inBucket is in for two places in object storage.
func (p place) inBucket(outer place) (bool, error) {
	bucket, prefix, err := objects.ParseS3URL(p.value)
	if err != nil {
		return false, fmt.Errorf("%w: read %s: %w", errUsage, p.name, err)
	}
	outBucket, outPrefix, err := objects.ParseS3URL(outer.value)
	if err != nil {
		return false, fmt.Errorf("%w: read %s: %w", errUsage, outer.name, err)
	}
	under := outPrefix == "" || strings.HasPrefix(prefix+"/", outPrefix+"/")
	return bucket == outBucket && under && server(p.endpoint) == server(outer.endpoint), nil
}

// server returns the server that an endpoint leads to, by which two endpoints can be
// compared. The names of buckets are the same at all endpoints of Amazon.
func server(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return endpoint
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	if strings.HasSuffix(host, ".amazonaws.com") || host == "amazonaws.com" {
		return "amazonaws.com"
	}
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	return host + ":" + port
}
