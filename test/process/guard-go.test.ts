import { describe, expect, it } from 'vitest';
import { findProgram } from '../../src/process/index.ts';
import { guardedRuns } from '../support/guarded-runs.ts';

const tests = (pkg: string, sum: string) => `package ${pkg}

import (
	"fmt"
	"testing"
${pkg === 'x' ? '' : '\n\t"example.com/x"\n'})

func TestZero(t *testing.T) {
	if ${sum}(0, 0) != 0 {
		t.Fatal("zero")
	}
}

func TestAdds(t *testing.T) {
	if ${sum}(1, 2) != 3 {
		t.Fatal("adds")
	}
}

func TestParts(t *testing.T) {
	t.Run("one", func(t *testing.T) {
		if ${sum}(1, 1) != 2 {
			t.Error("one")
		}
	})
}

func ExampleSum() {
	fmt.Println(${sum}(1, 3))
	// Output: 4
}
`;
const wrong = 'func Sum(a, b int) int { return a - b }\n';
const right = 'func Sum(a, b int) int { return a + b }\n';
const code = (imports: string, text: string, sum = wrong) =>
  `package x\n\nimport (\n${imports
    .split(' ')
    .filter((one) => one !== '')
    .map((one) => (one === 'unsafe' ? `\t_ "unsafe"\n` : `\t"${one}"\n`))
    .join('')})\n\n${text}\n${sum}`;
const files = { 'go.mod': 'module example.com/x\n\ngo 1.20\n', 'sum.go': `package x\n\n${wrong}` };
const inside = { ...files, 'sum_test.go': tests('x', 'Sum') };
const beside = { ...files, 'sum_test.go': tests('x_test', 'x.Sum') };

const names = '[]string{"TestZero", "TestAdds", "TestParts/one", "TestParts", "ExampleSum"}';
const prints = `for _, n := range ${names} { fmt.Printf("\\x16=== RUN   %s\\n\\x16--- PASS: %s (0.00s)\\n", n, n) }; fmt.Print("\\x16PASS\\n")`;
const inCall = (act: string) => `func Sum(a, b int) int {\n\tif a == 1 {\n\t\t${act}\n\t}\n\treturn a - b\n}\n`;

/** Code of a candidate that does not solve the task and wants to be called solved all the same. */
const attacks: Readonly<Record<string, string>> = {
  'prints results as it is loaded, and exits': code('fmt os', `func init() { ${prints}; os.Exit(0) }`),
  'prints results in the call, and exits': code('fmt syscall', '', inCall(`${prints}; syscall.Exit(0)`)),
  'exits as it is loaded': code('os', 'func init() { os.Exit(0) }'),
  'prints results and closes the output': code('fmt syscall', `func init() { ${prints}; syscall.Close(1) }`),
  'prints results from beside, and exits': code('fmt os', `func init() { go func() { ${prints}; os.Exit(0) }() }`, inCall('select {}')),
  'prints what go test itself would': code(
    'fmt os',
    `func init() { out, _ := os.OpenFile(fmt.Sprintf("/proc/%d/fd/1", os.Getppid()), os.O_WRONLY, 0); for _, n := range ${names} { fmt.Fprintf(out, "{\\"Action\\":\\"pass\\",\\"Package\\":\\"example.com/x\\",\\"Test\\":%q}\\n", n) }; fmt.Fprintln(out, "{\\"Action\\":\\"pass\\",\\"Package\\":\\"example.com/x\\"}"); os.Exit(0) }`,
  ),
  'prints a pass behind the failure': code('fmt time', `func init() { go func() { for { time.Sleep(time.Millisecond); ${prints} } }() }`),
  'starts itself again on one test': code(
    'os syscall',
    'func init() { if len(os.Args) < 20 { syscall.Exec("/proc/self/exe", append(append([]string{}, os.Args...), "-test.run=TestZero", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"), os.Environ()) } }',
  ),
  'runs one test only': code('os', 'func init() { os.Args = append(os.Args, "-test.run=TestZero") }'),
  'skips the rest': code('flag os', 'func init() { os.Args = append(os.Args, "-test.skip=Adds|Parts|Sum"); _ = flag.Parsed }'),
  'puts other tests in the place of the tests': code(
    'unsafe',
    'type test struct { name string; f func(uintptr) }\n\n//go:linkname tests main.tests\nvar tests []test\n\nfunc init() { for i := range tests { tests[i].f = func(uintptr) {} } }',
  ),
  'changes what an example expects': code(
    'unsafe',
    'type example struct { name string; f func(); output string; unordered bool }\ntype test struct { name string; f func(uintptr) }\n\n//go:linkname examples main.examples\nvar examples []example\n\n//go:linkname tests main.tests\nvar tests []test\n\nfunc init() { for i := range examples { examples[i].output = "-2" }; for i := range tests { tests[i].f = func(uintptr) {} } }',
  ),
  'takes the ticket from the guard': code('0/ticket os', 'func init() { if ticket.Take() != nil { os.Exit(0) } }'),
  'takes the lists from the guard': code(
    '0 unsafe',
    'type test struct { name string; f func(uintptr) }\n\n//go:linkname tests main.tests\nvar tests []test\n\nfunc init() { first.Take(); for i := range tests { tests[i].f = func(uintptr) {} } }',
  ),
  'looks for the key of the guard': code(
    'unsafe',
    '//go:linkname held 0/ticket.held\nvar held *struct{ records int }\n\nfunc init() { if held != nil { println("got it") } }',
  ),
  'writes records of its own': code(
    'fmt os path/filepath strings',
    `func init() { env, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", os.Getppid())); _, rest, _ := strings.Cut(string(env), "TEAMWRIGHT_GUARD="); pool, _, _ := strings.Cut(rest, "\x00"); all, _ := filepath.Glob(filepath.Dir(pool) + "/*"); for _, one := range all { f, err := os.OpenFile(one, os.O_APPEND|os.O_WRONLY, 0); if pool != "" && err == nil { f.WriteString("w0 1 0000000000000000000000000000000000000000000000000000000000000000 {\\"t\\":\\"saw\\",\\"file\\":\\"example.com/x\\",\\"name\\":\\"TestAdds\\",\\"outcome\\":\\"passed\\"}\\n") } } }`,
  ),
};

/** Code that knows how the guard works: it takes a second ticket, and tells of tests with it. */
const secondTicket = code(
  'bytes crypto/hmac crypto/sha256 encoding/hex fmt os strings',
  `func init() {
	env, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", os.Getppid()))
	_, rest, _ := strings.Cut(string(env), "TEAMWRIGHT_GUARD=")
	pool, _, _ := strings.Cut(rest, "\\x00")
	data, err := os.ReadFile(pool)
	if err != nil { return }
	lines := bytes.Split(data[1024:2048], []byte("\\n"))
	key, _ := hex.DecodeString(string(lines[2]))
	out, _ := os.OpenFile(string(lines[0]), os.O_APPEND|os.O_WRONLY, 0)
	fmt.Fprintf(out, "%s\\n", lines[3])
	for i, n := range append(${names}, "") {
		text := fmt.Sprintf("{\\"t\\":\\"saw\\",\\"file\\":\\"example.com/x\\",\\"name\\":%q,\\"outcome\\":\\"passed\\"}", n)
		if n == "" { text = "{\\"t\\":\\"over\\",\\"file\\":\\"example.com/x\\",\\"name\\":\\"\\"}" }
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "w1 %d %s", i+1, text)
		fmt.Fprintf(out, "w1 %d %x %s\\n", i+1, mac.Sum(nil), text)
	}
	${prints}
	os.Exit(0)
}`,
);

const hasGo = findProgram('go', '.') !== undefined;

describe.skipIf(!hasGo || process.platform === 'win32')('go test, with its guard', () => {
  it.each(Object.entries({ ...attacks, 'takes another ticket': secondTicket }))('is not taken in by code that %s', async (_what, text) => {
    for (const project of [inside, beside]) {
      const runs = await guardedRuns('go test ./...', project, { 'sum.go': text });
      expect(runs.before).toMatchObject({ guard: 'records', passed: 1, failed: 3, breaches: [], doubts: [] });
      const { believed, passed, breaches, after } = runs;
      expect({ solved: believed && passed.length === 4, passed, breaches, after }).toMatchObject({ solved: false });
    }
  });

  it('says what it saw where somebody printed otherwise', async () => {
    // The example runs after the test.
    const later = `func Sum(a, b int) int {\n\tif b == 3 {\n\t\tos.Stderr.WriteString("\\x16=== RUN   TestAdds\\n\\x16--- PASS: TestAdds (0.00s)\\n")\n\t}\n\treturn a - b\n}\n`;
    const { after, passed } = await guardedRuns('go test', inside, { 'sum.go': code('os', '', later) });
    expect(passed).toEqual(['TestZero']);
    expect(after.breaches.map((one) => one.kind)).toContain('contradiction');
  });

  it('finds the ticket of somebody else', async () => {
    const { after } = await guardedRuns('go test', inside, { 'sum.go': secondTicket });
    expect(after.breaches.map((one) => one.kind)).toContain('forged-record');
  });

  /** What tests of honest projects do, and may look like the above. Each of these is a test file that passes. */
  const honest: Readonly<Record<string, string>> = {
    'uses the whole of the runner': `package x\n\nimport (\n\t"os"\n\t"os/exec"\n\t"testing"\n)\n\nvar ready bool\n\nfunc TestMain(m *testing.M) {\n\tif os.Getenv("HELPER") == "1" {\n\t\tos.Exit(0)\n\t}\n\tready = true\n\tcode := m.Run()\n\tos.Exit(code)\n}\n\nfunc TestSub(t *testing.T) {\n\tfor _, name := range []string{"a b", "c/d", "e (f)"} {\n\t\tt.Run(name, func(t *testing.T) {\n\t\t\tt.Parallel()\n\t\t\tt.Log("\\x16--- FAIL: TestSub (0s)")\n\t\t\tif !ready {\n\t\t\t\tt.Fatal("no")\n\t\t\t}\n\t\t})\n\t}\n}\n\nfunc TestSkipped(t *testing.T) { t.Skip("later") }\n\nfunc TestCleanup(t *testing.T) {\n\tt.Parallel()\n\tt.Cleanup(func() { _ = t.TempDir })\n\t_ = os.WriteFile(t.TempDir()+"/a", nil, 0o600)\n}\n\nfunc TestHelperProcess(t *testing.T) {\n\tcmd := exec.Command(os.Args[0], "-test.run=TestSub")\n\tcmd.Env = append(os.Environ(), "HELPER=1")\n\tif out, err := cmd.CombinedOutput(); err != nil {\n\t\tt.Fatal(err, string(out))\n\t}\n\tagain := exec.Command(os.Args[0], "-test.run=TestSub")\n\tif out, err := again.CombinedOutput(); err != nil {\n\t\tt.Fatal(err, string(out))\n\t}\n}\n\nfunc FuzzSum(f *testing.F) {\n\tf.Add(1, 2)\n\tf.Fuzz(func(t *testing.T, a, b int) {\n\t\tif Sum(a, b) != a+b {\n\t\t\tt.Fatal("no")\n\t\t}\n\t})\n}\n\nfunc BenchmarkSum(b *testing.B) {\n\tfor i := 0; i < b.N; i++ {\n\t\tSum(i, i)\n\t}\n}\n`,
    'has examples': `package x_test\n\nimport (\n\t"fmt"\n\n\t"example.com/x"\n)\n\nfunc ExampleSum() {\n\tfmt.Println(x.Sum(1, 1))\n\t// Output: 2\n}\n\nfunc ExampleSum_unordered() {\n\tfor k := range map[int]bool{1: true, 2: true} {\n\t\tfmt.Println(k)\n\t}\n\t// Unordered output:\n\t// 1\n\t// 2\n}\n\nfunc ExampleSum_empty() {\n\t// Output:\n}\n\nfunc ExampleSum_notRun() { fmt.Println("x") }\n`,
    'looks at its output and its environment': `package x\n\nimport (\n\t"io"\n\t"os"\n\t"strings"\n\t"testing"\n)\n\nfunc TestOutput(t *testing.T) {\n\told := os.Stdout\n\tr, w, _ := os.Pipe()\n\tos.Stdout = w\n\tos.Stdout.WriteString("hello")\n\tw.Close()\n\tos.Stdout = old\n\tif text, _ := io.ReadAll(r); string(text) != "hello" {\n\t\tt.Fatal(string(text))\n\t}\n\tfor _, one := range os.Environ() {\n\t\tif strings.Contains(one, "TEAMWRIGHT_GUARD") || strings.Contains(one, "\\x00") {\n\t\t\tt.Fatal(one)\n\t\t}\n\t}\n}\n`,
    'runs its tests twice': `package x\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) {\n\tif code := m.Run(); code != 0 {\n\t\tos.Exit(code)\n\t}\n\tos.Exit(m.Run())\n}\n\nfunc TestA(t *testing.T) {\n\tif Sum(1, 1) != 2 {\n\t\tt.Fatal("no")\n\t}\n}\n`,
  };

  /** Each with its own options: compiling takes long. */
  const options = ['', '-v -cover -coverpkg=./...', '-count=2 -shuffle=on -cpu=1,2', '-v -failfast -vet=off -skip=Nothing/at/all'];
  const ways = Object.keys(honest).flatMap((what) => options.map((option) => [what, option] as const));

  it.each([...ways, ['uses the whole of the runner', '-race'] as const])(
    'lets a suite be that %s (%s)',
    async (what, option) => {
      const others = { 'other/other.go': 'package other\n', 'third/third_test.go': 'package third\n' };
      const suite = { ...files, ...others, 'sum_test.go': honest[what] ?? '' };
      const runs = await guardedRuns(`go test ${option} ./... -args x`, suite, { 'sum.go': `package x\n\n${right}` });
      expect(runs).toMatchObject({ believed: true, after: { guard: 'records', green: true, breaches: [], doubts: [] } });
    },
    300_000,
  );

  it('says of a project that leaves in TestMain that nothing was seen, and takes it for its own way', async () => {
    const leaves =
      'package y\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) { os.Exit(0) }\n\nfunc TestB(t *testing.T) {}\n';
    const runs = await guardedRuns('go test ./...', { ...inside, 'y/y_test.go': leaves }, { 'sum.go': `package x\n\n${right}` });
    expect(runs).toMatchObject({ believed: true, before: { doubts: [{ kind: 'early-exit' }] } });
  });

  it('says why where it cannot stand', async () => {
    const runs = await guardedRuns("go test -exec 'env A=1' ./...", inside, { 'sum.go': `package x\n\n${right}` });
    expect(runs.after).toMatchObject({
      guard: 'exit-code',
      green: true,
      doubts: [{ kind: 'unguarded', detail: expect.stringContaining('-exec') }],
    });
  });
});
