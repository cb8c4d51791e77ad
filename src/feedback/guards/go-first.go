// Package first remembers what `go test` wrote into the program of the tests, before any code of the workspace can change it. Packages are initialised
// in the order of their import paths as soon as what they import is: this one imports nothing, and its path, "0", is the lowest there is.
package first

import "unsafe"

// Test has the layout of testing.InternalTest and of testing.InternalFuzzTarget.
type Test struct {
	Name string
	F    unsafe.Pointer
}

// Example has the layout of testing.InternalExample.
type Example struct {
	Name      string
	F         unsafe.Pointer
	Output    string
	Unordered bool
}

// Lists are the tests of a program.
type Lists struct {
	Tests       []Test
	FuzzTargets []Test
	Examples    []Example
}

//go:linkname tests main.tests
var tests []Test

//go:linkname fuzzTargets main.fuzzTargets
var fuzzTargets []Test

//go:linkname examples main.examples
var examples []Example

var lists *Lists

func init() {
	lists = &Lists{append([]Test(nil), tests...), append([]Test(nil), fuzzTargets...), append([]Example(nil), examples...)}
}

// Take gives the lists once: whoever else asked for them is noticed by the guard, which gets none.
func Take() *Lists {
	taken := lists
	lists = nil
	return taken
}
