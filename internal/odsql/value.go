package odsql

// value is a checked expression.
type value struct {
	typ Type
	// null is the literal NULL, of no type.
	null bool
	sql  fragment
	// field is the field that the expression is, if it is one.
	field *Field
	// lit is the literal that the expression is, if it is one, and when it is a date the
	// period that it covers.
	lit    *node
	period *period
	// scale is how many digits after the point a number has; unknownScale if that is
	// not known.
	scale int
	// aggregate expressions contain an aggregate.
	aggregate bool
	// loose is a field that stands outside of aggregates and groups, if there is one.
	loose *Field
	// order is what the value is sorted by, if not itself, and cast its SQL type.
	order fragment
	cast  string
	// json texts are JSON.
	json bool
}

const unknownScale = -1

// numeric reports whether the value is a number.
func (v value) numeric() bool { return v.typ == Int || v.typ == Decimal || v.typ == Double }

// temporal reports whether the value is a date.
func (v value) temporal() bool { return v.typ == Date || v.typ == Month || v.typ == DateTime }

// text reports whether the value is one text.
func (v value) text() bool { return v.typ == Text && !v.multivalued() }

func (v value) multivalued() bool { return v.field != nil && v.field.Multivalued }

// describe names the type in French, for errors.
func (v value) describe() string {
	if v.null {
		return "NULL"
	}
	name := map[Type]string{
		Text: "texte", Int: "nombre entier", Decimal: "nombre décimal", Double: "nombre", Date: "date", Month: "date (mois)",
		DateTime: "date et heure", Bool: "booléen", GeoPoint: "geo_point_2d", GeoShape: "geo_shape",
	}[v.typ]
	if v.multivalued() {
		name += " multivalué"
	}
	return name
}

// combine carries over to v what the values that it is made of have.
func (v value) combine(parts ...value) value {
	for _, p := range parts {
		v.aggregate = v.aggregate || p.aggregate
		if v.loose == nil {
			v.loose = p.loose
		}
	}
	return v
}
