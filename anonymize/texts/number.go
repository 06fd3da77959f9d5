package texts

// number is a run of digits in groups, read from a view. Its arrays have a
// fixed size so that reading allocates nothing.
type number struct {
	digit  [16]byte
	pos    [16]int   // where each digit stands in the view
	first  [16]uint8 // first[g]: index of the first digit of group g
	sep    [16]byte  // sep[g]: what stands before group g
	width  [16]uint8 // and how wide it is
	len    int
	groups int
	ends   bool // no digit follows the last one
}

func (n *number) push(c byte, at int) {
	if n.groups == 0 {
		n.groups = 1
	}
	n.digit[n.len], n.pos[n.len] = c, at
	n.len++
}

// split begins a new group.
func (n *number) split(sep byte, width int) {
	n.first[n.groups], n.sep[n.groups], n.width[n.groups] = uint8(n.len), sep, uint8(width)
	n.groups++
}

// endOf returns the position after the first k digits if a group ends there, else 0.
func (n *number) endOf(k int) int {
	switch {
	case k > n.len || k == n.len && !n.ends:
		return 0
	case k < n.len && n.groupAt(k) == 0:
		return 0
	}
	return n.pos[k-1] + 1
}

// groupAt returns the group that begins with digit k, or 0.
func (n *number) groupAt(k int) int {
	for g := 1; g < n.groups; g++ {
		if int(n.first[g]) == k {
			return g
		}
	}
	return 0
}

// size returns the number of digits of group g.
func (n *number) size(g int) int {
	if g+1 < n.groups {
		return int(n.first[g+1] - n.first[g])
	}
	return n.len - int(n.first[g])
}

// solid reports whether the first k digits stand together.
func (n *number) solid(k int) bool { return n.size(0) >= k }

// shaped reports whether the first groups have exactly these sizes.
func (n *number) shaped(sizes []uint8) bool {
	if n.groups < len(sizes) {
		return false
	}
	for g, s := range sizes {
		if n.size(g) != int(s) {
			return false
		}
	}
	return true
}

// value returns the number that digits a to b make; a letter counts as 1.
func (n *number) value(a, b int) int {
	x := 0
	for _, c := range n.digit[a:b] {
		if isDigit(c) {
			x = x*10 + int(c-'0')
		} else {
			x = x*10 + 1
		}
	}
	return x
}

// gap returns the position after what may separate two groups of digits at i,
// and the sign that does: blanks, or one sign with blanks around it.
func (v *view) gap(i int) (next int, sep byte) {
	at := v.blanks(i, 2)
	if at > i {
		sep = ' '
	}
	switch c := v.at(at); c {
	case '.', '-', '/', '_', ',', '\'':
		return v.blanks(at+1, 2), c
	}
	return at, sep
}

// read reads at most limit digits from i.
func (v *view) read(n *number, i, limit int) {
	for n.len < limit {
		if c := v.at(i); isDigit(c) {
			n.push(c, i)
			i++
			continue
		}
		next, sep := v.phoneGap(i)
		if next == i || !isDigit(v.at(next)) {
			break
		}
		n.split(sep, next-i)
		i = next
	}
	n.ends = !isDigit(v.at(i))
}

// phoneGap is gap, where brackets may close and open too: "(0)6", "1 (212) 555".
func (v *view) phoneGap(i int) (next int, sep byte) {
	from := i
	if v.at(i) == ')' {
		i++
	}
	next, sep = v.gap(i)
	if v.at(next) == '(' {
		next++
	}
	if next > from && sep == 0 {
		sep = ' '
	}
	return next, sep
}

// findNumbers takes NIR and telephone numbers out of the view.
func (v *view) findNumbers() {
	for i := 0; i < len(v.b); i++ {
		c := v.b[i]
		if c == 'h' || c == 'w' {
			if end := v.urlEnd(i); end > i {
				i = end - 1
			}
			continue
		}
		if c != '+' && (!isDigit(c) || isDigit(v.at(i-1))) {
			continue
		}
		if end := v.numberAt(i); end > 0 {
			i = end - 1
		}
	}
}

// numberAt takes the NIR or telephone number that begins at i and returns its
// end, or 0.
func (v *view) numberAt(i int) int {
	if v.b[i] != '+' {
		if end := v.nirAt(i); end > 0 {
			v.take(i, end, NIR)
			return end
		}
	}
	if p := v.phoneAt(i); p.end > 0 {
		v.take(p.start, p.end, Phone)
		return p.end
	}
	return 0
}

// zeroes reads a letter O among digits as a zero: "O6 12", "99.OO.12".
func (v *view) zeroes() {
	for i := 0; i < len(v.b); i++ {
		if v.b[i] != 'o' || isLetter(v.at(i-1)) {
			continue
		}
		n := 1
		if v.at(i+1) == 'o' {
			n = 2
		}
		before, after := v.at(i-1), v.at(i+n)
		touches := isDigit(before) || isDigit(after)
		between := n == 2 && isSeparator(before) && isSeparator(after) && isDigit(v.at(i-2)) && isDigit(v.at(i+n+1))
		if isLetter(after) || !touches && !between {
			continue
		}
		for range n {
			v.b[i] = '0'
			i++
		}
	}
}

func isSeparator(c byte) bool { return c == ' ' || c == '.' || c == '-' || c == '/' }

// urlEnd returns the end of the URL that begins at i, or i. A WhatsApp link is
// not taken for one: what it holds is a telephone number.
func (v *view) urlEnd(i int) int {
	if isWord(v.at(i-1)) || !v.has(i, "http://") && !v.has(i, "https://") && !v.has(i, "www.") {
		return i
	}
	if v.has(i, "https://wa.me/") || v.has(i, "https://api.whatsapp.com/") {
		return i
	}
	for isURL(v.at(i)) {
		i++
	}
	return i
}

func isURL(c byte) bool {
	return c > ' ' && c < 0x80 && c != '<' && c != '>' && c != '"' || c == otherLetter
}

// inURL reports whether position i is inside a URL, looking back a little.
func (v *view) inURL(i int) bool {
	for j := i; j >= 0 && i-j < 200 && isURL(v.b[j]); j-- {
		if (v.b[j] == 'h' || v.b[j] == 'w') && v.urlEnd(j) > i {
			return true
		}
	}
	return false
}

// introduced reports whether one of the words stands before i, on the same
// line, at most reach characters away, with no digit between.
func (v *view) introduced(i, reach int, words map[string]bool) bool {
	end := i
	for j := i - 1; j >= max(0, i-reach); j-- {
		c := v.b[j]
		if isDigit(c) || c == '\n' || c >= ourMark {
			return false
		}
		if !isLetter(c) {
			end = j
			continue
		}
		if !isLetter(v.at(j-1)) && words[string(v.b[j:end])] {
			return true
		}
	}
	return false
}
