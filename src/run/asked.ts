/** Which tests a request is about. */
import type { Briefing } from '../briefing/types.ts';
import { bodyOfTest, type ChangedFile, definedNames, speaksOf, stemOf, touchedNames } from '../feedback/index.ts';
import type { TestCase } from '../feedback/types.ts';
import { namesIn, pointsAtSomething, type RequestNames } from '../request/index.ts';
import type { RunFacts, StepContext } from './context.ts';

/** Tests that a step of this run wrote for what is to be done, on which its candidates are built, and that failed before it was done. */
export function writtenRed({ pool, facts, start }: Pick<StepContext, 'pool' | 'facts' | 'start'>): readonly string[] {
  const foundation = pool.all().find((other) => other.foundation && other.snapshot.tree === start.tree);
  if (foundation === undefined) return [];
  const known = new Set(facts.baseline?.cases.map(({ id }) => id));
  return (foundation.verdict?.report.cases ?? []).flatMap((test) => (test.outcome === 'failed' && !known.has(test.id) ? [test.id] : []));
}

/** A name of several words that stands in the request, in quotes or not. */
function saysName(text: string, name: string): boolean {
  const own =
    name
      .split(/ > |::/)
      .at(-1)
      ?.trim() ?? '';
  return own.length > 5 && /\s/.test(own) && text.includes(own);
}

/**
 * What the request names of the project's own code, whether or not the change touches it: half of what was asked for is not all of it. A name counts
 * where a source file that was shown defines it: `TypeError` and `Array` stand in requests too.
 */
function namedCode({ paths, identifiers }: RequestNames, { files }: Briefing): ReadonlySet<string> {
  const sources = files.filter(({ isTest }) => !isTest);
  const defined = new Set(sources.flatMap(({ text }) => [...definedNames(text)]));
  const named = sources.filter((file) => paths.some(({ path }) => `/${file.path}`.endsWith(`/${path}`)));
  return new Set([...identifiers.filter((name) => defined.has(name)), ...named.flatMap(({ path }) => stemOf(path) ?? [])]);
}

/**
 * Whether a test that fails as before counts. A request that points at nothing asks about every failure. One that names something asks about the
 * tests it names, and about those that speak of the code it names, or of what the change touches.
 */
export function askedIn(
  { request, testSources, briefing }: Pick<RunFacts, 'request' | 'testSources' | 'briefing'>,
  changed: readonly ChangedFile[],
): (test: TestCase) => boolean {
  if (!pointsAtSomething(request)) return () => true;
  const names = namesIn(request.text);
  const { paths, tests } = names;
  // Only a test that fails as before asks for them.
  let known: ReadonlySet<string> | undefined;
  const meant = (): ReadonlySet<string> => {
    known ??= touchedNames(changed).union(namedCode(names, briefing));
    return known;
  };
  return ({ name, file, whole, message }) => {
    const isSaid = tests.some((each) => name.includes(each)) || saysName(request.text, name);
    // What lies in no file, a failure of the whole run among it, tells only by its own words what it is about.
    if (file === undefined) return (!whole && isSaid) || speaksOf(`${name}\n${message ?? ''}`, meant());
    const text = testSources.texts.get(file);
    if (text === undefined) return true;
    const isNamed = isSaid || [...request.files, ...paths.map(({ path }) => path)].some((path) => file.endsWith(path));
    return isNamed || speaksOf(bodyOfTest(text, name) ?? text, meant());
  };
}
