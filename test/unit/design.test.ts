import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Briefing } from '../../src/briefing/types.ts';
import {
  compile,
  designerByName,
  difficultyOf,
  kindOf,
  requestKinds,
  type Sketch,
  sketchSchema,
  soloTeam,
  teamFor,
} from '../../src/design/index.ts';
import type { Design, Designer } from '../../src/design/types.ts';
import { modelHalfStream, modelUnreachable } from '../../src/errors.ts';
import type { ChatReply, ModelChoice } from '../../src/models/types.ts';
import { checkPlan, difficulties, isError, nMax, planHash } from '../../src/plan/index.ts';
import { parseRequest } from '../../src/request/index.ts';

const briefing = (files: readonly string[] = []): Briefing => ({
  version: 1,
  languages: [],
  files: files.map((path) => ({ path, reasons: ['named-in-request'], score: 1, bytes: 10, text: 'x', truncated: false, isTest: false })),
  git: { kind: 'none', detached: false, changed: 0, untracked: 0, submodules: [] },
  fileCount: files.length,
  leftOut: [],
  ms: 0,
});

describe('the kind of a request', () => {
  test.each([
    ['`npm test` fails. Find the bug in solution.js and fix it.', 'bug-fix'],
    ['The login crashes with an empty password', 'bug-fix'],
    ['Write tests for the parser', 'tests-only'],
    ['Add more unit tests for parse()', 'tests-only'],
    ['Fix the failing test in parse.test.js', 'bug-fix'],
    ['Rename getUser to loadUser everywhere', 'refactoring'],
    ['What does the cache do when it is full?', 'question'],
    ['Explain how sessions expire', 'question'],
    ['Can you add a --verbose flag?', 'small-function'],
    ['Write a function that reverses a list', 'small-function'],
  ])('%s → %s', (text, kind) => {
    expect(kindOf(parseRequest(text), briefing(['a.js']))).toBe(kind);
  });

  test('a failing test it was asked on says more than words', () => {
    expect(kindOf(parseRequest({ text: 'Handle empty input', failingTest: { name: 'empty' } }), briefing())).toBe('bug-fix');
  });

  test('several named files make it a feature', () => {
    expect(kindOf(parseRequest('Add an export button'), briefing(['a.js', 'b.js']))).toBe('feature');
  });

  test('more files in play never look easier', () => {
    const request = parseRequest('Add an export button');
    const levels = [1, 2, 4, 8].map((count) =>
      difficulties.indexOf(difficultyOf(request, briefing(Array.from({ length: count }, (_, n) => `f${n}.js`)))),
    );
    expect(levels).toEqual([...levels].sort());
    expect(difficultyOf(parseRequest('Fix the typo'), briefing(['a.js']))).toBe('easy');
  });
});

describe('hand-made teams', () => {
  test.each(requestKinds.flatMap((kind) => difficulties.map((difficulty) => [kind, difficulty] as const)))(
    '%s, %s: valid',
    (kind, difficulty) => {
      expect(checkPlan(teamFor(kind, difficulty)).filter(isError)).toEqual([]);
    },
  );

  test('every kind has a team of its own', () => {
    expect(new Set(requestKinds.map((kind) => planHash({ ...teamFor(kind, 'easy'), name: 'x', reason: '' }))).size).toBe(
      requestKinds.length,
    );
  });

  test('a solo coder with any number of samples is valid', () => {
    for (const samples of [1, 2, 64]) expect(checkPlan(soloTeam(samples, 'easy')).filter(isError)).toEqual([]);
  });

  test('an unknown designer is refused by name', () => {
    expect(() => designerByName('committee')).toThrow(/no designer "committee"/);
    expect(() => designerByName('toString')).toThrow(/no designer/);
  });
});

describe('rounds of a run', () => {
  const capabilities = { format: 'none', tools: false, usage: true, seed: true, strength: 'weak' } as const;
  const worker = { capabilities } as ModelChoice;
  /** Designs after each failure, as a run does; the model answers with what `answer` gives. */
  async function rounds(designer: Designer, text: string, answer: () => ChatReply): Promise<readonly Design[]> {
    const designs: Design[] = [];
    for (let round = 0; round < 3; round += 1) {
      const failures = designs.map(({ plan }) => ({ plan, signature: 't: wrong', detail: 'wrong', score: 0 }));
      const input = {
        request: parseRequest(text),
        briefing: briefing(['a.js']),
        failures,
        models: { worker, strong: worker },
        ask: async () => answer(),
      };
      designs.push(await designer.design(input, new AbortController().signal));
    }
    return designs;
  }
  const garbage = (): ChatReply => ({
    text: 'no plan',
    reasoning: '',
    toolCalls: [],
    finish: 'stop',
    usage: { inputTokens: 1, outputTokens: 1, cachedInputTokens: 0, estimated: false },
    servedModel: 'm',
    ms: 1,
  });

  test.each(
    (['auto', 'library', 'model'] as const).flatMap((designer) =>
      ['Fix the bug in a.js', 'Write tests for a.js', 'Rename f to g in a.js', 'Add a function'].map((text) => [designer, text] as const),
    ),
  )('%s never tries a team twice, also when its model writes garbage: %s', async (designer, text) => {
    const designs = await rounds(designerByName(designer), text, garbage);
    const teams = designs.map(({ plan }) => planHash({ ...plan, name: 'x', reason: '' }));
    expect(new Set(teams).size).toBe(3);
    for (const { plan } of designs) expect(checkPlan(plan).filter(isError)).toEqual([]);
  });

  test('a design call that fails for its own reasons leaves the work to the library', async () => {
    const [first] = await rounds(designerByName('model'), 'Fix the bug in a.js', () => {
      throw modelHalfStream('m', 'cut', {});
    });
    expect(first).toMatchObject({ origin: 'fallback-library', rounds: [{ valid: false }] });
    await expect(
      rounds(designerByName('model'), 'Fix it', () => {
        throw modelUnreachable('m', 'refused');
      }),
    ).rejects.toMatchObject({ code: 'model-unreachable' });
  });
});

const name = fc.stringMatching(/^[A-Za-z ]{3,12}$/).filter((text) => text.trim().length >= 3);
const sketch: fc.Arbitrary<Sketch> = fc
  .uniqueArray(name, { minLength: 1, maxLength: 4, selector: (text) => text.trim().toLowerCase().replace(/ +/g, '-') })
  .chain((names) =>
    fc.record({
      difficulty: fc.constantFrom(...difficulties),
      reason: fc.constant('Because.'),
      agents: fc.constant(names.map((agent) => ({ name: agent, instructions: 'Do your part of the work well.', tier: 'worker' as const }))),
      steps: fc.array(
        fc.record({
          do: fc.constantFrom('analyse', 'generate', 'write-tests', 'test', 'check', 'review', 'revise', 'select'),
          agent: fc.option(fc.constantFrom(...names, 'nobody')),
          samples: fc.option(fc.integer({ min: 1, max: 8 })),
          uses: fc.option(fc.array(fc.constantFrom(...names, 'nobody'), { maxLength: 3 })),
          rounds: fc.option(fc.integer({ min: 1, max: 3 })),
        }),
        { minLength: 1, maxLength: 10 },
      ),
    }),
  );

describe('sketches', () => {
  test('compile never throws, and what it gives parses and prices', () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const { plan } = compile(sketchSchema.parse(drawn), 'designed');
        expect(() => checkPlan(plan)).not.toThrow();
        // Who makes no change has no right to.
        for (const agent of Object.values(plan.agents))
          if (agent.output === 'note' || agent.output === 'verdict') expect([...agent.tools, ...agent.write]).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('a usual sketch becomes a valid plan; what was forgotten is added and told', () => {
    const { plan, mended } = compile(
      {
        difficulty: 'medium',
        reason: 'A planner first.',
        agents: [
          { name: 'The Planner', instructions: 'List the edge cases.', tier: 'worker' },
          { name: 'Coder', instructions: 'Write the whole function.', tier: 'worker' },
          { name: 'Idler', instructions: 'Watch the others work.', tier: 'strong' },
        ],
        steps: [
          { do: 'analyse', agent: 'The Planner', samples: null, uses: null, rounds: null },
          { do: 'generate', agent: 'Coder', samples: 2, uses: ['The Planner'], rounds: null },
          { do: 'revise', agent: 'Coder', samples: 1, uses: ['Coder'], rounds: 3 },
        ],
      },
      'designed',
    );
    expect(checkPlan(plan).filter(isError)).toEqual([]);
    expect(Object.keys(plan.agents)).toEqual(['the-planner', 'coder']);
    expect(plan.steps.map((step) => step.do)).toEqual(['analyse', 'generate', 'repeat', 'test', 'select']);
    expect(plan.steps[1]).toMatchObject({ uses: ['analyse'], samples: 2 });
    expect(mended.join('\n')).toMatch(/Idler.*left out/s);
    expect(mended.join('\n')).toMatch(/notes of "Coder"/);
    expect(mended.join('\n')).toMatch(/No test after the last change/);
  });

  test('easy plans may be smaller than hard ones', () => {
    expect(nMax.easy).toBeLessThan(nMax.medium);
    expect(nMax.medium).toBeLessThan(nMax.hard);
  });
});
