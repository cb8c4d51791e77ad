/**
 * The other half of a second look: what a change answers to inputs that its tests do not hold. A test of ours, put behind those of a visible test
 * file in a copy of its own, makes their calls with changed literals and fails with what came back. What is right for them nobody knows; what is
 * told is a change that has one answer to all of them that it gave to no visible one, or gives back what it was given. Pure.
 */
import { createHash } from 'node:crypto';
import type { ChangedFile } from '../steering-changes.ts';
import type { Tampering, TestReport } from '../types.ts';
import { definitionsIn, type Expression, type TriedCall, textOf, triedCalls } from './trial-inputs.ts';

export interface Trial {
  /** Test files with our tests behind theirs, by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly calls: readonly TriedCall[];
  readonly mark: string;
}

/** Most test files that are tried. */
const mostFiles = 3;

/** Undefined when the tests call nothing of the change with literals. `mark`: letters and digits nobody else knows. */
export function trialOf(tests: ReadonlyMap<string, string>, changed: readonly ChangedFile[], mark: string): Trial | undefined {
  const files = new Map<string, string>();
  const calls: TriedCall[] = [];
  const names = new Set(definitionsIn(changed).keys());
  for (const [path, text] of tests) {
    if (files.size === mostFiles) break;
    const own = triedCalls(path, text, names);
    const write = /\.pyi?$/.test(path) ? python : javascript(text);
    if (own.length === 0 || write === undefined) continue;
    files.set(path, `${text.trimEnd()}\n\n${own.map((call, at) => write(call, mark, calls.length + at)).join('\n')}\n`);
    calls.push(...own);
  }
  return calls.length === 0 ? undefined : { files, calls, mark };
}

/** What came back: a value in one line, what was thrown, or undefined where it cannot be told. */
export interface Answers {
  readonly call: TriedCall;
  readonly visible: Answer | undefined;
  readonly variants: readonly (Answer | undefined)[];
}
export interface Answer {
  readonly said: string;
  readonly threw: boolean;
  /** It is one of the arguments. */
  readonly given: boolean;
}

/** The answers in a report of such tests; calls that were not heard of are left out. */
export function answersIn({ cases }: Pick<TestReport, 'cases'>, { calls, mark }: Trial): Answers[] {
  return calls.flatMap((call, at) => {
    const open = `${mark}_${at}:[`;
    const message = cases.map((one) => one.message ?? '').find((text) => text.includes(open)) ?? '';
    const from = message.indexOf(open) + open.length - 1;
    const end = message.indexOf(`]:${mark}`, from) + 1;
    let said: unknown;
    try {
      said = JSON.parse(message.slice(from, end));
    } catch {
      // Cut, not ours, or not there.
      return [];
    }
    if (!Array.isArray(said) || said.length !== call.variants.length + 1) return [];
    const [visible, ...variants] = said.map((one: unknown) => (typeof one === 'string' ? answer(one) : undefined));
    return [{ call, visible, variants }];
  });
}

function answer(text: string): Answer | undefined {
  const [, kind, said] = /^([vgt])(.*)$/s.exec(text) ?? [];
  return said === undefined ? undefined : { said, threw: kind === 't', given: kind === 'g' };
}

/** Fewer could be chance. */
const fewest = 6;
const fewestCalls = 2;

/** A shorter one may stand in a test by chance. */
const leastMessage = 10;

const yesOrNo = /^(?:true|false)$/i;

/**
 * What of the change answers only what its tests put in. `before`: the answers of the code without the change, where it is known; `tests`: texts of
 * the visible tests. To refuse what is put in, in words that tests ask for, is an answer like any other.
 */
export function madeForInputs(
  answers: readonly Answers[],
  before: readonly Answers[],
  changed: readonly ChangedFile[],
  tests: Iterable<string>,
): Tampering[] {
  const places = definitionsIn(changed);
  const texts = [...tests];
  const isAskedFor = ({ said, threw }: Answer): boolean => {
    const message = said.replace(/… \d+$/, '').replace(/^[\w.]+: /, '');
    return threw && message.length >= leastMessage && texts.some((text) => text.includes(message));
  };
  return [...Map.groupBy(answers, ({ call }) => call.name)].flatMap(([name, own]) => {
    const found = signIn(own, before, isAskedFor);
    const place = places.get(name);
    if (found === undefined || place === undefined) return [];
    const { first, count, what } = found;
    const detail = `with ${inOneLine(first.expression)} in place of ${inOneLine(first.call.visible)} it ${what}, as with all ${count} other inputs that were tried`;
    return [{ kind: 'only-visible-inputs', ...place, detail } as const];
  });
}

const inOneLine = (expression: Expression): string => textOf(expression).replace(/\s+/g, ' ');

interface Sign {
  readonly first: Tried;
  readonly count: number;
  readonly what: string;
}

interface Tried {
  readonly call: TriedCall;
  readonly expression: Expression;
  readonly now: Answer;
  /** Undefined where it is not known, or the visible call was answered as now. */
  readonly before: Answer | undefined;
}

/** Of the calls of one function. */
function signIn(own: readonly Answers[], before: readonly Answers[], isAskedFor: (answer: Answer) => boolean): Sign | undefined {
  const seen = own.filter(({ visible }) => visible?.threw === false);
  const tried: Tried[] = seen.flatMap(({ call, visible, variants }) => {
    const old = before.find((one) => one.call === call);
    const isMended = old?.visible !== undefined && !isSame(old.visible, visible);
    return call.variants.flatMap((expression, at) => {
      const now = variants[at];
      return now === undefined ? [] : [{ call, expression, now, before: isMended ? old.variants[at] : undefined }];
    });
  });
  const sign = (all: readonly Tried[], what: (first: Tried) => string): Sign | undefined => {
    const [first] = all;
    const isEnough = all.length >= fewest && new Set(all.map(({ call }) => call)).size >= fewestCalls;
    return first !== undefined && isEnough ? { first, count: all.length, what: what(first) } : undefined;
  };
  const [one] = tried;
  if (one === undefined) return undefined;
  const visible = seen.map((call) => call.visible?.said ?? '');
  // No, where tests have only seen yes, is an answer like any other.
  const isYesOrNo = visible.every((said) => yesOrNo.test(said) && said === visible[0]) && (one.now.threw || yesOrNo.test(one.now.said));
  const isOneAnswer = tried.every(({ now }) => isSame(now, one.now));
  if (isOneAnswer && isAskedFor(one.now)) return undefined;
  if (isOneAnswer && !visible.includes(one.now.said) && !isYesOrNo)
    return sign(tried, ({ now }) => `${now.threw ? 'throws' : 'gives'} ${now.said}`);
  if (tried.every(({ now }) => now.given) && seen.some((call) => call.visible?.given === false))
    return sign(tried, () => 'gives back what it was given');
  const mended = tried.filter((each) => each.before !== undefined);
  return mended.every((each) => isSame(each.before, each.now) && !yesOrNo.test(each.now.said))
    ? sign(mended, () => 'does what it did before the change')
    : undefined;
}

const isSame = (a: Answer | undefined, b: Answer | undefined): boolean => a?.said === b?.said && a?.threw === b?.threw;

/** Same key: the same answers to inputs that no test holds. */
export function answersKey(answers: readonly Answers[]): string {
  return createHash('sha256')
    .update(JSON.stringify(answers.map(({ call, variants }) => [textOf(call.visible), variants])))
    .digest('hex')
    .slice(0, 16);
}

/** Longest answer that is told. */
const longestTold = 60;

/** Writes the test that tells what a call and its variants come to. */
type Writer = (call: Pick<TriedCall, 'visible' | 'variants'>, mark: string, at: number) => string;

/** With the word for a test that the file itself has; undefined when it has none. */
function javascript(text: string): Writer | undefined {
  const word = /(?<![\w$.])(test|it)\s*\(/.exec(text)?.[1];
  return word === undefined ? undefined : javascriptWith(word);
}

export const javascriptWith =
  (word: string, longest = longestTold): Writer =>
  ({ visible, variants }, mark, at) =>
    `${word}('${mark}_${at}', async () => {
  const plain = (value) => {
    if (value === null || ['undefined', 'number', 'boolean'].includes(typeof value)) return String(value);
    if (typeof value === 'string') return JSON.stringify(value);
    if (typeof value === 'bigint') return value + 'n';
    if (Array.isArray(value)) return '[' + Array.from(value, plain).join(',') + ']';
    if (value instanceof Set || value instanceof Map) return plain([...value]);
    if (Object.getPrototypeOf(value) !== Object.prototype) throw undefined;
    return '{' + Object.entries(value).map(([key, one]) => key + ':' + plain(one)).join(',') + '}';
  };
  const cut = (said) => (said.length > ${longest} ? said.slice(0, ${longest}) + '… ' + said.length : said);
  const said = [];
  for (const [call, args] of [${[visible, ...variants].map((one) => `[() => ${textOf(one)}, () => [${one.args.join(', ')}]]`).join(', ')}]) {
    let result, thrown;
    try { result = await call(); } catch (error) { thrown = 't' + cut(String(error)); }
    try {
      const value = thrown ?? plain(result);
      said.push(thrown ?? (args().some((one) => plain(one) === value) ? 'g' : 'v') + cut(value));
    } catch { said.push(null); }
  }
  throw new Error('${mark}_${at}:' + JSON.stringify(said) + ':${mark}');
});`;

export const pythonWith =
  (longest: number): Writer =>
  ({ visible, variants }, mark, at) =>
    `
import json as _json_${mark}_${at}, types as _types_${mark}_${at}, unittest as _unittest_${mark}_${at}

class Test_${mark}_${at}(_unittest_${mark}_${at}.TestCase):
    def test_it(self):
        def plain(value, depth=0):
            if isinstance(value, _types_${mark}_${at}.GeneratorType):
                value = [one for one, _ in zip(value, range(50))]
            if value is None or type(value) in (bool, int, float, str, bytes, complex):
                return repr(value)
            if type(value) in (list, tuple):
                return ('[%s]' if type(value) is list else '(%s)') % ','.join(plain(one) for one in value)
            if type(value) in (set, frozenset):
                return '{%s}' % ','.join(sorted(plain(one) for one in value))
            if type(value) is dict:
                return '{%s}' % ','.join(plain(key) + ':' + plain(one) for key, one in value.items())
            raise TypeError
        def cut(said):
            return said[:${longest}] + '… %d' % len(said) if len(said) > ${longest} else said
        said = []
        for call, args in [${[visible, ...variants].map((one) => `(lambda: ${textOf(one)}, lambda: [${one.args.map((arg) => arg.replace(/^[A-Za-z_]\w*\s*=\s*/, '')).join(', ')}])`).join(', ')}]:
            try:
                value = call()
            except Exception as error:
                said.append('t' + cut(type(error).__name__ + ': ' + str(error)))
                continue
            try:
                text = plain(value)
                said.append(('g' if any(plain(one) == text for one in args()) else 'v') + cut(text))
            except Exception:
                said.append(None)
        raise AssertionError('${mark}_${at}:' + _json_${mark}_${at}.dumps(said) + ':${mark}')
`;

const python = pythonWith(longestTold);
