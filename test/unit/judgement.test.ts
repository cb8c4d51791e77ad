/** When a candidate counts as a solution, by what its tests show. */
import { describe, expect, test } from 'vitest';
import type { Briefing, RelevantFile } from '../../src/briefing/types.ts';
import {
  changedTheirMind,
  isOutOfReach,
  judgementOf,
  missingIn,
  needs,
  noTestSources,
  reasonText,
  touchedNames,
  undecided,
} from '../../src/feedback/index.ts';
import type { JudgementQuestion } from '../../src/feedback/judgement.ts';
import type { TestCase, TestReport } from '../../src/feedback/types.ts';
import { parseRequest } from '../../src/request/index.ts';
import { askedIn } from '../../src/run/asked.ts';
import { emptyBriefing } from '../support/empty-briefing.ts';

type Outcome = TestCase['outcome'];
const one = (file: string, name: string, outcome: Outcome, more: Partial<TestCase> = {}): TestCase => ({
  id: name === '' ? file : `${file} > ${name}`,
  name: name === '' ? file : name,
  file,
  outcome,
  ...(outcome === 'failed' ? { message: 'Error: no' } : {}),
  ...more,
});
const report = (cases: TestCase[], more: Partial<TestReport> = {}): TestReport => {
  const count = (outcome: Outcome) => cases.filter((each) => each.outcome === outcome).length;
  const green = count('failed') === 0 && count('passed') > 0;
  return {
    ...{ ending: 'finished', exitCode: green ? 0 : 1, cases, passed: count('passed'), failed: count('failed'), skipped: count('skipped') },
    ...{ green, guard: 'records', breaches: [], doubts: [], output: '', ms: 1 },
    ...more,
  };
};
const judge = (baseline: TestReport, after: TestReport, more: Partial<JudgementQuestion> = {}) =>
  judgementOf({ baseline, report: after, isAsked: () => true, breaches: [], tampering: [], ...more });
const said = (judgement: ReturnType<typeof judge>): string => [judgement.state, ...judgement.reasons.map(({ kind }) => kind)].join(' ');

describe('solved is what was seen', () => {
  const red = [one('a.js', 'adds', 'failed'), one('a.js', 'zero', 'passed')];
  const before = report(red);
  const [adds, zero] = [one('a.js', 'adds', 'passed'), one('a.js', 'zero', 'passed')];
  const green = [adds, zero];
  const file = one('a.js', '', 'passed');

  test('beside a mended test those in no file that are as red as before count by their words, and while none was mended each counts', () => {
    const bare = (name: string, outcome: Outcome): TestCase => ({ ...one('', name, outcome), id: name, file: undefined });
    const list = report([bare('caret is kept', 'failed'), bare('idna 17', 'failed'), bare('idna 18', 'failed'), bare('plain', 'passed')]);
    const changed = [{ path: 'src/parser.rs', before: 'fn caret() { 1 }\n', after: 'fn caret() { 2 }\n' }];
    const isAsked = askedIn(
      { request: parseRequest('Keep the caret in src/parser.rs'), testSources: noTestSources, briefing: emptyBriefing },
      changed,
    );
    const mended = report([bare('caret is kept', 'passed'), bare('idna 17', 'failed'), bare('idna 18', 'failed'), bare('plain', 'passed')]);
    expect(judge(list, mended, { isAsked })).toMatchObject({
      state: 'solved',
      targets: ['caret is kept'],
      unrelated: ['idna 17', 'idna 18'],
    });
    expect(said(judge(list, list, { isAsked }))).toBe('red target-fails');
    const other = report([bare('caret is kept', 'failed'), bare('idna 17', 'passed'), bare('idna 18', 'failed'), bare('plain', 'passed')]);
    expect(said(judge(list, other, { isAsked }))).toBe('red target-fails');
    expect(said(judge(list, mended))).toBe('red target-fails');
  });

  test.each<[string, TestReport, TestReport, string]>([
    ['every target passes', before, report(green), 'solved'],
    ['with more tests than before', before, report([...green, one('a.js', 'more', 'passed')]), 'solved'],
    ['a target is red', before, report(red), 'red target-fails'],
    [
      'a target is red in another way',
      before,
      report([one('a.js', 'adds', 'failed', { message: 'Error: else' }), zero]),
      'red target-fails',
    ],
    ['a target vanished', before, report([zero]), 'unproven target-missing'],
    ['a target is skipped', before, report([one('a.js', 'adds', 'skipped'), zero]), 'unproven target-missing'],
    ['only the file passes', before, report([file]), 'unproven target-missing lost'],
    ['another test passes in its place, in another file', before, report([one('b.js', 'adds', 'passed'), zero]), 'unproven target-missing'],
    ['another test passed and vanished', before, report([adds]), 'unproven lost'],
    ['another test passed and is skipped', before, report([adds, one('a.js', 'zero', 'skipped')]), 'unproven lost'],
    ['another test broke', before, report([adds, one('a.js', 'zero', 'failed')]), 'red broke'],
    ['a new test is red', before, report([...green, one('a.js', 'more', 'failed')]), 'red target-fails'],
    ['it broke off', before, report(green, { ending: 'no-report', green: false }), 'red ended-early'],
    ['it ran out of time', before, report(green, { ending: 'time-limit', green: false }), 'red ended-early'],
    [
      'it ran out of time as it did before',
      report(red, { ending: 'time-limit' }),
      report(green, { ending: 'time-limit', green: false }),
      'unproven not-seen',
    ],
    [
      'a target was never reached in the time that was short before',
      report(red, { ending: 'time-limit' }),
      report([zero], { ending: 'time-limit', green: false }),
      'unproven not-seen target-missing',
    ],
    ['nothing ran', before, report([]), 'unproven target-missing lost'],
    ['nothing was red before', report(green), report(green), 'unproven nothing-was-red'],
    [
      'nothing was red before, and a test is new',
      report(green),
      report([...green, one('a.js', 'more', 'passed')]),
      'unproven nothing-was-red',
    ],
  ])('%s', (_, baseline, after, expected) => {
    expect(said(judge(baseline, after))).toBe(expected);
  });

  test('a red test that goes by another name now is accounted for by a new one of its file', () => {
    const cases = report([one('a.js', 'failed after case 0', 'failed')]);
    expect(said(judge(cases, report([one('a.js', 'case 0', 'passed'), one('a.js', 'case 1', 'passed')])))).toBe('solved');
    const renamed = report([one('a.js', 'sum is -1', 'failed'), one('a.js', 'zero', 'passed')]);
    const after = judge(renamed, report([one('a.js', 'sum is 3', 'passed'), one('a.js', 'zero', 'passed')]));
    expect([after.state, after.targets]).toEqual(['solved', ['a.js > sum is 3']]);
    expect(said(judge(renamed, report([one('a.js', 'sum is 3', 'passed')])))).toBe('unproven lost');
  });

  test('a breach, or a hand on its own tests, is never solved', () => {
    expect(said(judge(before, report(green), { breaches: [{ kind: 'canary', detail: 'x' }] }))).toBe('unproven breach');
    const tampering = [{ kind: 'changed-config' as const, path: 'package.json', detail: 'x' }];
    expect(said(judge(before, report(green), { tampering }))).toBe('unproven touches-tests');
  });

  test('what was seen is named: targets, and the reasons with their tests', () => {
    const solved = judge(before, report(green));
    expect(solved).toEqual({ state: 'solved', reasons: [], targets: ['a.js > adds'], unrelated: [], flaky: [], notRun: [] });
    const lost = judge(before, report([adds]));
    expect(lost.reasons.map(reasonText)).toEqual(['1 test that passed before did not run any more, or was skipped: a.js > zero.']);
    const many = Array.from({ length: 30 }, (_, index) => one('a.js', `t${index}`, 'failed'));
    const [reason] = judge(report(many), report(many)).reasons;
    expect([reason?.count, reason?.tests?.length]).toEqual([30, 20]);
    expect(reason && reasonText(reason)).toBe('30 tests that the request is about fail: a.js > t0, a.js > t1, a.js > t2 and 27 more.');
  });
});

describe('behind what failed as a whole', () => {
  const whole = (file: string): TestCase => one(file, '', 'failed', { whole: true });

  test.each<[string, TestCase[], TestCase[], string]>([
    ['its tests are seen', [whole('a.js')], [one('a.js', 'adds', 'passed')], 'solved'],
    ['one of its tests is red', [whole('a.js')], [one('a.js', 'adds', 'passed'), one('a.js', 'zero', 'failed')], 'red target-fails'],
    ['none of its tests is seen', [whole('a.js'), one('b.js', 'b', 'passed')], [one('b.js', 'b', 'passed')], 'unproven target-missing'],
    ['a build failed, and tests are seen', [{ ...whole('build'), file: undefined }], [one('a.rs', 'adds', 'passed')], 'solved'],
    ['a build failed, and nothing is seen', [{ ...whole('build'), file: undefined }], [], 'unproven target-missing'],
  ])('%s', (_, baseline, after, expected) => {
    expect(said(judge(report(baseline), report(after)))).toBe(expected);
  });

  test('a baseline that ran out of time is repaired by tests that end', () => {
    const hung = report([], { ending: 'time-limit', exitCode: null });
    expect(said(judge(hung, report([one('a.js', 'adds', 'passed')])))).toBe('solved');
    expect(said(judge(hung, report([])))).toBe('unproven nothing-was-red');
  });
});

describe('a suite that meets its limit before anything failed', () => {
  const cut = one('a.js', 'slow', 'failed', { cut: true });
  const passed = one('a.js', 'zero', 'passed');

  test('can show of no change that it is right; a test that hangs can', () => {
    expect(undecided(report([passed, cut], { ending: 'time-limit' }))).toBe(true);
    expect(undecided(report([], { ending: 'silence-limit' }))).toBe(true);
    expect(undecided(report([cut], { ending: 'silence-limit' }))).toBe(false);
    expect(undecided(report([cut, one('a.js', 'adds', 'failed')], { ending: 'time-limit' }))).toBe(false);
    expect(undecided(report([passed]))).toBe(false);
  });

  test('says nothing of a change that meets it too, unless something breaks', () => {
    const before = report([passed, cut], { ending: 'time-limit' });
    const more = { isUndecided: true };
    expect(said(judge(before, report([passed, cut], { ending: 'time-limit' }), more))).toBe('unproven not-seen');
    expect(said(judge(before, report([one('a.js', 'zero', 'failed'), cut], { ending: 'time-limit' }), more))).toBe('red not-seen broke');
    expect(said(judge(before, report([passed, one('a.js', 'slow', 'passed')]), more))).toBe('solved');
  });
});

describe('what is not installed', () => {
  const fails = (message: string) => one('a.js', '', 'failed', { whole: true, message });

  test('is read off failures that all came for want of it', () => {
    expect(
      missingIn(report([fails("Error: Cannot find module 'express'"), fails("Cannot find package '@a/b' imported from x.js")])),
    ).toEqual(['express', '@a/b']);
    expect(missingIn(report([fails("ModuleNotFoundError: No module named 'yaml.nodes'")]))).toEqual(['yaml']);
    expect(missingIn(report([fails("Error: Cannot find module './sum'")]))).toEqual([]);
    expect(missingIn(report([fails("Cannot find module 'express'"), fails('Error: no')]))).toEqual([]);
    expect(missingIn(report([fails("Cannot find module 'express'"), one('a.js', 'zero', 'passed')]))).toEqual([]);
  });

  test.each([
    ['package.json', '{"name":"own","dependencies":{"express":"4"},"devDependencies":{"@a/b":"1"}}', ['express', '@a/b'], ['own', 'other']],
    ['requirements.txt', 'NumPy>=1\npyyaml\n', ['numpy'], ['yaml', 'num']],
    ['pyproject.toml', '[project]\nname = "own"\ndependencies = ["attrs>=20"]\n', ['attrs'], ['own']],
  ])('is what %s says that the project needs', (manifest, text, named, others) => {
    expect(named.filter((name) => needs(manifest, text, name))).toEqual(named);
    expect(others.filter((name) => needs(manifest, text, name))).toEqual([]);
  });
});

describe('a flaky test', () => {
  const mood = (outcome: Outcome) => one('a.js', 'mood', outcome);
  const adds = (outcome: Outcome) => one('a.js', 'adds', outcome);
  const flaky = ['a.js > mood'];

  test.each<[string, TestCase[], TestCase[], Partial<JudgementQuestion>, string]>([
    ['makes nothing red', [mood('passed'), adds('failed')], [mood('failed'), adds('passed')], { flaky }, 'solved'],
    ['is no target that stays red', [mood('failed'), adds('failed')], [mood('failed'), adds('passed')], { flaky }, 'solved'],
    [
      'is nothing that solved rests on',
      [mood('failed'), adds('passed')],
      [mood('passed'), adds('passed')],
      { flaky },
      'unproven only-flaky',
    ],
    [
      'nor where it is named',
      [mood('failed'), adds('failed')],
      [mood('passed'), adds('passed')],
      { flaky, named: 'mood' },
      'unproven only-flaky',
    ],
    ['saves no other one', [mood('failed'), adds('passed')], [mood('passed'), adds('failed')], { flaky }, 'red broke'],
    [
      'was none without the change',
      [mood('passed'), adds('failed')],
      [mood('failed'), adds('passed')],
      { unsteady: flaky },
      'red unsteady',
    ],
  ])('%s', (_what, before, after, more, verdict) => {
    const judged = judge(report(before), report(after), more);
    expect(said(judged)).toBe(verdict);
    expect(judged.flaky).toEqual(more.flaky ?? []);
  });

  test('is one that was seen to pass and to fail on the same bytes', () => {
    const seen = (...runs: TestCase[][]) =>
      changedTheirMind(
        runs.map((cases) => report(cases)),
        [mood('passed'), one('a.js', '', 'failed', { whole: true })],
      );
    expect(seen([mood('passed')], [mood('passed')])).toEqual([]);
    expect(seen([mood('passed')], [mood('failed')])).toEqual(flaky);
    expect(seen([mood('passed')], [mood('skipped')], [])).toEqual([]);
    expect(seen([mood('passed')], [one('a.js', 'mood', 'failed', { cut: true })])).toEqual([]);
    // A file that did not load took its tests along, and has no counterpart but them.
    expect(seen([mood('passed')], [one('a.js', '', 'failed', { whole: true })])).toEqual([...flaky, 'a.js']);
  });
});

describe('further tests', () => {
  const before = report([one('a.js', 'old', 'passed')]);
  const id = 'new.test.js > quiet';
  test('are targets: those that the run wrote and that were red before the change', () => {
    const after = report([one('a.js', 'old', 'passed'), one('new.test.js', 'quiet', 'passed')]);
    expect(said(judge(before, after, { further: [id] }))).toBe('solved');
    expect(said(judge(before, before, { further: [id] }))).toBe('unproven target-missing');
  });

  test('are targets: those that the run before made pass', () => {
    expect(said(judge(before, before, { further: ['a.js > old'] }))).toBe('solved');
    expect(said(judge(before, report([one('a.js', 'old', 'failed')]), { further: ['a.js > old'] }))).toBe('red target-fails broke');
  });
});

describe('a project with another failing test', () => {
  const price = one('price.test.js', 'adds', 'failed');
  const zone = one('zone.test.js', 'is UTC', 'failed');
  const before = report([price, zone]);
  const mended = one('price.test.js', 'adds', 'passed');
  const half = report([mended, zone]);
  const sources = (zoneText: string) => ({
    files: new Set(['price.test.js', 'zone.test.js']),
    texts: new Map([
      ['price.test.js', "import { price } from '../src/price.js';"],
      ['zone.test.js', zoneText],
    ]),
  });
  const changed = [
    {
      path: 'src/price.js',
      before: 'export function price(net) {\n  return net * 1.2;\n}\n',
      after: 'export function price(net) {\n  return net * 1.19;\n}\n',
    },
  ];
  const shown = (path: string, text: string, isTest = false): RelevantFile => ({
    ...{ path, text, isTest, bytes: text.length, truncated: false, reasons: ['lexical'], score: 1 },
  });
  const briefing: Briefing = {
    ...emptyBriefing,
    files: [
      shown('src/price.js', 'export function price(net) {\n  return net * 1.2;\n}\n'),
      shown('src/zone.js', "export const currentZone = () => {\n  if (!process.env.TZ) throw new TypeError('no zone');\n};\n"),
      shown('zone.test.js', 'const helper = () => 1;\n', true),
    ],
  };
  const zoneTest = "import { currentZone } from '../src/zone.js';\ntest('is UTC', () => {\n  equal(currentZone(), 'UTC');\n});\n";
  const verdict = (text: string, zoneText = zoneTest, baseline = before, after = half) =>
    judge(baseline, after, { isAsked: askedIn({ request: parseRequest(text), testSources: sources(zoneText), briefing }, changed) });

  test('is solved when what the request names is mended; the other is named as it was', () => {
    expect(verdict('price() must add 19 percent')).toMatchObject({
      state: 'solved',
      targets: ['price.test.js > adds'],
      unrelated: ['zone.test.js > is UTC'],
    });
  });

  test.each([
    ['the request points at nothing: then every failure is asked about', 'make the failing tests pass', zoneTest],
    ['it speaks of what the change touches', 'price() must add 19 percent', zoneTest.replace('currentZone()', 'price(1)')],
    ['the request names it', 'price() must add 19 percent and `is UTC` in zone.test.js must pass', zoneTest],
  ])('is not when %s', (_, request, text) => {
    expect(said(verdict(request, text))).toBe('red target-fails');
  });

  test.each([
    ['a function of the project', 'price() must add 19 percent, and currentZone() must be UTC', 'red target-fails'],
    ['it in backticks', 'Mend `price` in price.js and `currentZone` in zone.js', 'red target-fails'],
    ['a file of the project', 'Mend src/price.js and src/zone.js', 'red target-fails'],
    ['a file that the project does not show', 'Mend src/price.js as in other/zone.js', 'solved'],
    ['what no source of the project defines', 'price() must add 19 percent, or throw a `TypeError`; `helper` stays', 'solved'],
    ['nothing but what was mended', 'Mend `price` in price.js', 'solved'],
  ])('is not when a red test speaks of code that the request names and the change leaves as it was: %s', (_, request, expected) => {
    const body = zoneTest.replace("equal(currentZone(), 'UTC');", "equal(zone.currentZone(helper, TypeError), 'UTC');");
    expect(said(verdict(request, body))).toBe(expected);
  });

  test('is not when it fails in another way, or stands beside what was mended', () => {
    const otherwise = report([mended, { ...zone, message: 'Error: else' }]);
    expect(said(verdict('price() must add 19 percent', zoneTest, before, otherwise))).toBe('red target-fails');
    const beside = one('price.test.js', 'rounds', 'failed');
    expect(said(verdict('price() must add 19 percent', zoneTest, report([price, beside]), report([mended, beside])))).toBe(
      'red target-fails',
    );
  });

  test.each([
    ['in code', 'price() must add 19 percent, and `gives the zone` must pass', 'red target-fails'],
    ['without quotes', 'price() must add 19 percent, and gives the zone must pass', 'red target-fails'],
    ['in part', 'price() must add 19 percent, whatever gives the name', 'solved'],
  ])('is not when the request says its name %s', (_, request, expected) => {
    const other = one('zone.test.js', 'zones > gives the zone', 'failed');
    expect(said(verdict(request, zoneTest, report([price, other]), report([mended, other])))).toBe(expected);
  });

  test('and a failure of the whole run that lies in no file stands in the way only when its words speak of the change', () => {
    const rejected = (message: string): TestCase => ({ id: '(run)', name: 'unhandled error', whole: true, outcome: 'failed', message });
    const ended = (message: string) =>
      verdict('price() must add 19 percent', zoneTest, report([price, rejected(message)]), report([mended, rejected(message)]));
    expect(said(ended('Error: no connection'))).toBe('solved');
    expect(said(ended('Error: price is not a number'))).toBe('red target-fails');
  });

  test('is not when nothing was mended: what stays red may be what was meant', () => {
    const left = verdict('price() must add 19 percent', zoneTest, report([zone]), report([zone]));
    expect([said(left), left.unrelated]).toEqual(['unproven perhaps-meant', []]);
    expect(left.reasons.map(reasonText)).toEqual([
      'Nothing that failed passes now, and 1 test that may be what was asked for fails as before: zone.test.js > is UTC.',
    ]);
  });

  test.each<[string, TestCase[], TestCase[], Partial<JudgementQuestion>, string]>([
    ['while something passes that did not', [price, zone], [mended, zone], {}, 'solved'],
    ['while something broke, which is told', [zone, mended], [zone, price], {}, 'red broke'],
    [
      'beside a flaky test, which decides nothing',
      [zone, price],
      [zone, mended],
      { flaky: [price.id] },
      'unproven only-flaky perhaps-meant',
    ],
    ['where a test that is named is flaky', [zone, price], [zone, mended], { flaky: [price.id], named: 'adds' }, 'unproven only-flaky'],
    ['where a test is named that is not there', [zone], [zone], { named: 'gone' }, 'unproven target-missing'],
    ['where the run wrote a test that passes', [zone], [zone, mended], { further: [mended.id] }, 'solved'],
  ])('and is in doubt only so far: %s', (_, old, now, more, expected) => {
    expect(said(judge(report(old), report(now), { isAsked: () => false, ...more }))).toBe(expected);
  });

  test('is in doubt also where the tests met their limit of time before and after', () => {
    const short = { ending: 'time-limit' as const };
    expect(said(judge(report([zone], short), report([zone], short), { isAsked: () => false }))).toBe('unproven not-seen perhaps-meant');
  });

  test('follows the test that the request names, and only that', () => {
    expect(said(judge(before, half, { named: 'adds' }))).toBe('solved');
    expect(said(judge(before, half, { named: 'is UTC' }))).toBe('red target-fails');
    expect(said(judge(before, half, { named: 'gone' }))).toBe('unproven target-missing');
  });
});

test.each<[string, string, string, string, string[]]>([
  [
    'a function of JavaScript',
    'src/cart.js',
    'export const total = (items) => {\n  return items.length;\n};\n',
    'items.length',
    ['cart', 'total'],
  ],
  [
    'a method in a class',
    'shop/money.py',
    'class Money:\n    def add(self, other):\n        return self\n',
    'return self',
    ['money', 'Money', 'add'],
  ],
  ['a method of Go', 'sum.go', 'package x\n\nfunc (c *Cart) Total() int {\n\treturn 1\n}\n', 'return 1', ['sum', 'Total']],
  [
    'a function of Rust',
    'src/lib.rs',
    'impl Cart {\n    pub fn total(&self) -> i32 {\n        1\n    }\n}\n',
    '        1',
    ['total', 'Cart'],
  ],
  ['a file whose name says nothing', 'index.js', 'exports.price = (net) => net * 1.2;\n', '1.2', ['price']],
])('a change is about the names around it: %s', (_, path, before, place, names) => {
  const after = before.replace(place, `${place} + 1`);
  expect([...touchedNames([{ path, before, after }])].sort()).toEqual(names.sort());
});

describe('what no change can mend', () => {
  const failing = (message: string): TestCase => one('a.py', 'fetches', 'failed', { message });
  const messages = [
    'requests.exceptions.ConnectionError: NameResolutionError("Failed to resolve \'pypi.org\'")',
    'socket.gaierror: [Errno -3] Temporary failure in name resolution',
    'Error: getaddrinfo ENOTFOUND example.com',
    'Error: connect ENETUNREACH 93.184.216.34:443',
    'dial tcp: lookup example.com: no such host',
    'failed to lookup address information: Name or service not known',
    "fatal: unable to access 'https://github.com/a/b/': Could not resolve host: github.com",
    "fatal: transport 'file' not allowed",
  ];
  const mine = [
    'AssertionError: 1 == 2',
    'Error: connect ECONNREFUSED 127.0.0.1:3000',
    "FileNotFoundError: [Errno 2] No such file or directory: 'svn'",
    'PermissionError: [Errno 13] Permission denied',
  ];
  const reach = (request: string) => (test: TestCase) => isOutOfReach(test, request);
  const [adds, mended] = [one('a.py', 'adds', 'failed'), one('a.py', 'adds', 'passed')];

  test.each(messages)('does not block what is solved beside it, and is said: %s', (message) => {
    const judgement = judge(report([adds, failing(message)]), report([mended, failing(message)]), { isOutOfReach: reach('Mend the sum') });
    expect(judgement).toMatchObject({ state: 'solved', targets: ['a.py > adds'], outOfReach: ['a.py > fetches'] });
  });

  test.each(mine)('counts as before: %s', (message) => {
    const judgement = judge(report([adds, failing(message)]), report([mended, failing(message)]), { isOutOfReach: reach('Mend the sum') });
    expect(said(judgement)).toBe('red target-fails');
  });

  test('is no excuse where the failure is new or another one, the request speaks of such things or names the test, or nothing was mended', () => {
    const [message = '', other = ''] = messages;
    const with_ = (before: TestCase, after: TestCase, text = 'Mend the sum', more: Partial<JudgementQuestion> = {}) =>
      said(judge(report([adds, before]), report([mended, after]), { isOutOfReach: reach(text), ...more }));
    expect(with_(one('a.py', 'fetches', 'passed'), failing(message))).toBe('red broke');
    expect(with_(failing('AssertionError: 1 == 2'), failing(message))).toBe('red target-fails');
    expect(with_(failing(other), failing('AssertionError: 1 == 2'))).toBe('red target-fails');
    for (const text of ['Retry the download', 'It must work offline', 'Mend the DNS cache', 'Follow the URL'])
      expect([text, with_(failing(message), failing(message), text)]).toEqual([text, 'red target-fails']);
    expect(with_(failing(message), failing(message), 'Mend the sum', { named: 'fetches' })).toBe('red target-fails');
    const alone = judge(report([failing(message)]), report([failing(message)]), { isOutOfReach: reach('Mend the sum') });
    expect([alone.state, alone.outOfReach]).toEqual(['unproven', ['a.py > fetches']]);
  });
});
