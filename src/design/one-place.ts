/** The team that looks for one wrong place: most mistakes are of one line, and a small model meets it by filling a hole sooner than by writing files anew. */
import type { Briefing } from '../briefing/types.ts';
import { narrowed, redFiles, redIn } from '../feedback/index.ts';
import { estimateTokens } from '../models/index.ts';
import type { Tier } from '../models/types.ts';
import { type Agent, type Difficulty, type Plan, planSchema } from '../plan/index.ts';
import { madeByHand } from './by-hand.ts';
import { difficultyOf, type RequestKind } from './kind.ts';
import { type BySize, coder, doer } from './teams.ts';
import type { Designer, DesignInput } from './types.ts';

/** Tests that fail can show that a filling is right, and the model can fill a hole. */
export const mayFill = ({ briefing: { baseline }, models }: DesignInput, tier: Tier): boolean =>
  baseline !== undefined && redIn(baseline).length > 0 && models[tier].capabilities.infill !== undefined;

/** A mistake that tests show, and a model that can fill a hole: then one place at a time is worth more than further drafts. */
export const mendsOnePlace = (kind: RequestKind, input: DesignInput, tier: Tier): boolean => kind === 'bug-fix' && mayFill(input, tier);

/** A place is asked for without chance first; what is asked for again should be another text, and a small model says much the same below this. */
const warm = 0.9;
export const mender: Agent = { ...coder('Mend the mistake in one place.', warm), role: 'mender', tools: [] };

/** Time for small changes, of which most pass no test. */
const changesMs = 60_000;

/** As many small changes as are wanted and as there is time for; `testMs` is one run of the tests for a try. */
export const changesInTime = (wanted: number, testMs = 0): number => Math.min(wanted, Math.floor(changesMs / Math.max(1, testMs)));

/** Places written anew, and small changes tried without a model. */
const places: BySize = { easy: 8, medium: 12, hard: 20 };
const smallChanges: BySize = { easy: 60, medium: 90, hard: 120 };

/** Places that are tried before a draft: most repairs of one place come of the first few, for fewer tokens than a draft (docs/results.md, "what solved it"). */
const placesFirst = 4;
/** A draft that costs more than so many places comes after all of them. */
const dearInPlaces = 5;
/** Mistakes that are looked for in one request: each has places of its own. */
const mostMistakes = 6;

/** When a draft of whole files is made: `second`, after a few places; `last`, after all. */
type DraftOrder = 'second' | 'last' | 'never';

interface OnePlaceOptions {
  /** One run of the tests for a try; a slow suite gets few small changes. */
  readonly testMs?: number;
  readonly draft?: DraftOrder;
  /** Files of tests that fail. */
  readonly mistakes?: number;
  /** One kind of work alone, to compare. */
  readonly only?: 'fills' | 'changes';
}

/** Places written anew, a draft of whole files, and small changes without a model: each only while the tests fail. */
export function onePlaceTeam(
  difficulty: Difficulty,
  { testMs = 0, draft: order = 'second', mistakes = 1, only }: OnePlaceOptions = {},
): Plan {
  const mutations = only === 'fills' ? 0 : changesInTime(smallChanges[difficulty], testMs);
  const each = Math.min(mostMistakes, Math.max(1, mistakes));
  const all = only === 'changes' ? 1 : places[difficulty] + placesFirst * (each - 1);
  const before = Math.min(all, placesFirst * each);
  const mend = { do: 'repair', agent: 'mender' };
  const draft = [
    { id: 'draft', do: 'generate', agent: 'coder', samples: 1 },
    { id: 'test', do: 'test' },
  ];
  const ifRed = (steps: readonly unknown[]) => ({ id: 'if-red', do: 'when', if: 'tests-fail', steps });
  // What places made pass is put together with each other, and with what the draft makes pass.
  const together = each > 1 ? [{ id: 'together', do: 'merge' }] : [];
  const draftLater = ifRed([...together, ...draft, { id: 'merge', do: 'merge' }]);
  // Small changes cost no tokens, so they are tried before a draft, and before a budget can end among further places.
  const first = { ...mend, id: 'mend', samples: before, mutations };
  const further = all > before ? [{ ...mend, id: 'mend-on', samples: all - before, mutations: 0 }] : [];
  const steps: Record<DraftOrder, readonly unknown[]> = {
    second: [first, draftLater, ...further],
    last: [first, ...further, draftLater],
    never: [first, ...further],
  };
  return planSchema.parse({
    teamwright: 1,
    name: 'one-place',
    reason: `${inWords(order, before, all, mutations)}, until the tests pass. Most mistakes are of one line.`,
    difficulty,
    agents: {
      mender,
      ...(order !== 'never' && { coder: doer }),
    },
    steps: [...steps[order], { id: 'test-again', do: 'test' }, { id: 'choose', do: 'select' }],
  });
}

/** What is done, in its order. */
function inWords(order: DraftOrder, before: number, all: number, mutations: number): string {
  const written = (count: number): string => `up to ${count} suspicious place${count > 1 ? 's' : ''} written anew, one at a time`;
  const changes = mutations > 0 ? [`up to ${mutations} small changes without a model`] : [];
  const draft = 'a draft of whole files';
  const further = all > before ? [`up to ${all - before} more places`] : [];
  const work: Record<DraftOrder, readonly string[]> = {
    second: [written(before), ...changes, draft, ...further],
    last: [written(before), ...changes, ...further, draft],
    never: [written(before), ...changes, ...further],
  };
  const text = work[order].join(', then ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** What the prompts of `repair` come to, tokens: lines around a hole are bounded, and something is around it in the smallest file. */
const placeTokens = { least: 80, most: 1_200 };
const fillTokens = 20;
/** The parts of a coder's prompt around the texts. */
const frameTokens = 150;

/** By the texts that a coder and a mender would be shown; the reply to a coder is a file as long as the longest. */
function isDear({ files }: Briefing, request: string): boolean {
  const tokens = files.map(({ text, isTest }) => ({ own: estimateTokens(text), isTest }));
  const shown = tokens.reduce((sum, { own }) => sum + own, frameTokens + estimateTokens(request));
  const longest = Math.max(0, ...tokens.filter(({ isTest }) => !isTest).map(({ own }) => own));
  const place = Math.min(placeTokens.most, Math.max(placeTokens.least, longest)) + fillTokens;
  return shown + longest > dearInPlaces * place;
}

/** One run of the tests for a try; undefined: they were not run yet. */
export const tryMs = ({ briefing: { test, baseline } }: DesignInput): number | undefined => narrowed(test, baseline)?.ms ?? baseline?.ms;

/** More places, and nothing else: what a rest of the budget buys that pays for no draft. One step, so that its shortest way is one place. */
export const morePlaces = (difficulty: Difficulty): Plan =>
  planSchema.parse({
    teamwright: 1,
    name: 'more-places',
    reason: 'More places written anew, one at a time, until the tests pass: of all work it costs least.',
    difficulty,
    agents: { mender },
    steps: [
      { id: 'mend-more', do: 'repair', agent: 'mender', samples: places[difficulty], mutations: 0 },
      { id: 'test-again', do: 'test' },
      { id: 'choose', do: 'select' },
    ],
  });

export const onePlaceDesigner: Designer = {
  name: 'one-place',
  design: async (input) => {
    const { request, briefing } = input;
    const { baseline } = briefing;
    const testMs = tryMs(input);
    const mistakes = baseline && redFiles(baseline).size;
    const draft: DraftOrder = isDear(briefing, request.text) ? 'last' : 'second';
    return madeByHand(onePlaceTeam(difficultyOf(input), { testMs, mistakes, draft }), 'library', input);
  },
};
