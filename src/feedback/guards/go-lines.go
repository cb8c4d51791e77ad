package testdeps

import (
	"bytes"
	"encoding/json"
	"internal/coverage"
	"internal/coverage/cfile"
	"internal/coverage/decodecounter"
	"internal/coverage/decodemeta"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Records which lines each test runs over: stands beside `go-watch.go`, with `go-counters.go`, in a run that asks for it, in programs that are built to count what runs
// (`-covermode=atomic`). Tests of it run one at a time (`-parallel=1`), so what was counted since the last one changed is of the last one.

func init() {
	folder, root := os.Getenv("TEAMWRIGHT_COVER"), os.Getenv("TEAMWRIGHT_COVER_ROOT")
	os.Unsetenv("TEAMWRIGHT_COVER")
	if folder == "" {
		return
	}
	here, err := os.Getwd()
	if err != nil {
		return
	}
	to := filepath.Join(folder, strconv.Itoa(os.Getpid())+".jsonl")
	r := &lineRecorder{to: to, root: root, here: here, outside: &lineRecord{counted: map[counted]bool{}}, open: map[string]*lineRecord{}}
	r.now = r.outside
	tellLines = r.turn
}

// lineRecord has the fields of the records in `coverage.ts`.
type lineRecord struct {
	Test    string           `json:"test"`
	Nth     int              `json:"nth"`
	Outcome string           `json:"outcome"`
	Files   map[string][]int `json:"files"`

	counted map[counted]bool
	above   *lineRecord
	look    *time.Timer
	// There are tests in it; one of them failed.
	isParent, isRedWithin bool
}

// counted is a block of code, by its package, function and place in it.
type counted struct{ pkg, function, unit uint32 }

// block are the lines of one, from 1.
type block struct {
	file  string
	lines []int
}

type lineRecorder struct {
	mu             sync.Mutex
	isReady        bool
	to, root, here string
	blocks         map[counted]block
	// What runs outside of all tests, and the tests that began and did not end, by name.
	outside *lineRecord
	open    map[string]*lineRecord
	now     *lineRecord
	nth     int
}

// A test that takes longer than this is written before it has ended, and again after twice the time: it may never end.
const firstLook = 250 * time.Millisecond

// turn is called when a test begins ("RUN"), waits for others ("PAUSE"), goes on ("CONT"), and with its outcome when it has ended. "END": all have.
func (r *lineRecorder) turn(what, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.isReady {
		cfile.Prepare()
		cfile.AtExit(r.left)
		r.isReady = true
	}
	one := r.open[name]
	r.count(r.now)
	switch what {
	case "RUN":
		r.nth++
		one = &lineRecord{Test: name, Nth: r.nth, above: r.outside, counted: map[counted]bool{}}
		// The name of a test in another one may hold the sign that parts them.
		for cut := strings.LastIndexByte(name, '/'); cut > 0; cut = strings.LastIndexByte(name[:cut], '/') {
			if above := r.open[name[:cut]]; above != nil {
				one.above = above
				above.isParent = true
				// What it is about was often made by the test that it is in.
				one.counted = maps.Clone(above.counted)
				break
			}
		}
		r.open[name] = one
		r.now = one
		r.watch(one, firstLook)
	case "CONT":
		if one != nil {
			r.now = one
		}
	case "PAUSE":
		if one != nil {
			r.now = one.above
		}
	case "END":
		r.outside.Outcome = "none"
		r.write(r.outside)
	case "PASS", "FAIL", "SKIP":
		if one != nil {
			delete(r.open, name)
			one.look.Stop()
			one.Outcome = map[string]string{"PASS": "passed", "FAIL": "failed", "SKIP": "none"}[what]
			if what == "FAIL" {
				one.above.isRedWithin = true
			}
			if one.isParent && (what == "PASS" || one.isRedWithin) {
				// The tests in it tell that, and what they ran over.
				one.Outcome = "none"
			}
			r.write(one)
			r.now = one.above
		}
	}
}

func (r *lineRecorder) watch(one *lineRecord, after time.Duration) {
	one.look = time.AfterFunc(after, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.open[one.Test] != one {
			return
		}
		if r.now == one {
			r.tellUnderWay()
		}
		r.watch(one, 2*after)
	})
}

// left is called when the program ends: a test that called for it is still under way.
func (r *lineRecorder) left() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tellUnderWay()
}

func (r *lineRecorder) tellUnderWay() {
	if r.now == r.outside || r.now.isParent {
		return
	}
	r.count(r.now)
	r.now.Outcome = "under-way"
	r.write(r.now)
}

// count adds what was counted since it was last called.
func (r *lineRecorder) count(to *lineRecord) {
	var text bytes.Buffer
	if cfile.WriteCounters(&text) != nil || cfile.ClearCounters() != nil {
		return
	}
	counters, err := decodecounter.NewCounterDataReader("", bytes.NewReader(text.Bytes()))
	if err != nil {
		return
	}
	for {
		var one decodecounter.FuncPayload
		more, err := counters.NextFunc(&one)
		if err != nil || !more {
			return
		}
		for unit, times := range one.Counters {
			if times > 0 {
				to.counted[counted{one.PkgIdx, one.FuncIdx, uint32(unit)}] = true
			}
		}
	}
}

func (r *lineRecorder) write(one *lineRecord) {
	if r.blocks == nil {
		r.blocks = r.readBlocks()
	}
	one.Files = map[string][]int{}
	seen := map[string]map[int]bool{}
	for which := range one.counted {
		known, ok := r.blocks[which]
		if !ok {
			continue
		}
		if seen[known.file] == nil {
			seen[known.file] = map[int]bool{}
		}
		for _, line := range known.lines {
			if !seen[known.file][line] {
				seen[known.file][line] = true
				one.Files[known.file] = append(one.Files[known.file], line)
			}
		}
	}
	text, _ := json.Marshal(one)
	file, err := os.OpenFile(r.to, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return
	}
	file.Write(append(text, '\n'))
	file.Close()
}

// readBlocks reads where the blocks stand from what the compiler put into the program.
func (r *lineRecorder) readBlocks() map[counted]block {
	blocks := map[counted]block{}
	var text bytes.Buffer
	if cfile.WriteMeta(&text) != nil {
		return blocks
	}
	// Its reader takes nothing but a file.
	file, err := os.CreateTemp(filepath.Dir(r.to), "meta")
	if err != nil {
		return blocks
	}
	defer os.Remove(file.Name())
	defer file.Close()
	file.Write(text.Bytes())
	file.Seek(0, 0)
	meta, err := decodemeta.NewCoverageMetaFileReader(file, text.Bytes())
	if err != nil {
		return blocks
	}
	sources := map[string]*source{}
	var payload []byte
	for pkg := uint32(0); pkg < uint32(meta.NumPackages()); pkg++ {
		decoder, used, err := meta.GetPackageDecoder(pkg, payload)
		if err != nil {
			continue
		}
		payload = used
		for function := uint32(0); function < decoder.NumFuncs(); function++ {
			var described coverage.FuncDesc
			if decoder.ReadFunc(function, &described) != nil {
				continue
			}
			from, known := sources[described.Srcfile]
			if !known {
				from = r.sourceOf(described.Srcfile)
				sources[described.Srcfile] = from
			}
			if from == nil {
				continue
			}
			for unit, each := range described.Units {
				blocks[counted{pkg, function, uint32(unit)}] = block{from.file, from.linesOf(each, described.Units)}
			}
		}
	}
	return blocks
}

type source struct {
	// Below the root, with slashes.
	file  string
	lines []string
}

// sourceOf finds a file that is named by the import path of its package. The program runs in the folder of its own package, and the folders of a module lie
// as their import paths do. nil: it is not of the project.
func (r *lineRecorder) sourceOf(named string) *source {
	own, other := strings.Split(ImportPath, "/"), strings.Split(named, "/")
	common := 0
	for common < len(own) && common < len(other)-1 && own[common] == other[common] {
		common++
	}
	path := filepath.Join(r.here, strings.Repeat("../", len(own)-common), filepath.Join(other[common:]...))
	if filepath.IsAbs(named) {
		path = named
	}
	below, err := filepath.Rel(r.root, path)
	if err != nil || strings.HasPrefix(below, "..") {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	return &source{filepath.ToSlash(below), strings.Split(string(text), "\n")}
}

func (s *source) line(number uint32) string {
	if number < 1 || int(number) > len(s.lines) {
		return ""
	}
	return s.lines[number-1]
}

// linesOf leaves out the brackets that a block begins and ends with. The line of a `case` is looked at whenever its `switch` is, and stands in no block.
func (s *source) linesOf(one coverage.CoverableUnit, all []coverage.CoverableUnit) []int {
	first, last := one.StLine, one.EnLine
	if begin := s.line(first); last > first && int(one.StCol) <= len(begin)+1 && strings.Trim(begin[one.StCol-1:], "{ \t\r") == "" {
		first++
	}
	if end := s.line(last); last > first && int(one.EnCol) <= len(end)+1 && strings.Trim(end[:one.EnCol-1], "} \t") == "" {
		last--
	}
	var lines []int
	for line := first; line <= last; line++ {
		lines = append(lines, int(line))
	}
	if header := strings.TrimSpace(s.line(one.EnLine)); strings.HasPrefix(header, "switch ") || strings.HasPrefix(header, "select ") {
		lines = append(lines, s.casesOf(one.EnLine)...)
	}
	return lines
}

// casesOf are the lines of the cases of a `switch` that begins at a line, by how gofmt indents them.
func (s *source) casesOf(begin uint32) []int {
	indent := indentOf(s.line(begin))
	var lines []int
	for number := begin + 1; int(number) <= len(s.lines); number++ {
		line := s.line(number)
		if strings.TrimSpace(line) == "" || indentOf(line) > indent {
			continue
		}
		if indentOf(line) < indent || !strings.HasPrefix(strings.TrimSpace(line), "case ") {
			if strings.HasPrefix(strings.TrimSpace(line), "default:") {
				continue
			}
			break
		}
		lines = append(lines, int(number))
	}
	return lines
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }
