package alerts

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// TestSignatures: each secret gives a signature that standardwebhooks.com expects, that of
// its own example, that its library takes, and that a few lines of a receiver compute.
func TestSignatures(t *testing.T) {
	w, err := NewWebhook("https://alerts.example.fr", secret+" "+another)
	if err != nil {
		t.Fatal(err)
	}
	id, at, body := "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`)
	first, second, _ := strings.Cut(w.sign(id, at, body), " ")
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; first != want {
		t.Errorf("%s, want %s", first, want)
	}
	raw, err := base64.StdEncoding.DecodeString("C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, raw)
	mac.Write([]byte(`msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}`))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); second != want {
		t.Errorf("%s, want %s", second, want)
	}
	for _, s := range []string{secret, another} {
		receiver, err := webhooks.NewWebhook(s)
		if err != nil {
			t.Fatal(err)
		}
		header := http.Header{}
		header.Set("webhook-id", id)
		header.Set("webhook-timestamp", "1614265330")
		header.Set("webhook-signature", first+" "+second)
		if err := receiver.VerifyIgnoringTimestamp(body, header); err != nil {
			t.Error(err)
		}
		if err := receiver.VerifyIgnoringTimestamp([]byte(`{"test": 2432232315}`), header); err == nil {
			t.Error("another body is taken")
		}
	}
}

func TestSecretsThatAreNone(t *testing.T) {
	for name, text := range map[string]string{
		"none": " ", "no prefix": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "no base64": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!",
		"too short": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==", "too long": "whsec_" + strings.Repeat("MfKQ", 22),
		"the second": secret + " MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a comma": secret + "," + another,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := NewWebhook("https://alerts.example.fr", text)
			if err == nil || strings.Contains(err.Error(), "MfKQ") {
				t.Errorf("%v", err)
			}
		})
	}
}
