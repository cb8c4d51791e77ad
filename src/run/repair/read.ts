/** What a repair looks at: the files its agent may change, as statements, with what is known of their lines. */
import type { TestReport } from '../../feedback/types.ts';
import { shapeOf } from '../../syntax/index.ts';
import { globTest } from '../../workspace/index.ts';
import type { WorkspaceCopies } from '../../workspace/types.ts';
import type { Origin } from '../candidates.ts';
import { type StepContext, scopeOf } from '../context.ts';
import { isFatal } from '../failures.ts';
import { framesIn, type SuspectFile } from './localise.ts';

/** Files looked at, and characters of all of them together that a model weighs. */
const mostFiles = 12;
const mostWeighed = 12_000;

/** In the order of the briefing: files that something points at come first. Without the model's surprise. */
export async function suspectFiles(origin: Origin, report: TestReport, context: StepContext): Promise<readonly SuspectFile[]> {
  const { allow, refuse } = scopeOf(origin.agent, context.facts.testSources);
  const granted = globTest(allow);
  const messages = report.cases.flatMap(({ outcome, message }) => (outcome === 'failed' && message !== undefined ? [message] : []));
  const found: SuspectFile[] = [];
  for (const { path, isTest } of context.facts.briefing.files) {
    if (isTest || !granted(path) || refuse?.(path) !== undefined || found.length >= mostFiles) continue;
    const text = await readText(context.ports.copies, origin, path);
    const shape = text === undefined ? undefined : await shapeOf(path, text);
    if (text !== undefined && shape !== undefined) found.push({ path, text, shape, frames: framesIn(messages, path) });
  }
  return found;
}

/** A text with characters that its bytes did not say cannot be written back as it was. */
async function readText(copies: WorkspaceCopies, { from }: Origin, path: string): Promise<string | undefined> {
  const text = await copies.read(from.snapshot, path);
  return text?.includes('\uFFFD') ? undefined : text;
}

/** The same files with the model's surprise, as far as it is asked: each file is one call that writes nothing. */
export async function weighed(
  files: readonly SuspectFile[],
  origin: Origin,
  context: StepContext,
  signal: AbortSignal,
): Promise<readonly SuspectFile[]> {
  if (context.ports.models[origin.agent.tier].capabilities.weighs !== true) return files;
  let room = mostWeighed;
  const all: SuspectFile[] = [];
  for (const [index, file] of files.entries()) {
    room -= file.text.length;
    if (room < 0) {
      all.push(file);
      continue;
    }
    const call = {
      place: `${origin.call}/0/${index + 1}`,
      step: origin.step,
      agent: origin.agentName,
      tier: origin.agent.tier,
      messages: [],
      weigh: file.text,
      temperature: 0,
      maxTokens: 1,
    };
    const reply = await context.ask(call, signal).catch((error: unknown) => {
      // A server that will not weigh takes one kind of evidence away, no more.
      if (isFatal(error)) throw error;
      return undefined;
    });
    // Where something was hidden from the model its places are not ours.
    all.push(reply?.hidden.size === 0 ? { ...file, weights: reply.weights } : file);
  }
  return all;
}
