package objects

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7/pkg/s3utils"
)

// ParseS3URL splits "s3://bucket/prefix", as settings spell a store in S3. The prefix may be missing; a slash at its
// end is dropped.
//
// Errors: ErrInvalid when the text is not of that form, or when the bucket or the prefix cannot be one.
func ParseS3URL(text string) (bucket, prefix string, err error) {
	rest, found := strings.CutPrefix(text, "s3://")
	if !found {
		return "", "", fmt.Errorf("parse S3 address: %w: it does not begin with s3://", ErrInvalid)
	}
	bucket, prefix, _ = strings.Cut(rest, "/")
	prefix = strings.TrimSuffix(prefix, "/")
	if err := checkPlace(bucket, prefix); err != nil {
		return "", "", fmt.Errorf("parse S3 address: %w", err)
	}
	return bucket, prefix, nil
}

// checkPlace checks a bucket and a prefix. Its messages do not repeat them: who mistakes the form of the address may
// have written a secret into it.
func checkPlace(bucket, prefix string) error {
	if err := s3utils.CheckValidBucketName(bucket); err != nil {
		return fmt.Errorf("%w: the bucket is not one that S3 allows, want s3://bucket/prefix", ErrInvalid)
	}
	if prefix == "" {
		return nil
	}
	if err := checkName(prefix); err != nil {
		return fmt.Errorf("prefix: %w", err)
	}
	return nil
}

// parseEndpoint returns where requests go. A path would not be honoured, and a user in it would be a secret.
func parseEndpoint(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%w: the endpoint is not of the form https://host or https://host:port", ErrInvalid)
	}
	if u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("%w: the endpoint has more than a scheme, a host and a port", ErrInvalid)
	}
	u.Path = ""
	return u, nil
}
