package testdeps

import (
	first "0"
	"0/ticket"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"io"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"
)

// The guard of `go test`: stands in this package, which belongs to the program of the tests alone, and sees what package testing says of each test,
// where it says it: behind the functions that print.

//go:linkname mainTests main.tests
var mainTests []testing.InternalTest

//go:linkname mainFuzzTargets main.fuzzTargets
var mainFuzzTargets []testing.InternalFuzzTarget

//go:linkname mainExamples main.examples
var mainExamples []testing.InternalExample

// tellLines is told which test runs, where `go-lines.go` records the lines of each.
var tellLines = func(what, name string) {}

// guardRun is called whenever the tests of the program begin to run (true), and when they ended or ran out of time.
var guardRun = func(bool) {}

func init() {
	lists, own := first.Take(), ticket.Take()
	if own == nil {
		return
	}
	g := newGuard(own)
	if lists == nil || !isUnchanged(lists) {
		g.write(record{T: "breach", Kind: "patched", Detail: "The list of the tests was changed"})
	}
	for i, test := range mainTests {
		mainTests[i].F = func(t *testing.T) {
			g.start(test.Name)
			g.listen(reflect.ValueOf(t))
			test.F(t)
		}
	}
	for i, target := range mainFuzzTargets {
		mainFuzzTargets[i].Fn = func(f *testing.F) {
			g.start(target.Name)
			g.listen(reflect.ValueOf(f))
			target.Fn(f)
		}
	}
	for i, example := range mainExamples {
		mainExamples[i].F = func() { g.runExample(example) }
	}
	guardRun = func(begins bool) {
		if begins {
			// Whatever the command says: outcomes are printed with a mark, each by itself and as it comes.
			flag.Set("test.v", "test2json")
		} else {
			tellLines("END", "")
			g.end()
		}
	}
}

func isUnchanged(lists *first.Lists) bool {
	tests := unsafe.Slice((*first.Test)(unsafe.Pointer(unsafe.SliceData(mainTests))), len(mainTests))
	fuzzTargets := unsafe.Slice((*first.Test)(unsafe.Pointer(unsafe.SliceData(mainFuzzTargets))), len(mainFuzzTargets))
	examples := unsafe.Slice((*first.Example)(unsafe.Pointer(unsafe.SliceData(mainExamples))), len(mainExamples))
	return slices.Equal(tests, lists.Tests) && slices.Equal(fuzzTargets, lists.FuzzTargets) && slices.Equal(examples, lists.Examples)
}

// record has the fields of `records.ts` that are used here. File is the import path of the package.
type record struct {
	T       string `json:"t"`
	File    string `json:"file"`
	Name    string `json:"name"`
	Outcome string `json:"outcome,omitempty"`
	Kind    string `json:"kind,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

type guard struct {
	mu      sync.Mutex
	inner   [64]byte
	outer   [64]byte
	records int
	worker  string
	seq     int
	running int
}

// newGuard goes on where the ticket ended, with record 1.
func newGuard(own *ticket.Ticket) *guard {
	g := &guard{records: own.Records, worker: own.Worker, seq: 1}
	key, _ := hex.DecodeString(own.Key)
	g.take(key)
	return g
}

// take makes a key of 32 bytes the one that signs.
func (g *guard) take(key []byte) {
	for i := range g.inner {
		g.inner[i], g.outer[i] = 0x36, 0x5c
	}
	for i, b := range key {
		g.inner[i] ^= b
		g.outer[i] ^= b
	}
}

// keyed is HMAC-SHA256.
func (g *guard) keyed(text []byte) [32]byte {
	hash := sha256.Sum256(append(g.inner[:len(g.inner):len(g.inner)], text...))
	return sha256.Sum256(append(g.outer[:len(g.outer):len(g.outer)], hash[:]...))
}

// write appends a signed record, as `channel.ts` wants it. One that fails is missed by its number.
func (g *guard) write(one record) {
	g.mu.Lock()
	defer g.mu.Unlock()
	one.File = ImportPath
	text, _ := json.Marshal(one)
	head := g.worker + " " + strconv.Itoa(g.seq) + " "
	g.seq++
	mac := g.keyed(append([]byte(head), text...))
	syscall.Write(g.records, []byte(head+hex.EncodeToString(mac[:])+" "+string(text)+"\n"))
	if one.T == "breach" {
		turned := g.keyed([]byte("turn"))
		g.take(turned[:])
	}
}

func (g *guard) start(name string) {
	g.mu.Lock()
	g.running++
	g.mu.Unlock()
	g.write(record{T: "start", Name: name})
	tellLines("RUN", name)
}

func (g *guard) saw(name, outcome string) {
	tellLines(outcome, name)
	// Subtests are told by the test they are in.
	if !strings.Contains(name, "/") {
		g.mu.Lock()
		g.running--
		g.mu.Unlock()
	}
	switch outcome {
	case "PASS":
		g.write(record{T: "saw", Name: name, Outcome: "passed"})
	case "FAIL":
		g.write(record{T: "saw", Name: name, Outcome: "failed"})
	}
}

// listen puts a listener in front of what a test and its subtests print through: the field `w` of their printer, which they share.
func (g *guard) listen(test reflect.Value) {
	printer := test.Elem().FieldByName("chatty")
	if printer.IsNil() {
		return
	}
	w := (*io.Writer)(unsafe.Pointer(printer.Elem().FieldByName("w").UnsafeAddr()))
	if _, listening := (*w).(*listener); !listening {
		*w = &listener{g, *w}
	}
}

type listener struct {
	guard *guard
	to    io.Writer
}

// Write is called with one line for each outcome and each change of the test that runs, which begins with a mark. What tests print themselves is
// indented or has no mark.
func (l *listener) Write(text []byte) (int, error) {
	if said, ok := strings.CutPrefix(string(text), "\x16--- "); ok {
		outcome, rest, _ := strings.Cut(said, ": ")
		name, _, _ := strings.Cut(rest, " (")
		l.guard.saw(name, outcome)
	} else if said, ok := strings.CutPrefix(string(text), "\x16=== "); ok {
		what, name, _ := strings.Cut(strings.TrimSuffix(said, "\n"), " ")
		name = strings.TrimSpace(name)
		// The test that begins in no other one says so itself.
		if what != "RUN" || strings.Contains(name, "/") {
			tellLines(what, name)
		}
	}
	return l.to.Write(text)
}

// runExample compares what an example prints in the way that package testing does, and lets it print on.
func (g *guard) runExample(example testing.InternalExample) {
	g.start(example.Name)
	outer := os.Stdout
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	os.Stdout = w
	printed := make(chan string)
	go func() {
		var text strings.Builder
		io.Copy(io.MultiWriter(&text, outer), r)
		r.Close()
		printed <- text.String()
	}()
	finished := false
	defer func() {
		w.Close()
		os.Stdout = outer
		got, want := strings.TrimSpace(<-printed), strings.TrimSpace(example.Output)
		if example.Unordered {
			got, want = sortedLines(got), sortedLines(want)
		}
		outcome := "FAIL"
		if finished && got == want {
			outcome = "PASS"
		}
		g.saw(example.Name, outcome)
	}()
	example.F()
	finished = true
}

func sortedLines(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// end does nothing when the tests ran out of time: then some are still running.
func (g *guard) end() {
	g.mu.Lock()
	over := g.running == 0
	g.mu.Unlock()
	if !over {
		return
	}
	if detail := canary(); detail != "" {
		g.write(record{T: "breach", Kind: "canary", Detail: detail})
	}
	g.write(record{T: "over"})
}

// canary runs checks whose outcome is known, and says what is wrong with it. Nobody hears of them.
func canary() string {
	if flag.Lookup("test.failfast").Value.String() == "true" {
		// Nothing more is run once a test failed.
		return ""
	}
	silence, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return ""
	}
	defer silence.Close()
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = silence, silence
	defer func() { os.Stdout, os.Stderr = stdout, stderr }()
	defer setFlag("test.skip", "")()
	defer setFlag("test.count", "1")()
	all := func(_, _ string) (bool, error) { return true, nil }
	right, wrong := false, true
	ok := testing.RunTests(all, []testing.InternalTest{{Name: "TestGuard", F: func(t *testing.T) {
		right = t.Run("right", func(*testing.T) {})
		wrong = t.Run("fail", func(t *testing.T) { t.Fail() })
		wrong = t.Run("now", func(t *testing.T) { t.FailNow() }) || wrong
		wrong = t.Run("error", func(t *testing.T) { t.Error() }) || wrong || !t.Failed()
	}}})
	if !right {
		return "A test failed where it must pass"
	}
	if wrong || ok {
		return "A test passed where it must fail"
	}
	return ""
}

// setFlag gives the function that sets it back.
func setFlag(name, value string) func() {
	before := flag.Lookup(name).Value.String()
	flag.Set(name, value)
	return func() { flag.Set(name, before) }
}
