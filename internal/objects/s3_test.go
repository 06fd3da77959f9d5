package objects_test

import (
	"testing"

	"github.com/parvis-opendata/parvis/internal/objects"
	"github.com/parvis-opendata/parvis/internal/objects/objectstest"
)

// The other tests of this store do without a prefix.
func TestS3FulfilsTheContract(t *testing.T) {
	server := startVersitygw(t)
	objectstest.Run(t, func(t *testing.T) objects.Store {
		o := server.bucket(t)
		o.Prefix = "some/prefix"
		return openS3(t, o)
	})
}

func TestS3OfMinIOFulfilsTheContract(t *testing.T) {
	program, err := minioServer.find()
	if err != nil {
		t.Skip(err)
	}
	server := minioServer.start(t, program)
	objectstest.Run(t, func(t *testing.T) objects.Store { return openS3(t, server.bucket(t)) })
}
