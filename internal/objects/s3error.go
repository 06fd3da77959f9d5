package objects

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/minio/minio-go/v7"
)

// s3Error is what a request ended in, in our words.
type s3Error struct {
	kind error
	// cause says in one line what happened and what to do about it.
	cause string
	// passes says that the same request may succeed later.
	passes bool
	// doubt says that the server may have done what it was asked to.
	doubt bool
	// missing names what is not there, for the callers that have an answer to that.
	missing  missingPart
	attempts int
}

type missingPart int

const (
	missingNothing missingPart = iota
	missingRange
	missingUpload
)

func (f *s3Error) Error() string {
	text := f.kind.Error()
	if f.cause != "" {
		text += ": " + f.cause
	}
	if f.attempts > 1 {
		text += fmt.Sprintf(" (%d attempts)", f.attempts)
	}
	return text
}

func (f *s3Error) Unwrap() error { return f.kind }

func unavailable(cause string) *s3Error { return &s3Error{kind: ErrUnavailable, cause: cause} }

// judge turns the error of a request into an s3Error, or into that of the caller's context. The request ran under
// the context watched.
func (s *S3) judge(ctx, watched context.Context, err error) error {
	if err == nil {
		return nil
	}
	var failed *s3Error
	if errors.As(err, &failed) {
		return err
	}
	var answer minio.ErrorResponse
	if errors.As(err, &answer) {
		return s.answered(answer)
	}
	if cancelled := ctx.Err(); cancelled != nil {
		return cancelled
	}
	f := s.unanswered(watched, err)
	f.kind = ErrUnavailable
	f.cause = s.clean(f.cause)
	return f
}

// isRefusal reports whether an error is about what is under the name, and not about the server.
func isRefusal(err error) bool { return errors.Is(err, ErrConflict) || errors.Is(err, ErrNotFound) }

// unconditional corrects the failure of a write that states no condition: no answer to it means that there was one.
func unconditional(err error) error {
	var f *s3Error
	if errors.As(err, &f) && isRefusal(f) {
		return unavailable("what answers does not behave like S3: check the endpoint and other writers of the object")
	}
	return err
}

// unanswered judges a request that got no answer, or half of one.
func (s *S3) unanswered(watched context.Context, err error) *s3Error {
	if errors.Is(context.Cause(watched), errStalled) {
		return &s3Error{passes: true, doubt: true, cause: "the server does not answer: check its load and the network"}
	}
	var (
		wrapped *url.Error
		network *net.OpError
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
	)
	if errors.As(err, &wrapped) {
		err = wrapped.Err // without the address of the object
	}
	switch {
	case errors.As(err, &cert):
		return &s3Error{cause: "the certificate of the server is not trusted, " +
			"check the endpoint and install its authority in the system (or SSL_CERT_FILE): " + cert.Err.Error()}
	case errors.As(err, &record), strings.Contains(err.Error(), "HTTP response to HTTPS client"):
		return &s3Error{cause: "the server does not speak TLS: write http:// in the endpoint, or another port"}
	case errors.As(err, &network) && network.Op == "dial":
		return &s3Error{passes: true, cause: "cannot reach the host, check the endpoint, the network and whether the server runs: " + network.Error()}
	case strings.Contains(err.Error(), "Connection closed by foreign host"): // minio's words, with the address
		return &s3Error{passes: true, doubt: true, cause: "the server closed the connection: check the network and any proxy"}
	}
	return &s3Error{passes: true, doubt: true, cause: "the connection broke, or what answers is not S3, check the network, the endpoint and any proxy: " + err.Error()}
}

// answered judges an error that the server sent. The table of codes is first asked, then that of statuses.
func (s *S3) answered(answer minio.ErrorResponse) *s3Error {
	f, known := s3Codes[answer.Code]
	if !known {
		f, known = s3Statuses[answer.StatusCode]
	}
	if !known {
		f = otherStatus(answer.StatusCode)
	}
	if f.kind == nil {
		f.kind = ErrUnavailable
	}
	if !isRefusal(&f) {
		f.cause = s.clean(f.cause + said(answer))
	}
	return &f
}

func otherStatus(status int) s3Error {
	if status >= 500 || status == 0 || status == http.StatusOK { // 200: a multipart upload that fails late
		return s3Error{passes: true, doubt: true, cause: "the server failed: see its log"}
	}
	return s3Error{cause: "the server refuses the request"}
}

// said quotes the server.
func said(answer minio.ErrorResponse) string {
	text := " (" + answer.Code
	if answer.StatusCode != 0 && !strings.HasPrefix(answer.Code, strconv.Itoa(answer.StatusCode)) {
		text = fmt.Sprintf(" (%d %s", answer.StatusCode, answer.Code)
	}
	if answer.Message != "" {
		text += ", " + answer.Message
	}
	if answer.Region != "" {
		text += ", region " + answer.Region
	}
	return text + ")"
}

// maxCause is how many bytes of a cause are told.
const maxCause = 400

var signature = regexp.MustCompile(`(?i)(signature=)[^\s&,;]+`)

// clean makes a cause one line without keys and signatures: a server may send back whatever it was sent.
func (s *S3) clean(cause string) string {
	cause = signature.ReplaceAllString(s.redact.Replace(cause), "$1[signature]")
	cause = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(cause, "?"))
	if len(cause) > maxCause {
		cause = strings.ToValidUTF8(cause[:maxCause], "") + "…"
	}
	return cause
}
