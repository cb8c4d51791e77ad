/** Lines that tests ran over, told by `go test`. */
import { describe, expect, test } from 'vitest';
import { linesRun } from '../support/lines-run.ts';
import { works } from '../support/python.ts';

const calc = [
  'package calc',
  '',
  '// Add adds.',
  'func Add(a, b int) int {',
  '\tif a > 10 {',
  '\t\treturn a - b',
  '\t} else if b > 10 {',
  '\t\treturn b + a',
  '\t}',
  '\treturn a + b',
  '}',
  '',
  'func Sign(a int) string {',
  '\tswitch {',
  '\tcase a < 0:',
  '\t\treturn "-"',
  '\tcase a > 0:',
  '\t\treturn "+"',
  '\tdefault:',
  '\t\treturn ""',
  '\t}',
  '}',
  '',
].join('\n');

const module = (tests: string, more: Readonly<Record<string, string>> = {}) => ({
  'go.mod': 'module example.org/calc\n\ngo 1.22\n',
  'calc.go': calc,
  'calc_test.go': `package calc\n\nimport "testing"\n\n${tests}\n`,
  ...more,
});

/** Go's own library may have to be compiled first. */
const compiling = { wallMs: 100_000 };

describe.skipIf(!works('go', 'version'))('go test, with lines recorded', () => {
  test('of tests, of tests in a test, and of tests that wait for each other', async () => {
    const tests = `
func TestSmall(t *testing.T) {
	if Add(1, 2) != 3 {
		t.Error("small")
	}
}

func TestTable(t *testing.T) {
	for _, one := range []struct{ name string; a, b, sum int }{{"large", 11, 2, 13}, {"other", 2, 11, 13}} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			if got := Add(one.a, one.b); got != one.sum {
				t.Errorf("%d", got)
			}
		})
	}
}

func TestSign(t *testing.T) {
	t.Parallel()
	if Sign(3) != "+" {
		t.Error("sign")
	}
}

func ExampleSign() {
	println(Sign(0))
	// Output:
}
`;
    expect(await linesRun(module(tests), 'go test ./...', 'calc.go', compiling)).toEqual([
      ...['5:1/2', '6:1/0', '7:0/2', '8:0/1', '10:0/1'],
      ...['14:0/2', '15:0/2', '17:0/2', '18:0/1', '20:0/1'],
    ]);
  });

  test('what was made in a test is what the tests in it are about, and a test is red by itself or by one in it', async () => {
    const tests = `
func TestOuter(t *testing.T) {
	large := Add(11, 2)
	t.Log("made")
	t.Run("first", func(t *testing.T) {})
	t.Run("a/b", func(t *testing.T) { t.Run("c", func(t *testing.T) { if large != 13 { t.Error(large) } }) })
}

func TestRedByItself(t *testing.T) {
	small := Add(1, 2)
	t.Run("third", func(t *testing.T) { if small != 3 { t.Error(small) } })
	t.Error(Sign(1))
}

func TestLeftOut(t *testing.T) {
	t.Skip(Sign(-1))
}
`;
    const lines = await linesRun(module(tests), 'go test ./...', 'calc.go', compiling);
    expect(lines).toEqual(['5:2/2', '6:1/1', '7:1/1', '10:1/1', '14:1/0', '15:1/0', '16:2/2', '17:1/0', '18:1/0']);
  });

  test('in a package of another folder, and whatever the command counts itself', async () => {
    const more = {
      'sub/sub_test.go': `package sub_test\n\nimport (\n\t"testing"\n\n\t"example.org/calc"\n)\n\nfunc TestFar(t *testing.T) {\n\tif calc.Add(11, 1) != 12 {\n\t\tt.Fatal("far")\n\t}\n}\n`,
      'sub/sub.go': 'package sub\n',
    };
    const command = 'go test -v -cover -coverprofile /dev/null -parallel 8 -p 1 ./...';
    const lines = await linesRun(module('func TestSmall(t *testing.T) {\n\t_ = Add(1, 2)\n}', more), command, 'calc.go', compiling);
    expect(lines).toEqual(['5:1/1', '6:1/0', '7:0/1', '10:0/1']);
  });

  test('of one that never ends, and of one that ends all', async () => {
    const loop = calc.replace('\treturn a + b', '\tfor b > 0 {\n\t\ta++\n\t}\n\treturn a + b');
    const files = { ...module('func TestSmall(t *testing.T) {\n\t_ = Add(11, 2)\n\t_ = Add(1, 2)\n}'), 'calc.go': loop };
    expect(await linesRun(files, 'go test ./...', 'calc.go', { wallMs: 10_000 })).toEqual(['5:1/0', '6:1/0', '7:1/0', '10:1/0', '11:1/0']);
    const without = (end: string) => ({
      ...module('func TestSmall(t *testing.T) {\n\t_ = Add(1, 2)\n}'),
      'calc.go': calc.replace('return a + b', end).replace('package calc', 'package calc\n\nimport "os"'),
    });
    for (const end of ['panic(os.Args[0])', 'os.Exit(3)\n\treturn a'])
      expect(await linesRun(without(end), 'go test ./...', 'calc.go', compiling)).toEqual(
        expect.arrayContaining(['7:1/0', '9:1/0', '12:1/0']),
      );
  });
});
