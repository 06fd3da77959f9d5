package portal

import (
	"context"
	"errors"

	"github.com/parvis-opendata/parvis/internal/search"
	"github.com/parvis-opendata/parvis/web"
	"github.com/parvis-opendata/parvis/web/ask"
)

// ErrUnknownTraining says that the served catalogue has no training of a number.
var ErrUnknownTraining = errors.New("no such training")

// training answers with the page of a training.
func (p *Portal) training(c *Call) error {
	ctx := c.Request.Context()
	r, err := p.read(ctx, []string{search.Table}, nil)
	if err != nil {
		return err
	}
	defer r.close()
	rows, err := r.ask(ctx, web.TrainingQuestion(c.Path("numero")))
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return ErrUnknownTraining
	}
	held := r.held[search.Table]
	c.Writer.Header().Set("X-Release", held.ReleaseID())
	return p.send(c, sheet{of: []any{r.releases()}, modified: held.Modified(), make: func(ctx context.Context) ([]byte, error) {
		answers, err := r.askNamed(ctx, web.TrainingQuestions(rows[0]))
		if err != nil {
			return nil, err
		}
		return p.site.Training(p.frame(c, web.HereSearch), web.Training{Row: rows[0], Answers: answers, Release: held.ReleaseID()})
	}})
}

// askNamed asks several questions, each of which has a name.
//
// Errors: those of [reading.ask].
func (r *reading) askNamed(ctx context.Context, questions map[string]ask.Question) (map[string][]ask.Row, error) {
	answers := map[string][]ask.Row{}
	for _, name := range web.Names(questions) {
		rows, err := r.ask(ctx, questions[name])
		if err != nil {
			return nil, err
		}
		answers[name] = rows
	}
	return answers, nil
}
