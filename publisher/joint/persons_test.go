package joint

import (
	"fmt"
	"slices"
	"testing"
)

// at is a purchase of a certification in a département of a région.
func at(certification, domain, departement, region string) map[string]string {
	return map[string]string{"certification": certification, "domaine": domain, "code_departement": departement, "code_region": region, "modalite": "PRESENTIEL"}
}

// one is a file of a person with a number of his own in both ways of counting.
func one(number uint64, members map[string]string) file {
	return file{number: number, members: members, nir: number, name: number, siren: number % 5, cents: map[string]int64{"titulaire": 100_00}, hours: 35_00, durationKnown: true}
}

// many are the files of n persons.
func many(first uint64, n int, members map[string]string) (files []file) {
	for i := range n {
		files = append(files, one(first+uint64(i), members))
	}
	return files
}

// TestTwoNIRUnderOneNameAndOneUnderTwo: of each part the smaller count is published, and
// the smaller counts of the parts add up to less than that of the whole.
func TestTwoNIRUnderOneNameAndOneUnderTwo(t *testing.T) {
	d, tables := definition(t, purchases)
	ain, rhone := at("RNCP:1", "326", "01", "84"), at("RNCP:1", "326", "69", "84")
	files := slices.Concat(many(100, 6, at("RS:2", "136", "75", "11")), many(200, 6, at("RS:2", "136", "69", "84")))
	for i := range uint64(6) { // 12 NIR under 6 names, and 6 NIR under 12 names
		files = append(files, file{number: 1 + i, members: ain, nir: 1000 + 2*i, name: 2000 + i, cents: map[string]int64{"titulaire": 100_00}},
			file{number: 20 + i, members: ain, nir: 1001 + 2*i, name: 2000 + i, cents: map[string]int64{"titulaire": 100_00}},
			file{number: 40 + i, members: rhone, nir: 3000 + i, name: 4000 + 2*i, cents: map[string]int64{"titulaire": 100_00}},
			file{number: 60 + i, members: rhone, nir: 3000 + i, name: 4001 + 2*i, cents: map[string]int64{"titulaire": 100_00}})
	}
	period, behind := periodOf(d, tables, profile(t, "standard"), files)
	if whole, parts := personsOf(behind[period.starts[1]]), personsOf(behind[0])+personsOf(behind[1]); whole <= parts {
		t.Fatalf("%d persons in the région, %d in its départements: the scene is not what it says", whole, parts)
	}
	decision := protected(t, period)
	for i, row := range decision.Rows {
		if row.Hidden {
			t.Errorf("%s %v is hidden, with %d persons", row.Table, period.rows[i].at, period.rows[i].persons)
		}
	}
}

// TestPersonsOfATableInNoSum: what the rows of a table add up to that is in no equation has
// more persons than the smallest numbers of its rows tell.
func TestPersonsOfATableInNoSum(t *testing.T) {
	d, _ := definition(t, purchases)
	status, _ := d.Table(purchases + "_statut")
	var files []file
	for i, s := range []string{"EN_COURS", "CLOS_TOTAL", "ANNULE_OF"} {
		files = append(files, many(uint64(100*i+1), 15-6*i, map[string]string{"statut": s})...)
	}
	period, _ := periodOf(d, d.Tables[len(d.Tables)-1:], profile(t, "standard"), files)
	if period.Tables.Tables[0].ID != status.ID {
		t.Fatal("the last table is not that of statuses")
	}
	var hidden []string
	for i, row := range protected(t, period).Rows {
		if row.Hidden {
			hidden = append(hidden, fmt.Sprint(period.rows[i].at))
		}
	}
	if !slices.Equal(hidden, []string{"[ANNULE_OF]", "[CLOS_TOTAL]"}) {
		t.Errorf("hidden: %v", hidden)
	}
}
