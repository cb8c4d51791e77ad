/**
 * Edits that an agent with tools wrote into its answer instead of calling one: taken where they name their file, before it has changed anything
 * by a tool (what it shows afterwards is what it did). Where it seems to have meant a call or an edit, it is told how to make one.
 */
import type { FileEdit } from '../workspace/edit-types.ts';
import type { KnownFile } from '../workspace/index.ts';
import type { Answer } from './ask.ts';
import { askedOf, type Origin, readReply } from './candidates.ts';
import type { StepContext } from './context.ts';
import type { Pages, ToolBench } from './tools/tool.ts';

/** The bench of a loop: each reply hides secrets of its own. */
export interface LoopBench extends Omit<ToolBench, 'hidden'> {
  readonly pages: Pages;
  /** How often something was changed by now. */
  readonly edits: () => number;
}

/** How often a model is told what was wrong. */
const mostTold = 2;

/** Gives what to tell the model, or undefined: it is done. `bench.onEdit` hears of every edit. */
export type TakeText = (reply: Answer, unclear: boolean, turn: number) => Promise<string | undefined>;

export function textTaker(origin: Origin, bench: LoopBench, context: StepContext): TakeText {
  const { trace, clock } = context.ports;
  let told = 0;
  let hasTaken = false;
  const tell = (lines: readonly string[]): string | undefined => {
    told += 1;
    return told > mostTold ? undefined : lines.join('\n');
  };
  return async (reply, unclear, turn) => {
    if (!origin.agent.tools.includes('edit')) return undefined;
    const asked = await askedOf(origin, context);
    const parsed = readReply(reply, { ...asked, form: { ...asked.form, only: undefined, named: true } });
    const byTool = bench.edits() > 0 && !hasTaken;
    if (byTool) {
      const isOrder = unclear || parsed.edits.some(({ kind }) => kind === 'search-replace');
      return isOrder ? tell(['What your answer holds beside calls of tools was not taken.', howToCall]) : undefined;
    }
    const part = parsed.edits.find((edit) => isPart(edit, asked.files));
    if (parsed.edits.length > 0 && part === undefined) {
      const startedAt = clock();
      const report = await bench.copy.edit(parsed.edits, bench.scope, reply.hidden);
      bench.onEdit(report);
      hasTaken ||= report.changed.length > 0;
      const problems = report.problems.map(({ message }) => message);
      const text = [`Your answer was taken as edits. Changed ${report.changed.join(', ') || 'nothing'}.`, ...problems].join('\n');
      trace.emit({
        type: 'tool.used',
        call: `${origin.call}/${turn}`,
        agent: origin.agentName,
        tool: 'edit',
        arguments: JSON.stringify({ text: reply.text.slice(0, 1900) }),
        ok: problems.length === 0,
        result: trace.blob(text),
        ms: clock() - startedAt,
      });
      if (report.changed.length > 0) return `${text}\nGo on with the tools, or finish with one short sentence.`;
      // It shows once more what is there by now.
      return problems.length === 0 ? undefined : tell([text, howToCall]);
    }
    const why = [
      ...parsed.problems.map(({ message }) => message),
      ...(part === undefined ? [] : [`What you wrote for ${part.path} is much shorter than the file: the rest would be lost.`]),
      ...(reply.finish === 'length' ? ['Your answer was cut off at its length limit.'] : []),
    ];
    if (why.length === 0 && !unclear) return undefined;
    return tell(['Nothing was changed: your answer holds no call of a tool that can be read.', ...why, howToCall]);
  };
}

const howToCall =
  'Call a tool through the interface for tools, or write one block with three backticks and the word tool, and in it {"tool": "edit", "arguments": {"path": "…", "search": "…", "replace": "…"}}. When there is nothing to do, say so in one short sentence.';

/** A whole text of less than half the lines: likely a part that is shown. */
function isPart(edit: FileEdit, files: readonly KnownFile[]): boolean {
  const before = edit.kind === 'whole-file' ? files.find(({ path }) => path === edit.path)?.text : undefined;
  if (edit.kind !== 'whole-file' || before === undefined) return false;
  return edit.text.split('\n').length < before.split('\n').length / 2;
}
