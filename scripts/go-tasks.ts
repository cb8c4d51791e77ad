/**
 * Makes benchmark tasks in Go of the mistakes that HumanEvalPack has for it (bigcode-project/octopack, MIT: `humanevalpack.jsonl` of its Go data, which is not
 * part of this repository): `node scripts/go-tasks.ts FILE --every 9 > fix-go.jsonl`. Needs Go. A task is kept where its tests fail at the start and
 * all of them pass with the reference, three times: one has a reference that is right by chance.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';

const rowSchema = z.object({
  task_id: z.string(),
  prompt: z.string(),
  buggy_solution: z.string(),
  canonical_solution: z.string(),
  test_setup: z.string(),
  /** Seen by the team, and laid over its work. */
  example_test: z.string(),
  test: z.string(),
});
type Row = z.infer<typeof rowSchema>;

/** What their tests ask of testify, which nobody has to download so. */
const assertions = `package assert

import (
	"reflect"
	"testing"
)

// Assertions reports what is not as expected.
type Assertions struct{ t *testing.T }

// New gives the assertions of a test.
func New(t *testing.T) *Assertions { return &Assertions{t} }

// Equal expects two values to be equal.
func (a *Assertions) Equal(expected, actual interface{}) {
	a.t.Helper()
	if !reflect.DeepEqual(expected, actual) {
		a.t.Errorf("expected: %v, actual: %v", expected, actual)
	}
}
`;

const { values, positionals } = parseArgs({ options: { every: { type: 'string', default: '1' } }, allowPositionals: true });
const file = positionals[0];
const every = Number(values.every);
if (file === undefined || !(every >= 1)) throw new Error('Usage: node scripts/go-tasks.ts humanevalpack.jsonl [--every N]');
const rows = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => rowSchema.parse(JSON.parse(line)))
  .filter(({ example_test }) => example_test.trim() !== '');
for (const task of rows.filter((_, index) => index % every === 0).map(taskOf)) {
  const isWrong = !passes(task.files);
  if (isWrong && passes({ ...task.files, ...task.reference, ...task.hiddenFiles })) process.stdout.write(`${JSON.stringify(task)}\n`);
  else process.stderr.write(`${task.id} is left out: ${isWrong ? 'its reference does not pass' : 'its tests pass at the start'}\n`);
}

function taskOf({ task_id, prompt, buggy_solution, canonical_solution, test_setup, example_test, test }: Row) {
  const solution = (body: string): string => `package task\n\n${prompt.trimStart()}${body}`;
  const others = [...test_setup.matchAll(/^\s+"([^"]+)"/gm)].flatMap(([, name = '']) => (/^testing$|testify/.test(name) ? [] : [name]));
  const asked = ['testing', ...others, 'task/assert'].map((name) => `    "${name}"\n`).join('');
  const setup = `package task\n\nimport (\n${asked})\n\n`;
  return {
    id: `fix-go/${task_id.split('/')[1]}`,
    request: '`go test` fails. Find the bug in solution.go and fix it. Do not change the tests.',
    files: {
      'go.mod': 'module task\n\ngo 1.22\n',
      'assert/assert.go': assertions,
      'solution.go': solution(buggy_solution),
      'solution_test.go': `${setup}${example_test}`,
    },
    language: 'go',
    test: 'go test ./...',
    hiddenFiles: { 'hidden_test.go': `${setup}${test.replaceAll('func Test', 'func TestHidden')}` },
    hiddenTest: 'go test ./...',
    reference: { 'solution.go': solution(canonical_solution) },
  };
}

function passes(files: Readonly<Record<string, string>>): boolean {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'teamwright-go-tasks-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    return spawnSync('go', ['test', '-count=3', './...'], { cwd: folder, timeout: 60_000 }).status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
