import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { armNamed } from '../../src/bench/arms.ts';
import { readBank } from '../../src/bench/bank.ts';
import { drawnTasks } from '../../src/bench/draws.ts';
import { learnedFrom } from '../../src/bench/policies.ts';
import type { Briefing } from '../../src/briefing/types.ts';
import { bodiesFirstTeam } from '../../src/design/bodies-first.ts';
import {
  alternativesTo,
  compile,
  designerByName,
  designerFor,
  rulesDesigner,
  sketchSchema,
  soloTeam,
  taughtPrompt,
  teamIdOf,
} from '../../src/design/index.ts';
import { difficultyOf, kindOf, looksAfter, looksFor, requestKinds } from '../../src/design/kind.ts';
import { morePlaces, onePlaceTeam } from '../../src/design/one-place.ts';
import type { Sketch } from '../../src/design/sketch.ts';
import { teamFor } from '../../src/design/teams.ts';
import type { Design, Designer, DesignInput, Failure } from '../../src/design/types.ts';
import { TeamwrightError } from '../../src/errors.ts';
import { seededRandom, shippedPrior } from '../../src/learning/index.ts';
import type { ChatReply, ModelChoice } from '../../src/models/types.ts';
import {
  checkPlan,
  type Difficulty,
  difficulties,
  isError,
  nMax,
  type Plan,
  planHash,
  pricePlan,
  printPlan,
} from '../../src/plan/index.ts';
import { leastFacts } from '../../src/plan/price.ts';
import { parseRequest } from '../../src/request/index.ts';
import { emptyBriefing } from '../support/empty-briefing.ts';

const briefing = (files: readonly string[] = []): Briefing => ({
  ...emptyBriefing,
  files: files.map((path) => ({ path, reasons: ['named-in-request'], score: 1, bytes: 10, text: 'x', truncated: false, isTest: false })),
  fileCount: files.length,
});

describe('the kind of a request', () => {
  test.each([
    ['`npm test` fails. Find the bug in solution.js and fix it.', 'bug-fix'],
    ['The login crashes with an empty password', 'bug-fix'],
    ['Write tests for the parser', 'tests-only'],
    ['Add more unit tests for parse()', 'tests-only'],
    ['Fix the failing test in parse.test.js', 'bug-fix'],
    ['Rename getUser to loadUser everywhere', 'refactoring'],
    ['Split parse.js: create tokens.js and leave the grammar', 'refactoring'],
    ['Create lib.js and move the helpers there', 'refactoring'],
    ['The code is slow to read. Please simplify it.', 'refactoring'],
    ['A zipper lets you move in a tree and rename a node.\n\nWrite it in zipper.py.', 'small-function'],
    ['Players split the stones into chains.\n\nImplement `chain` in dominoes.js.', 'small-function'],
    ['What does the cache do when it is full?', 'question'],
    ['Explain how sessions expire', 'question'],
    ['Can you add a --verbose flag?', 'small-function'],
    ['Write a function that reverses a list', 'small-function'],
    [
      'Create a cipher. Where a and m are not coprime, it should indicate that this is an error.\n\nWrite it in affine.py.',
      'small-function',
    ],
    [
      '# Instructions\n\nWhile your code is bug-free, clients may go wrong. If any fail, raise ValueError.\n\nWrite it in bank.py.',
      'small-function',
    ],
    ['Add error handling to parse()', 'small-function'],
    ['Add documentation for each error', 'small-function'],
    ['Add a check for null: the login crashes without a password', 'bug-fix'],
    ['Finish this package:\n- a.py: write `a` as it says\n- b.py: `b` has a bug; mend it', 'bug-fix'],
    ['Implement the cache. Its tests fail.', 'bug-fix'],
    ['Build fails on Windows', 'bug-fix'],
    ['Write error when the disk is full', 'bug-fix'],
    ['add() is called too often. Add is wrong for negative numbers.', 'bug-fix'],
    ['The total is wrong when the list is empty', 'bug-fix'],
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
      difficulties.indexOf(difficultyOf({ request, briefing: briefing(Array.from({ length: count }, (_, n) => `f${n}.js`)) })),
    );
    expect(levels).toEqual([...levels].sort());
    expect(difficultyOf({ request: parseRequest('Fix the typo'), briefing: briefing(['a.js']) })).toBe('easy');
  });
});

describe('hand-made teams', () => {
  test.each(requestKinds.flatMap((kind) => difficulties.map((difficulty) => [kind, difficulty] as const)))(
    '%s, %s: valid',
    (kind, difficulty) => {
      expect(checkPlan(teamFor(kind, difficulty)).filter(isError)).toEqual([]);
    },
  );

  test.each(requestKinds.filter((kind) => kind !== 'question'))(
    '%s: the harder the request, the larger the team, within the usual calls',
    (kind) => {
      const sizes = difficulties.map((difficulty) => {
        const plan = teamFor(kind, difficulty);
        const { mostCalls } = pricePlan(plan, leastFacts).complexity;
        expect(mostCalls).toBeLessThanOrEqual(nMax[difficulty]);
        return mostCalls;
      });
      expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
      expect(new Set(sizes).size).toBe(sizes.length);
    },
  );

  test('a question has one reader, however hard', () => {
    expect(new Set(difficulties.map((difficulty) => planHash({ ...teamFor('question', difficulty), difficulty: 'easy' }))).size).toBe(1);
  });

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

  test('the user names a designer, or the file of a plan', async () => {
    const asked: string[] = [];
    const read = async (file: string): Promise<string> => {
      asked.push(file);
      if (file === 'absent.json') throw new Error('ENOENT');
      return file === 'broken.yml' ? 'name: x' : printPlan(soloTeam(2, 'easy'), 'yaml');
    };
    expect((await designerFor('auto', read)).name).toBe('auto');
    await expect(designerFor('committee', read)).rejects.toMatchObject({ code: 'designer-unknown' });
    await expect(designerFor('toString', read)).rejects.toMatchObject({ code: 'designer-unknown' });
    expect(asked).toEqual([]);
    for (const file of ['mine.team.yaml', './mine', 'C:\\mine', '/w/mine.YML']) {
      const { plan } = await (await designerFor(file, read)).design(
        { request: parseRequest('Fix it') } as DesignInput,
        new AbortController().signal,
      );
      expect(plan).toEqual(soloTeam(2, 'easy'));
    }
    await expect(designerFor('absent.json', read)).rejects.toMatchObject({ code: 'plan-unreadable', facts: { file: 'absent.json' } });
    await expect(designerFor('broken.yml', read)).rejects.toMatchObject({ code: 'plan-invalid' });
  });
});

describe('plans the user sent back', () => {
  const input = (text: string, sentBack: DesignInput['sentBack']): DesignInput => ({
    request: parseRequest(text),
    briefing: briefing(['a.js']),
    failures: [],
    sentBack,
    models: {} as DesignInput['models'],
    ask: async () => {
      throw new Error('no model is asked');
    },
  });

  test.each(['library', 'solo'] as const)('the designer "%s" gives another team each time, as long as it has one', async (name) => {
    const sentBack: { plan: Plan; comment: string }[] = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const { plan, reason } = await designerByName(name).design(input('Fix the bug in a.js', sentBack), new AbortController().signal);
      expect(checkPlan(plan).filter(isError)).toEqual([]);
      expect(sentBack.map((sent) => planHash(sent.plan))).not.toContain(planHash(plan));
      if (turn > 0) expect(reason).toContain('after the remark "Smaller, please."');
      sentBack.push({ plan, comment: 'Smaller, please.' });
    }
  });

  test('other teams are offered that were neither proposed nor sent back', () => {
    const bugFix = teamFor('bug-fix', 'easy');
    const others = alternativesTo(input('Fix the bug in a.js', [{ plan: bugFix, comment: 'no' }]), soloTeam(3, 'easy'));
    expect(others.map(({ plan }) => plan.name)).toEqual(['bug-fix-larger']);
    expect(alternativesTo(input('Write tests for a.js', []), teamFor('tests-only', 'easy')).map(({ plan }) => plan.name)).toEqual([
      'tests-only-larger',
    ]);
  });
});

describe('rounds of a run', () => {
  const capabilities = { format: 'none', tools: false, usage: true, seed: true, strength: 'weak' } as const;
  const worker = { capabilities } as ModelChoice;
  /** Designs after each failure, as a run does; the model answers with what `answer` gives. */
  async function rounds(
    designer: Designer,
    text: string,
    answer: () => ChatReply,
    fits?: (plan: Plan) => boolean,
  ): Promise<readonly Design[]> {
    const designs: Design[] = [];
    for (let round = 0; round < 3; round += 1) {
      const failures = designs.map(({ plan }) => ({ plan, signature: 't: wrong', detail: 'wrong', score: 0 }));
      const input = {
        request: parseRequest(text),
        briefing: briefing(['a.js']),
        failures,
        models: { worker, strong: worker },
        ask: async () => answer(),
        fits,
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

  test('auto draws more samples, and asks no model for a design, when what is left pays for no team', async () => {
    const noModel = (): ChatReply => {
      throw new Error('no model is asked');
    };
    const onlySolo = (plan: Plan) => Object.keys(plan.agents).length === 1;
    const [first, second, third] = await rounds(designerByName('auto'), 'Fix the bug in a.js', noModel, onlySolo);
    expect(first?.origin).toBe('solo');
    expect(second?.plan.name).toBe(soloTeam(8, 'easy').name);
    expect(planHash(second?.plan as Plan)).not.toBe(planHash(first?.plan as Plan));
    expect(third?.origin).toBe('library');
    const [, rich] = await rounds(designerByName('auto'), 'Fix the bug in a.js', garbage, () => true);
    expect(rich?.plan.name).toBe(teamFor('bug-fix', 'easy').name);
  });

  test('what pays for no team goes into more places first, where a mistake is mended one place at a time', async () => {
    const model = { model: 'small', client: { endpoint: 'e' }, capabilities: { ...capabilities, infill: 'suffix' } } as ModelChoice;
    const counts = { passed: 0, failed: 1, skipped: 0, green: false, guard: 'records' } as const;
    const cases = [{ id: 't', name: 't', file: 'a.test.js', outcome: 'failed' as const }];
    const baseline = { ...counts, ending: 'finished' as const, exitCode: 1, cases, breaches: [], doubts: [], output: '', ms: 100 };
    const names: string[] = [];
    const failures: Failure[] = [];
    for (let round = 0; round < 3; round += 1) {
      const input = {
        ...{ request: parseRequest('Fix the bug in a.js'), briefing: { ...briefing(['a.js']), baseline }, failures: [...failures] },
        ...{ models: { worker: model, strong: model }, ask: async () => garbage() },
        fits: (plan: Plan) => Object.keys(plan.agents).length === 1,
      };
      const { plan } = await rulesDesigner.design(input, new AbortController().signal);
      expect(checkPlan(plan).filter(isError)).toEqual([]);
      names.push(plan.name);
      failures.push({ plan, signature: 't: wrong', detail: 'wrong', score: 0 });
    }
    expect(names).toEqual(['one-place', 'more-places', 'solo']);
  });

  test('auto gives what stays red to the strong model, where that is another one, before any team', async () => {
    const other = (model: string, infill?: 'suffix') =>
      ({ model, client: { endpoint: 'e' }, capabilities: { ...capabilities, infill } }) as ModelChoice;
    const plans = async (strong: ModelChoice, fits?: (plan: Plan) => boolean): Promise<readonly Plan[]> => {
      const tried: Plan[] = [];
      for (let round = 0; round < 3; round += 1) {
        const failures = tried.map((plan) => ({ plan, signature: 't: wrong', detail: 'wrong', score: 0 }));
        const about = { request: parseRequest('Add a function'), briefing: briefing(['a.js']), failures, fits };
        const models = { worker: other('small'), strong };
        const ask = async () => garbage();
        tried.push((await designerByName('auto').design({ ...about, models, ask }, new AbortController().signal)).plan);
      }
      return tried;
    };
    const tiers = (plan: Plan | undefined) => Object.values(plan?.agents ?? {}).map(({ tier }) => tier);
    const [first, second, third] = await plans(other('large'));
    expect([tiers(first), tiers(second)]).toEqual([['worker'], ['strong']]);
    expect(second?.name).toBe('solo-strong');
    expect(third?.name).toBe(teamFor('small-function', 'easy').name);
    expect((await plans(other('small')))[1]?.name).toBe(third?.name);
    const [, poor] = await plans(other('large'), (plan) => Object.values(plan.agents).every(({ tier }) => tier === 'worker'));
    expect(tiers(poor)).not.toContain('strong');
  });

  test('a draft of whole files comes after a few places, and last where it is dear', async () => {
    const model = { capabilities: { ...capabilities, infill: 'suffix' } } as ModelChoice;
    const first = async (texts: Record<string, string>, redFiles = ['a.test.py']): Promise<Plan> => {
      const cases = redFiles.map((file) => ({ id: file, name: file, file, outcome: 'failed' as const }));
      const counts = { passed: 0, failed: cases.length, skipped: 0, green: false, guard: 'records' } as const;
      const baseline = { ...counts, ending: 'finished' as const, exitCode: 1, cases, breaches: [], doubts: [], output: '', ms: 100 };
      const known = briefing(Object.keys(texts));
      const files = known.files.map((file) => ({ ...file, text: texts[file.path] ?? '' }));
      const input = {
        request: parseRequest('Mend the bug'),
        briefing: { ...known, files, baseline },
        failures: [],
        models: { worker: model, strong: model },
        ask: async () => garbage(),
      };
      return (await rulesDesigner.design(input, new AbortController().signal)).plan;
    };
    const kinds = ({ steps }: Plan) => steps.map((step) => step.do);
    const described = 'def f(n):\n    """The number that follows n."""\n    raise NotImplementedError\n';
    expect(kinds(await first({ 'a.py': described }))).toEqual(['repair', 'when', 'repair', 'test', 'select']);
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`m${index}.py`, `${described}\n\nx = 1\n`.repeat(4)]));
    const dear = await first(many, ['a.test.py', 'b.test.py', 'c.test.py']);
    expect(kinds(dear)).toEqual(['repair', 'repair', 'when', 'test', 'select']);
    expect(dear.reason).toMatch(/^Up to \d+ suspicious places .*, then a draft of whole files, until the tests pass/);
    expect(dear.steps[2]).toMatchObject({ steps: [{ do: 'merge' }, { do: 'generate' }, { do: 'test' }, { do: 'merge' }] });
    for (const plan of [dear, await first({ 'a.py': described })]) expect(checkPlan(plan).filter(isError)).toEqual([]);
  });

  test('in the order written by hand one place at a time comes first where a test is red and the model fills holes; slow tests get few small changes', async () => {
    const red = { ending: 'finished', exitCode: 1, passed: 0, skipped: 0, green: false, guard: 'records' } as const;
    const first = async (text: string, infill: 'suffix' | undefined, failed: number, ms: number): Promise<Plan> => {
      const model = { capabilities: { ...capabilities, infill } } as ModelChoice;
      const cases = Array.from({ length: failed }, (_, index) => ({ id: `t${index}`, name: `t${index}`, outcome: 'failed' as const }));
      const baseline = { ...red, failed, cases, breaches: [], doubts: [], output: '', ms };
      const input = {
        request: parseRequest(text),
        briefing: { ...briefing(['a.js']), baseline },
        failures: [],
        models: { worker: model, strong: model },
        ask: async () => garbage(),
      };
      return (await rulesDesigner.design(input, new AbortController().signal)).plan;
    };
    const plan = await first('Fix the bug in a.js', 'suffix', 1, 200);
    expect(plan.steps.map((step) => step.do)).toEqual(['repair', 'when', 'repair', 'test', 'select']);
    expect(checkPlan(plan).filter(isError)).toEqual([]);
    expect(plan.steps).toMatchObject([{ samples: 4, mutations: 60 }, {}, { samples: 4, mutations: 0 }, {}, {}]);
    expect((await first('Fix the bug in a.js', 'suffix', 1, 20_000)).steps[0]).toMatchObject({ mutations: 3 });
    for (const [text, infill, failed] of [
      ['Fix the bug in a.js', undefined, 1],
      ['Fix the bug in a.js', 'suffix', 0],
      ['Add a function', 'suffix', 1],
    ] as const) {
      expect((await first(text, infill, failed, 200)).name).toBe('solo');
    }
  });

  test('what is not written yet, but described where it stands, is written function by function before drafts, where tests are red and the model fills holes', async () => {
    const red = { ending: 'finished', exitCode: 1, passed: 0, skipped: 0, green: false, guard: 'records' } as const;
    const cases = [{ id: 't', name: 't', outcome: 'failed' as const }];
    const baseline = { ...red, failed: 1, cases, breaches: [], doubts: [], output: '', ms: 100 };
    const first = async (
      text: string,
      more: Partial<Briefing> = {},
      infill: 'suffix' | 'none' = 'suffix',
      failures: DesignInput['failures'] = [],
    ) => {
      const model = {
        model: 'small',
        client: { endpoint: 'e' },
        capabilities: { ...capabilities, ...(infill === 'suffix' && { infill }) },
      } as ModelChoice;
      const known = briefing(['a.py']);
      const files = known.files.map((file) => ({ ...file, text }));
      const request = parseRequest('Write the function that a.py describes');
      const input = {
        request,
        briefing: { ...known, files, baseline, ...more },
        failures,
        models: { worker: model, strong: model },
        ask: async () => garbage(),
      };
      return (await rulesDesigner.design(input, new AbortController().signal)).plan;
    };
    const stub = (name: string) =>
      `def ${name}(items):\n    """The list with each of its elements doubled."""\n    raise NotImplementedError\n\n\n`;
    const plan = await first(stub('a') + stub('b'));
    expect(plan).toMatchObject({
      name: 'bodies-first',
      steps: [{ do: 'repair', samples: 7, mutations: 0 }, { do: 'when', if: 'tests-fail' }, { do: 'test' }, { do: 'select' }],
    });
    // Cheap plans of one agent may run unasked.
    expect(Object.keys(plan.agents)).toEqual(['coder']);
    expect(checkPlan(plan).filter(isError)).toEqual([]);
    const tried = [{ plan, signature: 't: wrong', detail: 'wrong', score: 0 }];
    for (const [why, other] of [
      ['no model that fills', first(stub('a'), {}, 'none')],
      ['no test is red', first(stub('a'), { baseline: { ...baseline, failed: 0, passed: 1, cases: [], green: true } })],
      ['nothing says what it is for', first('def a(items):\n    pass\n')],
      ['it is written', first('def a(items):\n    """The first of them, or None."""\n    return items\n\n# todo: more\n')],
      ['it is no function of its own', first('try:\n    import a\nexcept ImportError:\n    pass\n')],
      ['there are many', first(['a', 'b', 'c', 'd', 'e'].map(stub).join(''))],
      ['it failed', first(stub('a'), {}, 'suffix', tried)],
    ] as const) {
      expect((await other).name, why).not.toBe('bodies-first');
    }
  });

  test('learned schedules what recorded attempts speak for, says how sure it is, and leaves to the rules what they say nothing of; auto is the same, and the rules where the user wants no schedule', async () => {
    const red = { ending: 'finished', exitCode: 1, passed: 1, skipped: 0, green: false, guard: 'records' } as const;
    interface Scene {
      readonly text?: string;
      readonly infill?: 'suffix';
      readonly files?: readonly string[];
      readonly ms?: number;
      readonly tokensLeft?: number;
      readonly bytes?: number;
      /** USD of a million tokens of the worker and of a larger strong model. */
      readonly prices?: readonly [number, number];
      readonly schedule?: boolean;
      readonly proven?: DesignInput['proven'];
    }
    const first = async (
      designer: string,
      { text = 'Fix the bug in a.py', files = ['test_a.py'], ms = 200, bytes = 500, ...more }: Scene,
    ) => (await designed(designerByName(designer), { text, files, ms, bytes, ...more })).plan;
    const designed = async (designer: Designer, { text = '', files = [], ms = 200, bytes = 500, ...more }: Scene) => {
      const named = (model: string, usd = 0) =>
        ({
          ...{ model, client: { endpoint: model } },
          capabilities: { ...capabilities, infill: more.infill },
          price: { known: usd > 0, input: usd, cachedInput: usd, output: usd },
        }) as unknown as ModelChoice;
      const [worker, dearer] = more.prices ?? [];
      const model = named('coder-1.5b', worker);
      const strong = dearer === undefined ? model : named('coder-7b', dearer);
      const cases = files.map((file) => ({ id: file, name: file, file, outcome: 'failed' as const }));
      const baseline = { ...red, failed: cases.length, cases, breaches: [], doubts: [], output: '', ms };
      const known = briefing(['a.py']);
      const input = {
        request: parseRequest(text),
        briefing: { ...known, files: known.files.map((file) => ({ ...file, bytes })), baseline },
        ...{ failures: [], tokensLeft: more.tokensLeft, models: { worker: model, strong }, ask: async () => garbage() },
        ...{ schedule: more.schedule, proven: more.proven },
      };
      return designer.design(input, new AbortController().signal);
    };
    const counted = (plan: Plan) => {
      const repairs = plan.steps.flatMap((step) => (step.do === 'repair' ? [step] : []));
      return {
        places: repairs.reduce((sum, step) => sum + step.samples, 0),
        changes: repairs.reduce((sum, step) => sum + step.mutations, 0),
      };
    };
    const usualScene: Scene = { text: 'Fix the bug in a.py', files: ['test_a.py'], infill: 'suffix', tokensLeft: 3000 };
    const plan = await first('learned', { infill: 'suffix', tokensLeft: 3000 });
    expect(plan.name).toBe('learned');
    expect(checkPlan(plan).filter(isError)).toEqual([]);
    expect(plan.reason).toMatch(
      /until the tests pass\. By \d+ recorded attempts on \d+ problems this order mends \d+% of such bugs, for [\dK.,]+ tokens/,
    );
    expect(plan.reason).toMatch(
      /^1 suspicious place written anew, then up to 60 small changes without a model, then \d+ suspicious places written anew/,
    );
    expect(plan.steps.slice(0, 2)).toMatchObject([
      { do: 'repair', samples: 1, mutations: 60 },
      { do: 'repair', mutations: 0 },
    ]);
    expect(counted(plan).places).toBeGreaterThanOrEqual(3);
    expect(counted(plan).changes).toBeGreaterThanOrEqual(30);
    // Of two models each step is by the one that is worth more there: a larger one that nobody was taught about counts at once, by its size and price.
    const twoModels = { infill: 'suffix', tokensLeft: 3000 } as const;
    const shared = await first('learned', { ...twoModels, prices: [1, 1.2] });
    expect(checkPlan(shared).filter(isError)).toEqual([]);
    expect(new Set(Object.values(shared.agents).map(({ tier }) => tier))).toContain('strong');
    expect(shared.reason).toMatch(/^Of coder-7b a token counts as 1\.2 of coder-1\.5b\. .* by the strong model/);
    const frugal = await first('learned', { ...twoModels, prices: [1, 100] });
    expect(new Set(Object.values(frugal.agents).map(({ tier }) => tier))).toEqual(new Set(['worker']));
    expect(frugal.reason).toBe(plan.reason);
    // What is left decides how long the list is, slow tests how many small changes there is time for, long files whether a place is worth its cost.
    expect(counted(await first('learned', { infill: 'suffix', tokensLeft: 900 })).places).toBeLessThan(counted(plan).places);
    expect(counted(await first('learned', { infill: 'suffix', ms: 20_000 })).changes).toBeLessThanOrEqual(3);
    expect(JSON.stringify((await first('learned', { infill: 'suffix', bytes: 40_000, tokensLeft: 20_000 })).steps)).toContain('generate');
    for (const scene of [
      { infill: undefined },
      { infill: 'suffix', text: 'Add a function' },
      { infill: 'suffix', files: [] },
      { infill: 'suffix', files: ['test_a.py', 'test_b.py'] },
      { infill: 'suffix', tokensLeft: 20 },
    ] as const)
      for (const designer of ['learned', 'auto'])
        expect(planHash(await first(designer, scene))).toBe(planHash((await designed(rulesDesigner, { ...usualScene, ...scene })).plan));

    const [auto, off, rules] = [
      await designed(designerByName('auto'), usualScene),
      await designed(designerByName('auto'), { ...usualScene, schedule: false }),
      await designed(rulesDesigner, usualScene),
    ];
    expect(planHash(auto.plan)).toBe(planHash(plan));
    expect(auto.expectation?.chance).toBeGreaterThan(0.5);
    expect(auto.expectation?.steps.length).toBeGreaterThan(1);
    expect(planHash(off.plan)).toBe(planHash(rules.plan));
    expect(planHash(off.plan)).not.toBe(planHash(auto.plan));
    expect(off.expectation).toBeUndefined();

    // A team that proved itself is still taken in place of the schedule: of all that it writes its plans are one way to work.
    const team = soloTeam(2, 'easy');
    const uses = (name: string, solved: boolean) =>
      Array.from({ length: 4 }, () => ({
        ...{ team: name, workspace: 'here', kind: 'bug-fix', language: '', model: 'coder-1.5b' },
        ...{ solved, calls: 1, tokens: 100 },
      }));
    const proven = (usualSolves: boolean) => async () => ({
      workspace: 'here',
      uses: [...uses(teamIdOf(auto), usualSolves), ...uses(teamIdOf({ plan: team }), true)],
      team: (id: string) => (id === teamIdOf({ plan: team }) ? { plan: team, runId: 'r1', files: { sources: [], tests: [] } } : undefined),
    });
    expect((await designed(designerByName('auto'), { ...usualScene, proven: proven(false) })).plan.name).toBe('bug-fix-proven');
    expect((await designed(designerByName('auto'), { ...usualScene, proven: proven(true) })).plan.name).toBe('learned');
    // Its budget is another one, so its plan is; it is the same way to work all the same.
    expect((await designed(designerByName('auto'), { ...usualScene, tokensLeft: 900, proven: proven(true) })).plan.name).toBe('learned');

    // Beliefs in a file are an arm of the benchmark, which plans by them.
    const { place, draft } = shippedPrior.learned;
    const firstOf = async (beliefs: object): Promise<{ readonly do?: string; readonly ownRuns?: number }> => {
      const arm = await armNamed('out/other.beliefs.json', async () => JSON.stringify(beliefs));
      expect(arm).toMatchObject({ name: 'other', replans: 'usual', given: { file: 'out/other.beliefs.json' } });
      const { plan, expectation } = await designed(arm.designer(), usualScene);
      return { do: plan.steps[0]?.do, ownRuns: expectation?.taughtBy.ownRuns };
    };
    expect(await firstOf({ learned: shippedPrior.learned })).toEqual({ do: 'repair', ownRuns: 0 });
    // What was seen of places and of drafts, the other way round.
    expect(await firstOf({ runs: 100, learned: { place: draft, draft: place } })).toEqual({ do: 'generate', ownRuns: 100 });
  });

  test('learned tries something new where it may, and says so before anything runs', async () => {
    const model = { capabilities: { ...capabilities, infill: 'suffix' } } as ModelChoice;
    const cases = [{ id: 't', name: 't', file: 'test_a.py', outcome: 'failed' as const }];
    const baseline = { ending: 'finished', exitCode: 1, passed: 1, failed: 1, skipped: 0, green: false, guard: 'records', cases } as const;
    const known = briefing(['a.py']);
    // Few attempts leave doubt; what ships is surer of what comes first.
    const { attempts } = await readBank(fileURLToPath(new URL('../../docs/results/places-first/bank.jsonl', import.meta.url)));
    const learned = learnedFrom(drawnTasks(attempts));
    const design = (seed?: number) =>
      designerByName('learned').design(
        {
          request: parseRequest('Fix the bug in a.py'),
          briefing: {
            ...known,
            files: known.files.map((file) => ({ ...file, bytes: 500 })),
            baseline: { ...baseline, cases: [...cases], breaches: [], doubts: [], output: '', ms: 200 },
          },
          ...{ failures: [], tokensLeft: 3000, models: { worker: model, strong: model }, ask: async () => garbage() },
          believed: async () => ({ learned, runs: 0, roles: {} }),
          ...(seed !== undefined && { explore: seededRandom(seed) }),
        },
        new AbortController().signal,
      );
    const usual = await design();
    expect(usual.expectation).not.toHaveProperty('choices');
    const all = await Promise.all(Array.from({ length: 300 }, (_, seed) => design(seed)));
    const isNew = ({ plan }: Design) => plan.reason.startsWith('This plan tries something new: first ');
    const fresh = all.filter(isNew);
    expect(fresh.length).toBeGreaterThan(0);
    expect(fresh.length).toBeLessThanOrEqual(45);
    for (const { plan, expectation } of fresh) {
      expect(checkPlan(plan).filter(isError)).toEqual([]);
      const choice = expectation?.choices?.[0];
      expect(choice?.options.find(({ name }) => name === choice.chosen)?.probability).toBeLessThanOrEqual(0.1);
    }
    // Nothing but the first step is chosen by chance: all others are the plan that is made without exploring.
    for (const { plan } of all.filter((one) => !isNew(one))) expect(planHash(plan)).toBe(planHash(usual.plan));
    expect(planHash((await design(fresh.length)).plan)).toBe(planHash((await design(fresh.length)).plan));
  });

  test('a model that was trained to design is asked in a few words, and as any other once it failed or does not constrain its reply', async () => {
    const asked: string[] = [];
    const design = async (more: Partial<ModelChoice['capabilities']>, failures: DesignInput['failures'] = []): Promise<string> => {
      const model = { capabilities: { ...capabilities, format: 'json-schema', ...more } } as ModelChoice;
      const ask: DesignInput['ask'] = async ({ messages, format }) => {
        asked.push(messages.map(({ content }) => content).join('\n'));
        expect(format?.kind).toBe(more.format === 'none' ? undefined : 'json-schema');
        return garbage();
      };
      const input = {
        request: parseRequest('Fix the bug in a.js'),
        briefing: briefing(['a.js']),
        failures,
        models: { worker: model, strong: model },
        ask,
      };
      asked.length = 0;
      await designerByName('model').design(input, new AbortController().signal);
      return asked[0] ?? '';
    };
    const guided = await design({});
    expect(guided).toContain('It must match this schema');
    const brief = await design({ designs: true });
    expect(brief).toBe(
      taughtPrompt({ request: parseRequest('Fix the bug in a.js'), briefing: briefing(['a.js']), failures: [] })
        .map(({ content }) => content)
        .join('\n'),
    );
    expect(brief.length * 8).toBeLessThan(guided.length);
    const failed = { plan: soloTeam(2, 'easy'), signature: 't: wrong', detail: 'wrong', score: 0 };
    expect(await design({ designs: true }, [failed])).toBe(await design({}, [failed]));
    expect(await design({ designs: true, format: 'none' })).toContain('It must match this schema');
  });

  test('a design call that fails for its own reasons leaves the work to the library', async () => {
    const [first] = await rounds(designerByName('model'), 'Fix the bug in a.js', () => {
      throw new TeamwrightError('model-half-stream', { endpoint: 'm', detail: 'cut' });
    });
    expect(first).toMatchObject({ origin: 'fallback-library', rounds: [{ valid: false }] });
    await expect(
      rounds(designerByName('model'), 'Fix it', () => {
        throw new TeamwrightError('model-unreachable', { endpoint: 'm', detail: 'refused' });
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
      agents: fc.constant(names.map((agent) => ({ name: agent, instructions: 'Do it.', tier: 'worker' as const }))),
      steps: fc.array(
        fc.record({
          do: fc.constantFrom('analyse', 'generate', 'write-tests', 'test', 'check', 'review', 'revise', 'select'),
          agent: fc.option(fc.constantFrom(...names, 'nobody')),
          samples: fc.option(fc.integer({ min: -2, max: 40 })),
          uses: fc.option(fc.array(fc.constantFrom(...names, 'nobody'), { maxLength: 3 })),
          rounds: fc.option(fc.integer({ min: 0, max: 9 })),
        }),
        { minLength: 1, maxLength: 10 },
      ),
    }),
  );

describe('sketches', () => {
  test('compile makes a valid plan of any sketch; only a team too large for the budget may be left', () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const { plan } = compile(sketchSchema.parse(drawn), 'designed');
        const errors = checkPlan(plan).filter(isError);
        expect(errors.map(({ code }) => code).filter((code) => code !== 'too-many-agents')).toEqual([]);
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

  test('what a small model really wrote is mended: work before any change, one agent for two kinds of work, counts out of range', () => {
    // From the embedded 1.5B model, 2026-11-25.
    const step = { samples: null, uses: null, rounds: null };
    const { plan, mended } = compile(
      {
        difficulty: 'hard',
        reason: 'The test failures are not being caught by the tests.',
        agents: [{ name: 'bug-fix', instructions: 'Identify the bug in the solution.js file and fix it.', tier: 'strong' }],
        steps: [
          { do: 'review', agent: 'bug-fix', ...step },
          { do: 'revise', agent: 'bug-fix', ...step, samples: 10 },
          { do: 'select', agent: null, ...step },
        ],
      },
      'designed',
    );
    expect(checkPlan(plan).filter(isError)).toEqual([]);
    expect(plan.steps.map((each) => each.do)).toEqual(['generate', 'review', 'revise', 'test', 'select']);
    expect(plan.agents['bug-fix']).toMatchObject({ output: 'edits', instructions: 'Identify the bug in the solution.js file and fix it.' });
    expect(plan.agents['bug-fix-reviewer']).toMatchObject({ output: 'verdict', write: [], tools: [] });
    expect(plan.steps[2]).toMatchObject({ do: 'revise', samples: 8 });
    expect(mended.join('\n')).toMatch(/came before any change.*two kinds of work.*asked for 10 samples: 8/s);
  });

  test('a sketch that only thinks answers a question', () => {
    const { plan } = compile(
      {
        difficulty: 'easy',
        reason: 'A question.',
        agents: [{ name: 'reader', instructions: 'Say what the function does.', tier: 'worker' }],
        steps: [{ do: 'analyse', agent: 'reader', samples: null, uses: null, rounds: null }],
      },
      'designed',
    );
    expect(checkPlan(plan).filter(isError)).toEqual([]);
    expect(plan.finish.when).toBe('answer');
  });

  test('easy plans may be smaller than hard ones', () => {
    expect(nMax.easy).toBeLessThan(nMax.medium);
    expect(nMax.medium).toBeLessThan(nMax.hard);
  });
});

describe('effort', () => {
  const easy = { request: parseRequest('Write a function that reverses a list'), briefing: briefing(['a.js']) };

  test('each plan that failed makes the request look one size harder, up to the hardest', () => {
    expect([0, 1, 2, 3].map((failures) => looksAfter(failures, easy))).toEqual(['easy', 'medium', 'hard', 'hard']);
  });

  /** As the review judges a plan that nobody has changed. */
  const warnings = ({ plan, origin }: Pick<Design, 'plan' | 'origin'>, looks: Difficulty): string[] =>
    checkPlan(plan, { looks: looksFor(origin, plan, looks) }).map(({ code, message }) => `${plan.name}: ${code}: ${message}`);

  test('no team of the library has anything to be warned of, in any size', () => {
    for (const kind of requestKinds)
      for (const difficulty of difficulties)
        expect(warnings({ plan: teamFor(kind, difficulty), origin: 'library' }, difficulty), `${kind} ${difficulty}`).toEqual([]);
    for (const bodies of [1, 2, 3, 4])
      for (const difficulty of difficulties)
        expect(warnings({ plan: bodiesFirstTeam(bodies, difficulty), origin: 'library' }, difficulty), `${bodies} ${difficulty}`).toEqual(
          [],
        );
    for (const difficulty of difficulties) {
      for (const mistakes of [1, 2, 3, 6, 20])
        for (const draft of ['second', 'last', 'never'] as const)
          expect(warnings({ plan: onePlaceTeam(difficulty, { mistakes, draft }), origin: 'library' }, difficulty), `${mistakes}`).toEqual(
            [],
          );
      expect(warnings({ plan: morePlaces(difficulty), origin: 'library' }, difficulty)).toEqual([]);
    }
  });

  test.each([
    [7, 3, 3],
    [24, 6, 7],
    [7, 4, 4],
  ])('%i places, a draft and %i places are the work of %i calls', (first, further, calls) => {
    const counts = [first, further];
    const plan = onePlaceTeam('hard');
    const steps = plan.steps.map((step) => (step.do === 'repair' ? { ...step, samples: counts.shift() as number } : step));
    expect(counts).toEqual([]);
    expect(pricePlan({ ...plan, steps }, leastFacts).complexity.mostCalls).toBe(calls);
  });

  test('places are cheap, but not for nothing: a repair of very many is held against its difficulty', () => {
    const plan = onePlaceTeam('easy');
    const many = plan.steps.map((step) => (step.do === 'repair' ? { ...step, samples: 40 } : step));
    expect(many.filter((step) => step.do === 'repair')).toHaveLength(2);
    expect(checkPlan({ ...plan, steps: many }).map(({ message }) => message)).toEqual([
      'The plan may do the work of 17 agent calls; 4 are usual for an easy request.',
    ]);
  });

  const requests = [
    'Fix the bug in a.js',
    'Write a function that reverses a list in a.js',
    'Write tests for a.js',
    'Rename getUser to loadUser in a.js',
    'What does a.js do?',
  ];
  const capabilities = { format: 'none', tools: false, usage: true, seed: true, strength: 'weak' } as const;
  const unreadable = (): ChatReply =>
    ({ text: 'no plan', toolCalls: [], finishReason: 'stop', usage: { promptTokens: 1, completionTokens: 1 } }) as never;
  const failing = { ending: 'finished', exitCode: 1, passed: 0, failed: 1, skipped: 0, green: false, guard: 'records' } as const;
  const cases = [{ id: 't', name: 't', outcome: 'failed' as const }];
  const red = { ...failing, cases, breaches: [], doubts: [], output: '', ms: 200 };

  test.each(
    (['auto', 'by hand', 'learned', 'solo', 'library'] as const).flatMap((name) =>
      [undefined, 'suffix' as const].flatMap((infill) => requests.map((text) => ({ name, infill, text }))),
    ),
  )(
    '$name, for "$text" (holes: $infill): neither the first plan nor one after failures is proposed with a warning',
    async ({ name, infill, text }) => {
      const model = { model: 'm', client: { endpoint: 'e' }, capabilities: { ...capabilities, infill } } as ModelChoice;
      const designer = name === 'by hand' ? rulesDesigner : designerByName(name);
      const failures: DesignInput['failures'][number][] = [];
      // Later plans are the model's own.
      for (let round = 0; round < 3; round += 1) {
        const input: DesignInput = {
          request: parseRequest(text),
          briefing: { ...briefing(['a.js']), baseline: red },
          failures,
          models: { worker: model, strong: model },
          ask: async () => unreadable(),
        };
        const design = await designer.design(input, new AbortController().signal);
        expect(warnings(design, looksAfter(round, input))).toEqual([]);
        failures.push({ plan: design.plan, signature: 't', detail: '', score: 0 });
      }
    },
  );

  test('what is added to such a team is held against it', () => {
    const team = teamFor('bug-fix', 'easy');
    const { coder } = team.agents;
    if (coder === undefined) throw new Error('The team has no coder.');
    const more = Object.fromEntries([1, 2, 3].map((n) => [`more-${n}`, coder]));
    const looks = looksFor('library', team, 'easy');
    expect(checkPlan({ ...team, agents: { ...team.agents, ...more } }, { looks }).map(({ code }) => code)).toContain('above-effort');
    // A model's team of the same size has to earn it.
    expect(warnings({ plan: team, origin: 'model' }, 'easy')).toEqual([
      'bug-fix: above-effort: For a request like this one agent is usual; this team has 2.',
    ]);
  });
});
