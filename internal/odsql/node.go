package odsql

// op says what a node of the tree is.
type op int

const (
	opName     op = iota // text
	opText               // text
	opNumber             // text as written, sign included
	opDate               // text
	opGeometry           // text
	opBool               // flag
	opNull
	opStar     // *
	opBracket  // [ or ], in range()
	opInterval // text unit; kid the number
	opCall     // text is the name in lower case; flag: distinct
	opSum      // text + or -; two kids
	opProduct  // text * or /; two kids
	opMinus    // one kid
	opCompare  // text =, !=, <, >, <=, >=; two kids
	opLike     // two kids
	opList     // the first kid in the others
	opRange    // the first kid between the others; text the two brackets
	opMember   // the first kid in the second, a multivalued field
	opIsNull   // one kid; flag: IS NOT
	opIsBool   // the first kid is the second, a boolean; flag: IS NOT
	opNot      // one kid
	opAnd      // two kids or more
	opOr       // two kids or more
)

// node is a part of a parsed clause, at the bytes start to end.
type node struct {
	op         op
	text       string
	flag       bool
	kids       []*node
	start, end int
}

// height is the number of levels of a tree.
func (n *node) height() int {
	most := 0
	for _, k := range n.kids {
		most = max(most, k.height())
	}
	return 1 + most
}

// item is one expression of a list, with its alias if it has one.
type item struct {
	*node
	alias   string
	aliasAt int
	// desc: the items of order_by that go downwards.
	desc bool
}
