package odsql

// predicate returns what checks a function that is a condition.
func predicate(name string) func(*binder, *node) (fragment, error) {
	switch name {
	case "search":
		return (*binder).search
	case "suggest":
		return (*binder).suggest
	case "startswith":
		return (*binder).startsWith
	}
	return nil
}

// geographic are the functions on geometries.
var geographic = map[string]bool{
	"within_distance": true, "in_bbox": true, "intersects": true, "disjoint": true, "within": true, "geometry": true,
	"distance": true, "polygon": true, "envelope": true, "bbox": true, "geo_cluster": true,
}

// geography makes the error of a geographic function: no field of ours is a geometry.
// Wrong arguments are told first.
func (b *binder) geography(n *node) error {
	if len(n.kids) == 0 {
		return b.wrong(n, "%s() attend un champ géographique.", n.text)
	}
	first := n.kids[0]
	for _, k := range n.kids {
		if k.op == opInterval && !lengths[k.text] {
			return b.wrong(k, "« %s » n'est pas une unité de longueur : mi, yd, ft, m, cm, km ou mm.", shorten(k.text))
		}
	}
	v, err := b.expression(first)
	if err != nil {
		return err
	}
	if v.field == nil {
		return b.wrong(first, "%s() attend un champ géographique.", n.text)
	}
	return b.wrong(first, "%s() attend un champ de type geo_point_2d ou geo_shape, et le champ « %s » est de type %s ; aucune fonction géographique n'est servie sur cette table.", n.text, v.field.Name, v.describe())
}

// lengths are the units of length.
var lengths = map[string]bool{"mi": true, "yd": true, "ft": true, "m": true, "cm": true, "km": true, "mm": true}
