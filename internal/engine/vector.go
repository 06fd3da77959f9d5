package engine

import (
	"fmt"
	"math"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// layout is how the values of a vector lie in memory.
type layout uint8

const (
	layoutText layout = iota
	layoutBool
	layoutInt8
	layoutInt16
	layoutInt32
	layoutInt64
	layoutUint8
	layoutUint16
	layoutUint32
	layoutInt128
	layoutFloat
	layoutDouble
	layoutTexts
)

// plain are the types that are read without a look at their parameters.
var plain = map[duck.Type]struct {
	kind   Kind
	layout layout
}{
	duck.TypeVarchar:     {KindText, layoutText},
	duck.TypeBoolean:     {KindBool, layoutBool},
	duck.TypeTinyInt:     {KindInt, layoutInt8},
	duck.TypeSmallInt:    {KindInt, layoutInt16},
	duck.TypeInteger:     {KindInt, layoutInt32},
	duck.TypeBigInt:      {KindInt, layoutInt64},
	duck.TypeUTinyInt:    {KindInt, layoutUint8},
	duck.TypeUSmallInt:   {KindInt, layoutUint16},
	duck.TypeUInteger:    {KindInt, layoutUint32},
	duck.TypeHugeInt:     {KindDecimal, layoutInt128},
	duck.TypeFloat:       {KindDouble, layoutFloat},
	duck.TypeDouble:      {KindDouble, layoutDouble},
	duck.TypeDate:        {KindDate, layoutInt32},
	duck.TypeTimestamp:   {KindDateTime, layoutInt64},
	duck.TypeTimestampTZ: {KindDateTime, layoutInt64},
}

// describeColumn says how a column of a result is read.
//
// Errors: [ErrQuery] when its type is none that is published.
func describeColumn(res *duck.Result, i duck.IdxT) (RowColumn, layout, error) {
	c := RowColumn{Name: duck.ColumnName(res, i)}
	t := duck.ColumnType(res, i)
	if p, ok := plain[t]; ok {
		c.Kind = p.kind
		return c, p.layout, nil
	}
	logical := duck.ColumnLogicalType(res, i)
	defer duck.DestroyLogicalType(&logical)
	switch t {
	case duck.TypeDecimal:
		c.Kind, c.Scale = KindDecimal, int(duck.DecimalScale(logical))
		return c, plain[duck.DecimalInternalType(logical)].layout, nil
	case duck.TypeList:
		child := duck.ListTypeChildType(logical)
		defer duck.DestroyLogicalType(&child)
		if duck.GetTypeId(child) == duck.TypeVarchar {
			c.Kind = KindTexts
			return c, layoutTexts, nil
		}
	}
	return c, 0, fmt.Errorf("%w: column %s is of a type that is not read", ErrQuery, c.Name)
}

// vector is a column of a chunk. Its memory is the engine's, valid as long as the chunk.
type vector struct {
	layout layout
	data   unsafe.Pointer
	mask   unsafe.Pointer // one bit for each value that is not null; nil when none is
	child  *vector        // the elements of lists
}

// point makes the vector read a column of a new chunk.
func (v *vector) point(raw duck.Vector) {
	v.data, v.mask = duck.VectorGetData(raw), duck.VectorGetValidity(raw)
	if v.layout == layoutTexts {
		if v.child == nil {
			v.child = &vector{layout: layoutText}
		}
		v.child.point(duck.ListVectorGetChild(raw))
	}
}

func (v *vector) null(row int) bool {
	if v.mask == nil {
		return false
	}
	word := *(*uint64)(unsafe.Add(v.mask, row/64*8))
	return word&(1<<(row%64)) == 0
}

// read returns the value in a row of a vector of values of type T.
func read[T any](v *vector, row int) T {
	var zero T
	return *(*T)(unsafe.Add(v.data, row*int(unsafe.Sizeof(zero))))
}

func (v *vector) int(row int) int64 {
	switch v.layout {
	case layoutBool, layoutUint8:
		return int64(read[uint8](v, row))
	case layoutInt8:
		return int64(read[int8](v, row))
	case layoutInt16:
		return int64(read[int16](v, row))
	case layoutInt32:
		return int64(read[int32](v, row))
	case layoutUint16:
		return int64(read[uint16](v, row))
	case layoutUint32:
		return int64(read[uint32](v, row))
	default:
		return read[int64](v, row)
	}
}

// wide returns a whole number of up to 128 bits.
func (v *vector) wide(row int) (hi int64, lo uint64) {
	if v.layout == layoutInt128 {
		w := read[struct {
			lo uint64
			hi int64
		}](v, row)
		return w.hi, w.lo
	}
	n := v.int(row)
	return n >> 63, uint64(n)
}

func (v *vector) float(row int) float64 {
	if v.layout == layoutFloat {
		return float64(math.Float32frombits(read[uint32](v, row)))
	}
	return read[float64](v, row)
}

// shortText is the length up to which a text lies in the vector itself, after its length.
const shortText = 12

// text returns the bytes of a text where they lie.
func (v *vector) text(row int) []byte {
	at := unsafe.Add(v.data, row*16)
	n := *(*uint32)(at)
	if n <= shortText {
		return unsafe.Slice((*byte)(unsafe.Add(at, 4)), n) //nolint:gosec // the layout of the engine's strings
	}
	return unsafe.Slice(*(**byte)(unsafe.Add(at, 8)), n) //nolint:gosec // likewise
}

// texts copies the elements of a list.
func (v *vector) texts(row int) []string {
	entry := read[struct{ offset, length uint64 }](v, row)
	list := make([]string, 0, entry.length)
	for i := entry.offset; i < entry.offset+entry.length; i++ {
		if at := int(i); !v.child.null(at) {
			list = append(list, string(v.child.text(at)))
		}
	}
	return list
}
