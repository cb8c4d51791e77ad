import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { planSchemaFile, planSchemaText } from '../../scripts/plan-schema.ts';
import { isTeamwrightError } from '../../src/errors.ts';
import {
  checkPlan,
  childSteps,
  freshStep,
  locateProblems,
  parsePlan,
  planHash,
  planJsonSchema,
  planSchema,
  printPlan,
  problemText,
  stepKindNamed,
  stepKinds,
  validPlan,
} from '../../src/plan/index.ts';
import { toolNames } from '../../src/plan/schema.ts';
import { plan, read, team } from '../support/plan-example.ts';

const problemsIn = (text: string): string[] => (parsePlan(text).problems ?? []).map(problemText);

describe('reading a plan', () => {
  it('fills in the defaults', () => {
    expect(plan.agents.planner).toMatchObject({ tier: 'worker', temperature: 0.2 });
    expect(plan.steps[1]).toMatchObject({ samples: 2, stop: 'first-pass', from: 'start' });
    expect(plan.budget).toEqual({ tokens: 60_000, usd: 1, seconds: 900, calls: 20, agents: 6, depth: 4 });
    expect(plan.finish).toEqual({ when: 'tests-pass', otherwise: 'best' });
    expect(checkPlan(plan)).toEqual([]);
  });

  it('names place, line and column of what is wrong, and what was probably meant', () => {
    const text = team
      .replace('do: test }', 'do: tset }')
      .replace('tools: [read]', 'tools: [read, edti]')
      .replace('max: 2', 'max: 20')
      .replace('role: coder', 'rule: coder');
    expect(problemsIn(text)).toEqual([
      '13:5 error agents.coder.role: "role" is missing; it must be a text. [missing-field]',
      '13:5 error agents.coder.rule: There is no field "rule" here; remove it. [unknown-field]',
      `23:19 error agents.critic.tools[1]: An item of "tools" must be one of ${toolNames.join(', ')}, not "edti". Did you mean "edit"? [bad-value]`,
      expect.stringMatching(
        /^28:\d+ error steps\[2\]\.do: "do" must be one of generate, .*, not "tset"\. Did you mean "test"\? \[bad-value\]$/,
      ),
      '32:10 error steps[3].max: "max" must be at most 10. [bad-value]',
    ]);
  });

  it('says what is no YAML, no JSON and no plan', () => {
    expect(problemsIn('')).toEqual(['error The text is empty. [not-text]']);
    expect(problemsIn('name: [1')[0]).toMatch(/^1:9 error .*\[syntax\]$/);
    expect(problemsIn('just words')).toEqual(['1:1 error The plan must be a set of fields, not "just words". [bad-value]']);
    expect(parsePlan('{\n"name": 1,,}', { format: 'json' }).problems?.[0]).toMatchObject({ code: 'syntax', line: 2, column: 11 });
    expect(parsePlan(team, { format: 'json' }).problems?.[0]?.message).toMatch(/^This is not JSON/);
    expect(problemsIn('a: 1\n---\nb: 2')[0]).toContain('[syntax]');
    expect(problemsIn(team.replace('name: bug-fix', 'name: bug-fix\nname: other'))[0]).toMatch(/^3:1 error .*unique.* \[syntax\]$/);
  });

  it('refuses JSON whose repeated keys would hide what was seen', () => {
    const json = printPlan(plan, 'json').replace('"name": "bug-fix"', '"name": "bug-fix", "name": "other"');
    expect(problemsIn(json)[0]).toMatch(/unique.*\[syntax\]$/);
  });

  it('does not mind a byte order mark, CRLF, tabs in JSON, or the form', () => {
    const json = printPlan(plan, 'json');
    const forms = [
      team,
      `\uFEFF${team}`,
      team.replaceAll('\n', '\r\n'),
      json,
      `\uFEFF${json.replaceAll('\n', '\r\n')}`,
      json.replaceAll('  ', '\t'),
      printPlan(plan),
    ];
    expect(new Set(forms.map((form) => planHash(read(form)))).size).toBe(1);
  });

  it('has a hash that does not change between versions of the program', () => {
    expect(planHash(plan)).toBe('58da6996942556f12aebfa2d60913ac1ce8b21e00f65e793c6f628bfd06619d2');
  });

  it('survives texts made to hurt, within seconds', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghij'].map((name, index) => `${name}: &${name} [${`*${'abcdefghi'[index]},`.repeat(9)}]`).join('\n')}`;
    const nested = `steps: ${'[{steps: '.repeat(40)}1${'}]'.repeat(40)}`;
    const hostile = [
      bomb,
      nested,
      '['.repeat(90_000),
      '- '.repeat(45_000),
      '{"a":'.repeat(10_000),
      '&a [*a]',
      'a: &a {b: *a}',
      'x'.repeat(1_000_000),
      '!!js/function "x"',
      '\0',
      '? ? ? ?',
    ];
    for (const text of hostile) expect(parsePlan(text).problems?.length).toBeGreaterThan(0);
    expect(problemsIn(nested)[0]).toContain('[too-deep]');
    expect(problemsIn('['.repeat(90_000))[0]).toContain('[syntax]');
  });

  it('refuses values that contain themselves', () => {
    const endless: Record<string, unknown> = { teamwright: 1 };
    endless.steps = [endless];
    expect(() => validPlan(endless)).toThrow(/nested deeper/);
  });

  it('throws plan-invalid with every problem for those who need a plan or nothing', () => {
    expect(validPlan(team)).toEqual(plan);
    try {
      validPlan(team.replaceAll('agent: coder', 'agent: codr'));
      expect.unreachable();
    } catch (error) {
      expect(isTeamwrightError(error, 'plan-invalid')).toBe(true);
      expect(error).toMatchObject({
        message: 'The plan "bug-fix" is not valid: steps[1].agent: There is no agent "codr". Did you mean "coder"? (and 2 more)',
        facts: {
          problems: [{ line: 27, path: 'steps[1].agent' }, { path: 'steps[3].steps[1].agent' }, { line: 12, path: 'agents.coder' }],
        },
      });
    }
  });

  it('locates problems through anchors and at the nearest place that exists', () => {
    const text = 'a: &a\n  b: 1\nc: *a\n';
    const at = (place: (string | number)[]) =>
      locateProblems(text, [{ code: 'bad-value', severity: 'error', path: '', place, message: '', say: () => '' }])[0];
    expect(at(['c', 'b'])).toMatchObject({ line: 2, column: 6 });
    expect(at(['a', 'z', 0])).toMatchObject({ line: 2, column: 3 });
  });
});

describe('the hash of a plan', () => {
  /** Every kind of step that the example lacks, with defaults left out and sets in disorder. */
  const rest = `teamwright: 1
name: all-kinds
difficulty: hard
agents:
  tester: { role: tester, instructions: Write tests for what was asked, output: tests, tools: [], write: [test/**] }
  coder: { role: coder, instructions: Do what was asked for, output: edits, tools: [edit, read], write: [src/**, lib/**] }
  critic: { role: critic, instructions: Find what is still wrong, output: verdict, tools: [], write: [] }
steps:
  - { id: cover, do: write-tests, agent: tester }
  - id: both
    do: group
    steps:
      - { id: one, do: generate, agent: coder, samples: 2, stop: never }
      - { id: two, do: generate, agent: coder }
  - { id: judge, do: review, agent: critic }
  - { id: types, do: check, checks: [lint, types] }
  - id: fork
    do: when
    if: tests-fail
    steps: [{ id: mend, do: revise, agent: coder, uses: [judge] }]
    else: [{ id: polish, do: generate, agent: coder, from: best }]
  - { id: try, do: test }
  - { id: pick, do: select, by: [votes, tests, votes], keep: 2 }
`;

  it.each([
    ['the example', team, '58da6996942556f12aebfa2d60913ac1ce8b21e00f65e793c6f628bfd06619d2'],
    ['all other kinds', rest, 'e8b5d6ad15f8377e9e1a3773a055b46041e0bb615d196705b72dcffd90ce5ed0'],
  ])('stays what it was: approvals, kept teams and lessons name plans by it (%s)', (_name, text, hash) => {
    expect(planHash(read(text))).toBe(hash);
  });
});

describe('the published schema', () => {
  it('is up to date (node scripts/plan-schema.ts writes it)', () => {
    expect(readFileSync(planSchemaFile, 'utf8')).toBe(planSchemaText());
  });

  it('asks for what has no default, and only for that', () => {
    const schema = planJsonSchema() as {
      required: string[];
      definitions: { step: { oneOf: { properties: { do: { const: string } } }[] } };
    };
    expect(schema.required).toEqual(['teamwright', 'name', 'difficulty', 'agents', 'steps']);
    expect(schema.definitions.step.oneOf.map((kind) => kind.properties.do.const).sort()).toEqual(stepKinds.map((kind) => kind.do).sort());
  });
});

describe('the table of step kinds', () => {
  it('gives a new step of every kind that the schema takes, and says of it what it has', () => {
    for (const kind of stepKinds) {
      const fresh = freshStep(kind, { id: 'a', agent: 'coder', inner: () => [{ id: 'b', do: 'test' }] });
      const [step] = planSchema.parse({ ...plan, steps: [fresh] }).steps;
      expect(step).toEqual(fresh);
      expect(kind.outputs.length > 0).toBe('agent' in fresh);
      expect(kind.samples(fresh)).toBe('samples' in fresh ? fresh.samples : 'rounds' in fresh ? fresh.rounds : 'agent' in fresh ? 1 : 0);
      expect(kind.inside !== undefined).toBe('steps' in fresh);
      expect(childSteps(fresh).length > 0).toBe('steps' in fresh);
    }
  });

  it('leads from a step to its kind, and knows no other names', () => {
    for (const kind of stepKinds) expect(stepKindNamed(kind.do)).toBe(kind);
    for (const name of ['tset', 'constructor', '__proto__', '']) expect(stepKindNamed(name)).toBeUndefined();
  });
});
