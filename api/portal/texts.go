package portal

import "context"

// text answers with a page of text: the legal notice and the like.
func (p *Portal) text(name string) func(*Call) error {
	return func(c *Call) error {
		return p.send(c, sheet{make: func(context.Context) ([]byte, error) { return p.site.Text(p.frame(c, ""), name) }})
	}
}
