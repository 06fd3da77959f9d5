package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/parvis-opendata/parvis/internal/search"
)

// Search is what the page of the search shows: what was asked, and what was found or why
// nothing can be.
type Search struct {
	Query  search.Query
	Answer search.Answer
	// Release is the one that was searched, served since Since.
	Release string
	Since   time.Time
	// Behind says that another release is served, which cannot be searched yet.
	Behind  bool
	Problem *Problem
}

// Search renders the page of the search.
func (s *Site) Search(f Frame, p Search) ([]byte, error) {
	v := searchView{Frame: f, Search: p, Asked: asks(p.Query)}
	v.Chips = v.chips()
	v.Filters = v.filters()
	v.Sorts = v.sorts()
	if p.Problem == nil {
		v.Hits = v.hits()
		v.Pages = v.pages()
	}
	return s.render("search", v)
}

// searchView is the page as the template sees it.
type searchView struct {
	Frame
	Search

	Asked   bool // for something, by words or filters
	Chips   []chip
	Filters []filter
	Sorts   []choice
	Hits    []hit
	Pages   []pageLink
}

// Address is that of the page of a query.
func (v searchView) address(q search.Query) string {
	values := q.Values().Encode()
	if values == "" {
		return v.Root + "recherche"
	}
	return v.Root + "recherche?" + values
}

// Again is the address of what was asked.
func (v searchView) Again() string { return v.address(v.Query) }

// Example is the address of another search.
func (v searchView) Example(text string) string { return v.address(search.Query{Text: text}) }

// WithoutFilters is the address of the words alone.
func (v searchView) WithoutFilters() string {
	return v.address(search.Query{Text: v.Query.Text, Sort: v.Query.Sort})
}

// WithoutWords is the address of the filters alone.
func (v searchView) WithoutWords() string {
	q := v.first()
	q.Text = ""
	return v.address(q)
}

// API is the address of the same answer for programs.
func (v searchView) API() string {
	return v.Root + "api/v1/search?" + v.Query.Values().Encode()
}

// Total says how many trainings were found.
func (v searchView) Total() string {
	if v.Answer.Total == 0 {
		return "Aucune formation trouvée"
	}
	return some(v.Answer.Total, "formation", "formations")
}

// Title is that of the window.
func (v searchView) Title() string {
	if text := strings.TrimSpace(v.Query.Text); text != "" {
		return text + " – Recherche"
	}
	return "Rechercher une formation"
}

// From and To are the numbers of the first and last training of the page.
func (v searchView) From() int { return (v.Query.Page-1)*v.Query.PerPage + 1 }

// To is the number of the last one.
func (v searchView) To() int { return v.From() + len(v.Answer.Hits) - 1 }

// Beyond reports whether there is more than pages reach.
func (v searchView) Beyond() bool { return v.Answer.Total > search.MaxHits }

// Limit is how many trainings pages reach.
func (v searchView) Limit() int { return search.MaxHits }

// first is the query at its first page.
func (v searchView) first() search.Query {
	q := v.Query
	q.Page = 1
	return q
}

// asks reports whether a query asks for something, by words or filters.
func asks(q search.Query) bool {
	return strings.TrimSpace(q.Text) != "" || len(q.Filters.Any) > 0 || q.Filters.PriceMax != nil || q.Filters.HoursMax != nil
}

// choice is one of several.
type choice struct {
	Value, Label string
	Chosen       bool
}

func (v searchView) sorts() []choice {
	all := []choice{
		{search.Relevance, "Pertinence", false}, {search.ByPrice, "Prix croissant", false}, {search.ByPriceDown, "Prix décroissant", false},
		{search.ByHours, "Durée croissante", false}, {search.ByHoursDown, "Durée décroissante", false}, {search.BySessions, "Sessions ouvertes", false},
	}
	for i := range all {
		all[i].Chosen = all[i].Value == v.SortName()
	}
	return all
}

// PerPage is how many trainings a page has, if that is not as by default.
func (v searchView) PerPage() int {
	if v.Query.PerPage == search.PerPage {
		return 0
	}
	return v.Query.PerPage
}

// SortName is the name of the sort.
func (v searchView) SortName() string { return cmp.Or(v.Query.Sort, search.Relevance) }

// pageLink leads to a page of what was found; without an address it is the present one, or
// a gap.
type pageLink struct {
	Number  int
	Address string
	Gap     bool
}

// around is how many pages on either side of the present one have links.
const around = 2

// pages are the links to pages: the first, the last, and those around the present one.
func (v searchView) pages() []pageLink {
	last := min((v.Answer.Total+v.Query.PerPage-1)/v.Query.PerPage, search.MaxHits/v.Query.PerPage)
	if last < 2 {
		return nil
	}
	var all []pageLink
	for n := 1; n <= last; n++ {
		if n > 1 && n < last && (n < v.Query.Page-around || n > v.Query.Page+around) {
			if !all[len(all)-1].Gap {
				all = append(all, pageLink{Gap: true})
			}
			continue
		}
		link := pageLink{Number: n}
		if n != v.Query.Page {
			link.Address = v.page(n)
		}
		all = append(all, link)
	}
	return all
}

func (v searchView) page(n int) string {
	q := v.Query
	q.Page = n
	return v.address(q)
}

// Previous is the address of the page before; empty if there is none.
func (v searchView) Previous() string {
	if v.Query.Page < 2 {
		return ""
	}
	return v.page(v.Query.Page - 1)
}

// Next is the address of the page after; empty if there is none.
func (v searchView) Next() string {
	end := v.Query.Page * v.Query.PerPage
	if end >= v.Answer.Total || end+v.Query.PerPage > search.MaxHits {
		return ""
	}
	return v.page(v.Query.Page + 1)
}

// clean leaves repeated texts out.
func clean(texts []string) []string {
	var all []string
	for _, t := range texts {
		if t != "" && !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}

// query encodes one parameter.
func query(name, value string) string { return name + "=" + url.QueryEscape(value) }
