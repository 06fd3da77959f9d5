package portal

import (
	"context"
	"errors"
	"maps"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/web"
)

// ErrUnknownCertification says that neither the served catalogue nor the purchases know a
// certification of a code.
var ErrUnknownCertification = errors.New("no such certification")

// certification answers with the page of a certification.
func (p *Portal) certification(c *Call) error {
	code, ok := web.ReadCode(c.Path("code"))
	if !ok {
		return ErrUnknownCertification
	}
	ctx := c.Request.Context()
	r, err := p.read(ctx, []string{search.Table}, []string{web.Purchases})
	if err != nil {
		return err
	}
	defer r.close()
	if err := r.know(ctx, code); err != nil {
		return err
	}
	c.Writer.Header().Set("X-Release", r.releases()[search.Table])
	return p.send(c, sheet{of: []any{r.releases()}, make: func(ctx context.Context) ([]byte, error) {
		shown, err := r.about(ctx, code)
		if err != nil {
			return nil, err
		}
		f := p.frame(c, web.HereSearch)
		f.Path = "/certifications/" + code.String()
		return p.site.Certification(f, shown)
	}})
}

// know asks whether there is a certification.
//
// Errors: [ErrUnknownCertification]; those of [reading.ask].
func (r *reading) know(ctx context.Context, code web.Code) error {
	offered, err := r.ask(ctx, web.OfferQuestions(code)["fiche"])
	if err != nil || len(offered) > 0 {
		return err
	}
	if !r.has(web.Purchases) {
		return ErrUnknownCertification
	}
	bought, err := r.ask(ctx, web.DemandQuestions(code)["achetée"])
	if err == nil && len(bought) == 0 {
		err = ErrUnknownCertification
	}
	return err
}

// about asks for all that is shown of a certification.
//
// Errors: those of [reading.ask].
func (r *reading) about(ctx context.Context, code web.Code) (web.Certification, error) {
	c := web.Certification{Code: code, Release: r.releases()[search.Table], Purchases: r.releases()[web.Purchases]}
	var err error
	if c.Answers, err = r.askNamed(ctx, web.OfferQuestions(code)); err != nil || !r.has(web.Purchases) {
		return c, err
	}
	answers, err := r.askNamed(ctx, web.DemandQuestions(code))
	if err != nil {
		return c, err
	}
	maps.Copy(c.Answers, answers)
	if latest := answers["achetée"]; len(latest) > 0 {
		c.Month = latest[0].Text("date_validation")
		c.Regions, err = r.ask(ctx, web.RegionQuestion(code, c.Month))
	}
	return c, err
}
