/** One place as a structured answer, for models that cannot fill a hole: they see numbered lines and name the ones they write anew. */
import * as z from 'zod';
import { askStructured } from '../../models/index.ts';
import type { Answer } from '../ask.ts';
import type { Origin } from '../candidates.ts';
import type { StepContext } from '../context.ts';
import { type Note, openingMessages } from '../prompts.ts';
import type { SuspectFile, SuspectPlace } from './localise.ts';

/** Lines shown around the most suspicious places of a longer file. */
const shownAround = 20;
const placesShown = 4;
/** A file up to so many lines is shown whole. */
const wholeLines = 120;
/** Earlier answers that are told, so that none of them is given again; characters of each. */
const saidTold = 8;
const saidCharacters = 200;

const placeSchema = z.strictObject({
  path: z.string(),
  /** First and last line that are replaced, counted from 1; `to` one less than `from` puts the text in between. */
  from: z.number().int().min(1),
  to: z.number().int().min(0),
  text: z.string(),
});

export interface OnePlace {
  readonly path: string;
  readonly line: number;
  /** The whole file with the new text in its place. */
  readonly text: string;
  readonly hidden: Answer['hidden'];
  /** The answer in words. */
  readonly said: string;
}

/** Undefined: the model named no place that is there. */
export async function askOnePlace(
  {
    origin,
    notes,
    files,
    places,
    said,
  }: {
    origin: Origin;
    notes: readonly Note[];
    files: readonly SuspectFile[];
    places: readonly SuspectPlace[];
    /** What was answered before, to the same files. */
    said: readonly string[];
  },
  context: StepContext,
  signal: AbortSignal,
): Promise<OnePlace | undefined> {
  const { agent } = origin;
  const before = said.slice(-saidTold).map((one) => `- ${one}\n`);
  const extra = [
    `# Suspicious places, with line numbers\n${files.map((file) => numbered(file, places)).join('\n')}`,
    ...(before.length > 0 ? [`# Tried already; the tests still fail\n${before.join('')}`] : []),
  ].join('\n\n');
  const answer =
    'Mend the mistake in one place. Answer with one JSON object: "path", "from" and "to" (the first and the last line that you replace), and "text" (the new lines, with their indentation, without line numbers).';
  let hidden: Answer['hidden'] = new Map();
  let asked = 0;
  const result = await askStructured(
    async (messages, format) => {
      asked += 1;
      const reply = await context.ask(
        {
          place: asked === 1 ? origin.call : `${origin.call}/${asked}`,
          step: origin.step,
          agent: origin.agentName,
          tier: agent.tier,
          messages,
          temperature: agent.temperature,
          format,
        },
        signal,
      );
      hidden = reply.hidden;
      return reply;
    },
    placeSchema,
    context.ports.models[agent.tier].capabilities,
    openingMessages({ shared: context.shared, agent, notes, recalled: context.facts.recalled, extra, answer }),
    { name: 'place' },
  );
  if (!result.ok) return undefined;
  const { path, from, to, text } = result.value;
  const file = files.find((known) => known.path === path);
  const lines = file?.text.split('\n') ?? [];
  if (file === undefined || from > lines.length || to > lines.length || to < from - 1) return undefined;
  const written = text.replace(/\n$/, '').split('\n');
  const whole = [...lines.slice(0, from - 1), ...(text === '' ? [] : written), ...lines.slice(to)].join('\n');
  const where = to < from ? `${path}, before line ${from}` : `${path}, lines ${from} to ${to}`;
  return { path, line: from, text: whole, hidden, said: `${where}: ${text.trim().slice(0, saidCharacters)}` };
}

function numbered({ path, text }: SuspectFile, places: readonly SuspectPlace[]): string {
  const lines = text.split('\n');
  const near = places.filter((place) => place.path === path).slice(0, placesShown);
  const isShown = (line: number): boolean =>
    lines.length <= wholeLines || near.some(({ statement }) => Math.abs(statement.line - line) <= shownAround);
  const shown = lines.flatMap((content, index) => (isShown(index + 1) ? [`${index + 1} | ${content}`] : []));
  return shown.length === 0 ? '' : `### ${path}\n${shown.join('\n')}`;
}
