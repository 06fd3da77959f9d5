package objects_test

import (
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/objectstest"
	"github.com/parvis-opendata/parvis/internal/objects/s3test"
)

// The other tests of this store do without a prefix.
func TestS3FulfilsTheContract(t *testing.T) {
	server := s3test.Start(t)
	objectstest.Run(t, func(t *testing.T) objects.Store {
		o := server.Bucket(t)
		o.Prefix = "some/prefix"
		return s3test.Open(t, o)
	})
}

func TestS3OfMinIOFulfilsTheContract(t *testing.T) {
	server := s3test.StartMinIO(t)
	objectstest.Run(t, func(t *testing.T) objects.Store { return s3test.Open(t, server.Bucket(t)) })
}
