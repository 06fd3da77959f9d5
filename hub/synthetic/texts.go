package synthetic

import (
	"context"
	"fmt"
	"hash/fnv"
	"html"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/parvis-opendata/parvis/internal/engine"
)

// writer composes titles and long texts from fragments of sentences.
type writer struct {
	fragments map[string][]string // by domain and kind, "langues contenu"
	places    []string            // départements of places of birth that do not exist
}

// texts makes the function texte(genre, domaine, intitule, nom, cle) of SQL: the title or
// a long text of a training that leads to the certification intitule. nom is the name
// of a provider who is a natural person, cle the draw.
func (d *draw) texts(ctx context.Context) error {
	list, err := readList(data, "data/fragments.csv")
	if err != nil {
		return err
	}
	w := &writer{fragments: map[string][]string{}, places: birthDepartements(d.towns)}
	for _, r := range list {
		key := r["domaine"] + " " + r["genre"]
		w.fragments[key] = append(w.fragments[key], r["texte"])
	}
	fn := func(a []string) (string, []int32) { return w.text(a[0], a[1], a[2], a[3], a[4]), nil }
	if err := d.db.Register(ctx, "texte_go", 5, nil, engine.TextFunction(fn)); err != nil {
		return err
	}
	return d.db.Exec(ctx, "CREATE MACRO texte(genre, domaine, intitule, nom, cle) AS (texte_go(genre, domaine, intitule, nom, cle)).texte")
}

// text writes the title or a long text; the key decides everything that is drawn.
func (w *writer) text(kind, domain, title, name, key string) string {
	h := fnv.New64a()
	h.Write([]byte(kind)) // never fails
	seed, _ := strconv.ParseUint(key, 10, 64)
	p := &page{writer: w, r: rand.New(rand.NewPCG(seed, h.Sum64())), domain: domain, title: title, name: name} //nolint:gosec // G404: invented text
	switch kind {
	case "titre":
		return p.heading()
	case "points_forts":
		return p.strengths(rand.New(rand.NewPCG(seed, 1))) //nolint:gosec // G404: as above
	case "objectif":
		return p.aims()
	case "contenu":
		return p.content()
	default:
		return p.results()
	}
}

// page is one text in the making.
type page struct {
	*writer
	r                   *rand.Rand
	domain, title, name string
}

// some returns n different fragments of a kind, of the domain or of all.
func (p *page) some(domain, kind string, n int) []string {
	all := p.fragments[domain+" "+kind]
	if len(all) == 0 {
		all = p.fragments["general "+kind]
	}
	var chosen []string
	for _, i := range p.r.Perm(len(all))[:min(n, len(all))] {
		chosen = append(chosen, all[i])
	}
	return chosen
}

func (p *page) one(options ...string) string { return options[p.r.IntN(len(options))] }

// heading returns the title of a training: that of the certification, most often
// with something of the provider's own.
func (p *page) heading() string {
	title := p.title
	switch p.r.IntN(8) {
	case 0:
		return title
	case 1:
		return "Préparer : " + title
	case 2:
		return strings.ToUpper(title)
	case 3:
		return title + p.one(" - parcours intensif", " - en e-learning", " - à distance avec tuteur", " - cours du soir")
	case 4:
		return title + p.one(" (présentiel)", " (100 % en ligne)", " (hybride)", " (individuel)", " (petit groupe)")
	case 5:
		return p.one("Formation ", "Parcours ", "Stage ", "Cycle ") + title
	case 6:
		return title + fmt.Sprintf(" - %d heures", 7*(1+p.r.IntN(40)))
	default:
		return title + p.one(" - débutant", " - intermédiaire", " - avancé", " - remise à niveau", " - perfectionnement", ", certification comprise")
	}
}

func (p *page) strengths(plants *rand.Rand) string {
	blocks := []string{list(p.some("tous", "point_fort", 3+p.r.IntN(5)))}
	blocks = append(blocks, p.some("tous", "phrase", 2+p.r.IntN(3))...)
	if p.name != "" && p.r.IntN(3) == 0 {
		blocks = append(blocks, p.one("Formation animée par ", "Votre formateur : ", "Renseignements auprès de ")+p.name+".")
	}
	blocks = append(blocks, p.planted(plants)...)
	return p.dress(blocks)
}

func (p *page) aims() string {
	blocks := []string{"À l'issue de la formation, le participant saura :", list(p.some(p.domain, "objectif", 1+p.r.IntN(3)))}
	blocks = append(blocks, "Il pourra notamment :", list(p.some(p.domain, "contenu", 2+p.r.IntN(3))))
	blocks = append(blocks, "Certification visée : "+p.title+".")
	return p.dress(append(blocks, p.some("tous", "phrase", 1+p.r.IntN(3))...))
}

func (p *page) content() string {
	var blocks []string
	for i, part := range p.some(p.domain, "contenu", 4+p.r.IntN(4)) {
		blocks = append(blocks, fmt.Sprintf("Module %d - %s", i+1, part))
		if p.r.IntN(2) == 0 {
			blocks = append(blocks, list(p.some("tous", "phrase", 1+p.r.IntN(3))))
		}
	}
	if p.r.IntN(3) == 0 {
		blocks = append(blocks, list(p.some("general", "contenu", 3)))
	}
	return p.dress(append(blocks, p.some("tous", "phrase", 2+p.r.IntN(4))...))
}

func (p *page) results() string {
	blocks := []string{list(p.some("tous", "resultat", 2+p.r.IntN(4)))}
	blocks = append(blocks, "La formation prépare à : "+p.title+".")
	return p.dress(append(blocks, p.some("tous", "phrase", 1+p.r.IntN(3))...))
}

// listMark begins a block that is a list; its items are the lines.
const listMark = "\x01"

func list(items []string) string { return listMark + strings.Join(items, "\n") }

// dress writes blocks as providers do: three in five as HTML, some of it with named
// entities, a few encoded twice, the others as plain text.
func (p *page) dress(blocks []string) string {
	n := p.r.IntN(100)
	if n < 40 {
		return plainText(blocks, p.one("- ", "• ", "* "))
	}
	text := p.markup(blocks)
	switch {
	case n < 55:
		text = namedEntities.Replace(text)
	case n < 60:
		text = html.EscapeString(text)
	case n < 62:
		text = html.EscapeString(namedEntities.Replace(text))
	}
	return text
}

var namedEntities = strings.NewReplacer("é", "&eacute;", "è", "&egrave;", "à", "&agrave;", "ê", "&ecirc;", "ç", "&ccedil;", " :", "&nbsp;:", "'", "&rsquo;")

func plainText(blocks []string, bullet string) string {
	var lines []string
	for _, b := range blocks {
		items, isList := strings.CutPrefix(b, listMark)
		if isList {
			items = bullet + strings.ReplaceAll(items, "\n", "\n"+bullet)
		}
		lines = append(lines, items)
	}
	return strings.Join(lines, "\n")
}

func (p *page) markup(blocks []string) string {
	var b strings.Builder
	breaks := p.r.IntN(3) == 0
	for _, block := range blocks {
		items, isList := strings.CutPrefix(block, listMark)
		items = strings.ReplaceAll(items, "&", "&amp;")
		switch {
		case isList && breaks:
			b.WriteString("- " + strings.ReplaceAll(items, "\n", "<br />- ") + "<br />")
		case isList:
			b.WriteString("<ul><li>" + strings.ReplaceAll(items, "\n", "</li><li>") + "</li></ul>")
		case breaks:
			b.WriteString(items + "<br /><br />")
		default:
			b.WriteString("<p>" + items + "</p>")
		}
	}
	return b.String()
}
