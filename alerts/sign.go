package alerts

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// key signs events.
type key []byte

const keyPrefix = "whsec_"

// Bytes of a key, as standardwebhooks.com wants them.
const (
	shortestKey = 24
	longestKey  = 64
)

// parseKeys reads secrets with spaces between. Errors repeat nothing of them.
func parseKeys(secrets string) (all []key, err error) {
	for i, text := range strings.Fields(secrets) {
		encoded, marked := strings.CutPrefix(text, keyPrefix)
		k, err := base64.StdEncoding.DecodeString(encoded)
		if !marked || err != nil || len(k) < shortestKey || len(k) > longestKey {
			return nil, fmt.Errorf("secret %d is not of the form %s and %d to %d bytes in base64; make one with: echo %s$(openssl rand -base64 32)",
				i+1, keyPrefix, shortestKey, longestKey, keyPrefix)
		}
		all = append(all, k)
	}
	if len(all) == 0 {
		return nil, errors.New("there is no secret")
	}
	return all, nil
}

// sign returns the signatures of an event, one of each key.
func (w *Webhook) sign(id string, at time.Time, body []byte) string {
	var all []string
	for _, k := range w.keys {
		mac := hmac.New(sha256.New, k)
		_, _ = mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + ".")) // a hash never fails
		_, _ = mac.Write(body)
		all = append(all, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(all, " ")
}
