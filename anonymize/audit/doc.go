// Package audit looks at finished tables as an attacker would.
package audit
