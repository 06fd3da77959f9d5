package web

import "net/http"

// Problem is what a reader is told when something cannot be shown.
type Problem struct {
	Status        int // of HTTP
	Title, Detail string
	// RequestID is to be quoted; empty if nothing went wrong on our side.
	RequestID string
}

// Waiting reports whether it helps to ask again.
func (p Problem) Waiting() bool {
	return p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests || p.Status == http.StatusInternalServerError
}

// problemView is the page as the template sees it.
type problemView struct {
	Frame
	Problem Problem
}

// Problem renders the page that says what is wrong, where there is nothing else to show.
func (s *Site) Problem(f Frame, p Problem) ([]byte, error) {
	return s.render("problem", problemView{f, p})
}
