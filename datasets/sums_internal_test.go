package datasets

import "testing"

// TestSumsThatCannotBe: a definition whose equations contradict its tables is refused.
func TestSumsThatCannotBe(t *testing.T) {
	const id = "moncompteformation_formations_engagees"
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	d, _ := Find(all, id)
	if err := d.checkSums(); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]Sum{
		"no such table":               {Total: id + "_region", Parts: id + "_commune", Over: []string{"commune"}},
		"the finer is the total":      {Total: id, Parts: id + "_certification_region", Over: []string{"code_departement"}},
		"another grain":               {Total: id + "_certification", Parts: id + "_region", Over: []string{"code_region"}},
		"years and months":            {Total: id + "_annuel", Parts: id + "_region", Over: []string{"periode"}},
		"over what they do not have":  {Total: id + "_region", Parts: id + "_domaine_region", Over: []string{"domaine", "modalite"}},
		"over nothing":                {Total: id + "_region", Parts: id + "_domaine_region"},
		"itself, without a margin":    {Total: id + "_region", Parts: id + "_region", Over: []string{"code_region"}},
		"itself, over what is no sum": {Total: id + "_annuel", Parts: id + "_annuel", Over: []string{"periode"}},
	} {
		if err := d.checkSum(s); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	d.Sums = d.Sums[:1]
	if err := d.checkSums(); err == nil {
		t.Error("a table in no sum: accepted")
	}
}

// TestSensitiveDimensionsThatCannotBe: a dimension that the detailed table lacks is
// refused, the period among them.
func TestSensitiveDimensionsThatCannotBe(t *testing.T) {
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	d, _ := Find(all, "moncompteformation_usagers")
	if len(d.Sensitive) != 3 || d.checkSensitive() != nil {
		t.Fatalf("sensitive dimensions %v are refused, or not the three", d.Sensitive)
	}
	for _, list := range [][]string{{"code_region"}, {"periode"}, {"_genre"}, {""}, {"genre", "genre"}} {
		if d.Sensitive = list; d.checkSensitive() == nil {
			t.Errorf("%v: accepted", list)
		}
	}
	if d, _ := Find(all, "moncompteformation_formations_engagees"); d.Sensitive != nil {
		t.Errorf("purchases have the sensitive dimensions %v", d.Sensitive)
	}
}
