package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/parvis-opendata/parvis/api/exchange"
)

// encode writes a value as JSON with a final line break; "<" stays "<".
func encode(v any) ([]byte, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return text.Bytes(), err
}

// writeJSON answers with a value, under an entity tag made of its bytes.
func writeJSON(c *gin.Context, v any) error {
	text, err := encode(v)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	c.Header("Vary", "Accept-Encoding")
	coding, ok := exchange.ParseAccepts(c.Request.Header).Choose(exchange.Zstd, exchange.Gzip)
	if !ok {
		return &problem{kind: errEncoding, detail: "La réponse existe sans compression, en gzip et en zstd, que Accept-Encoding refuse tous."}
	}
	tag := exchange.Tag(hex.EncodeToString(sum[:]), coding)
	switch exchange.Judge(c.Request, tag, time.Time{}) {
	case exchange.ConditionFailed:
		return errPrecondition
	case exchange.NotModified:
		unchanged(c, tag, exchange.CacheLatest)
		return nil
	case exchange.Proceed:
	}
	if text, err = exchange.Encode(coding, text); err != nil {
		return err
	}
	if coding != "" {
		c.Header("Content-Encoding", coding)
	}
	c.Header("ETag", tag)
	c.Header("Cache-Control", exchange.CacheLatest)
	writeBody(c, http.StatusOK, text)
	return nil
}

// unchanged answers that a client has what it asks for.
func unchanged(c *gin.Context, tag, cache string) {
	ease(c)
	exchange.Unchanged(c.Writer, tag, cache)
	c.Writer.WriteHeaderNow()
}

// writeBody sends a JSON text.
func writeBody(c *gin.Context, status int, text []byte) {
	c.Header("Content-Type", "application/json")
	c.Header("Content-Length", strconv.Itoa(len(text)))
	c.Writer.WriteHeader(status)
	c.Writer.WriteHeaderNow()
	if c.Request.Method != http.MethodHead {
		_, _ = c.Writer.Write(text) // a client that left cannot be told
	}
}
