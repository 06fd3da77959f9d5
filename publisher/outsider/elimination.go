package outsider

import "slices"

// eliminator solves equations between unknowns modulo the prime, for several right
// hand sides at once. Columns of few equations go first, each by its shortest equation,
// so that the others grow little.
type eliminator struct {
	rows    []map[int32]uint64
	right   [][]uint64
	columns [][]int32 // the rows of each column
	queue   [][]int32 // columns by number of rows, some of them out of date
	pivots  []pivot
	// contradictory: some equations cannot be true together.
	contradictory bool
}

// pivot is an equation that gives one unknown by others, as it was when it was used.
type pivot struct {
	column  int32
	inverse uint64
	columns []int32
	factors []uint64
	right   []uint64
}

// crowded is the number of rows from which columns are not told apart in the queue.
const crowded = 64

func newEliminator(columns int) *eliminator {
	return &eliminator{columns: make([][]int32, columns), queue: make([][]int32, crowded+1)}
}

// add adds an equation: the sum of some columns, less one of another where minus is
// one, is the right hand side.
func (e *eliminator) add(plus []int32, minus int32, right []uint64) {
	row := make(map[int32]uint64, len(plus)+1)
	number := int32(len(e.rows))
	for _, c := range plus {
		row[c] = 1
	}
	if minus != none {
		row[minus] = prime - 1
	}
	for c := range row {
		e.columns[c] = append(e.columns[c], number)
	}
	e.rows, e.right = append(e.rows, row), append(e.right, right)
	if len(row) == 0 {
		e.check(number)
	}
}

// check notes an equation without unknowns that is not true.
func (e *eliminator) check(number int32) {
	for _, v := range e.right[number] {
		e.contradictory = e.contradictory || v != 0
	}
}

// solve eliminates every column, and returns for each the values of one solution, and
// whether it has the same in all solutions.
func (e *eliminator) solve() (values [][]uint64, determined []bool) {
	for c := range e.columns {
		e.enqueue(int32(c))
	}
	for {
		c := e.next()
		if c == none {
			break
		}
		e.eliminate(c)
	}
	return e.substitute()
}

func (e *eliminator) enqueue(c int32) {
	if n := len(e.columns[c]); n > 0 {
		n = min(n, crowded)
		e.queue[n] = append(e.queue[n], c)
	}
}

// next returns a column of the fewest rows.
func (e *eliminator) next() int32 {
	for n := range e.queue {
		for len(e.queue[n]) > 0 {
			last := len(e.queue[n]) - 1
			c := e.queue[n][last]
			e.queue[n] = e.queue[n][:last]
			if min(len(e.columns[c]), crowded) == n {
				return c
			}
		}
	}
	return none
}

// eliminate takes a column out of all equations by means of the shortest of them.
func (e *eliminator) eliminate(c int32) {
	rows := e.columns[c]
	shortest := rows[0]
	for _, r := range rows {
		if len(e.rows[r]) < len(e.rows[shortest]) || len(e.rows[r]) == len(e.rows[shortest]) && r < shortest {
			shortest = r
		}
	}
	p := pivot{column: c, inverse: inverse(e.rows[shortest][c]), right: e.right[shortest]}
	for column, factor := range e.rows[shortest] {
		if column != c {
			p.columns, p.factors = append(p.columns, column), append(p.factors, factor)
		}
	}
	for _, r := range rows {
		if r != shortest {
			e.reduce(r, p)
		}
	}
	for _, column := range p.columns {
		e.drop(column, shortest)
		e.enqueue(column)
	}
	e.columns[c], e.rows[shortest] = nil, nil
	e.pivots = append(e.pivots, p)
}

// reduce takes the column of a pivot out of another equation.
func (e *eliminator) reduce(r int32, p pivot) {
	row := e.rows[r]
	factor := negMod(mulMod(row[p.column], p.inverse))
	delete(row, p.column)
	for i, column := range p.columns {
		was, there := row[column]
		now := addMod(was, mulMod(factor, p.factors[i]))
		if now == 0 {
			delete(row, column)
			e.drop(column, r)
			continue
		}
		row[column] = now
		if !there {
			e.columns[column] = append(e.columns[column], r)
		}
	}
	right := slices.Clone(e.right[r])
	for i := range right {
		right[i] = addMod(right[i], mulMod(factor, p.right[i]))
	}
	e.right[r] = right
	if len(row) == 0 {
		e.check(r)
	}
}

// drop takes a row off the list of a column.
func (e *eliminator) drop(column, row int32) {
	list := e.columns[column]
	i := slices.Index(list, row)
	list[i] = list[len(list)-1]
	e.columns[column] = list[:len(list)-1]
}

// substitute finds a solution, and a vector by which solutions differ: unknowns that no
// pivot gives are drawn at random, the others follow. An unknown where that vector is
// zero is determined, but for a chance of 2⁻⁶¹.
func (e *eliminator) substitute() (values [][]uint64, determined []bool) {
	sides := 0
	if len(e.right) > 0 {
		sides = len(e.right[0])
	}
	values = make([][]uint64, len(e.columns))
	vector := make([]uint64, len(e.columns))
	for c := range e.columns {
		vector[c] = draw(uint64(c))
	}
	flat := make([]uint64, sides*len(e.columns))
	for c := range values {
		values[c] = flat[c*sides : (c+1)*sides]
	}
	for i := len(e.pivots) - 1; i >= 0; i-- {
		e.pivots[i].follow(values, vector)
	}
	determined = make([]bool, len(e.columns))
	for c := range determined {
		determined[c] = vector[c] == 0
	}
	return values, determined
}

// follow gives the unknown of a pivot by the others.
func (p *pivot) follow(values [][]uint64, vector []uint64) {
	var rest uint64
	for i, column := range p.columns {
		rest = addMod(rest, mulMod(p.factors[i], vector[column]))
	}
	vector[p.column] = mulMod(negMod(rest), p.inverse)
	for side, right := range p.right {
		for i, column := range p.columns {
			right = addMod(right, negMod(mulMod(p.factors[i], values[column][side])))
		}
		values[p.column][side] = mulMod(right, p.inverse)
	}
}

// draw returns a number below the prime, not zero, that looks random: the same for the
// same seed (splitmix64).
func draw(seed uint64) uint64 {
	z := (seed + 1) * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return (z^z>>31)%(prime-1) + 1
}
