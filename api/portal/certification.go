package portal

import (
	"context"
	"errors"
	"maps"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/web"
	"github.com/parvis-opendata/parvis/web/ask"
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
	offer, err := p.read(ctx, false, search.Table)
	if err != nil {
		return err
	}
	defer offer.close()
	demand, err := p.read(ctx, true, web.Purchases)
	if err != nil {
		return err
	}
	defer demand.close()
	a := about{code: code, offer: offer, demand: demand}
	if err := a.know(ctx); err != nil {
		return err
	}
	held := offer.held[search.Table]
	c.Writer.Header().Set("X-Release", held.ReleaseID())
	return p.send(c, sheet{of: []any{offer.releases(), demand.releases()}, make: func(ctx context.Context) ([]byte, error) {
		shown, err := a.read(ctx)
		if err != nil {
			return nil, err
		}
		f := p.frame(c, web.HereSearch)
		f.Path = "/certifications/" + code.String()
		return p.site.Certification(f, shown)
	}})
}

// about is what is read of a certification.
type about struct {
	code          web.Code
	offer, demand *reading
}

// know asks whether there is such a certification.
//
// Errors: [ErrUnknownCertification]; those of [reading.ask].
func (a about) know(ctx context.Context) error {
	offered, err := a.offer.ask(ctx, web.OfferQuestions(a.code)["fiche"])
	if err != nil || len(offered) > 0 {
		return err
	}
	if !a.demand.has(web.Purchases) {
		return ErrUnknownCertification
	}
	bought, err := a.demand.ask(ctx, web.DemandQuestions(a.code)["achetée"])
	if err == nil && len(bought) == 0 {
		err = ErrUnknownCertification
	}
	return err
}

// read asks for all that is shown.
//
// Errors: those of [reading.ask].
func (a about) read(ctx context.Context) (web.Certification, error) {
	c := web.Certification{Code: a.code, Answers: map[string][]ask.Row{}, Release: a.offer.releases()[search.Table], Purchases: a.demand.releases()[web.Purchases]}
	answers, err := a.offer.askAll(ctx, web.OfferQuestions(a.code))
	if err != nil {
		return c, err
	}
	maps.Copy(c.Answers, answers)
	if !a.demand.has(web.Purchases) {
		return c, nil
	}
	if answers, err = a.demand.askAll(ctx, web.DemandQuestions(a.code)); err != nil {
		return c, err
	}
	maps.Copy(c.Answers, answers)
	if latest := answers["achetée"]; len(latest) > 0 {
		c.Month = latest[0].Text("date_validation")
		c.Regions, err = a.demand.ask(ctx, web.RegionQuestion(a.code, c.Month))
	}
	return c, err
}
