package traces

import (
	"net/http"

	"go.opentelemetry.io/otel/trace"
)

// Transport tells of each request that is sent within a span: its method, and the status
// that the answer begins with. The server is not told of the trace.
func Transport(to http.RoundTripper) http.RoundTripper { return transport{to} }

type transport struct{ to http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	parent := trace.SpanFromContext(r.Context())
	if !parent.IsRecording() {
		return t.to.RoundTrip(r)
	}
	_, s := begin(r.Context(), parent.TracerProvider(), "object "+r.Method, trace.SpanKindClient)
	s.Text("http.request.method", r.Method)
	answer, err := t.to.RoundTrip(r)
	if answer != nil {
		s.Number("http.response.status_code", int64(answer.StatusCode))
	}
	s.End(err)
	return answer, err
}
