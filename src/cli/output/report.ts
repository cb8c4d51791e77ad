/** How a run ended, for people. Pure. */

import { flakyText, reasonText, tamperingText, undecided, unlikelyText } from '../../feedback/index.ts';
import type { TestReport, Wanted } from '../../feedback/types.ts';
import { allowText } from '../../process/index.ts';
import type { RunResult } from '../../run/index.ts';
import { counted, englishNumbers, printable } from '../../text/index.ts';
import { agreementOn, changedAsStored, type RunState, storedOtherwiseText } from '../../trace/index.ts';
import type { ToldFailure } from '../failure-table.ts';
import { diffLines } from './diff.ts';
import { agentLines, countsText } from './progress.ts';
import type { Look, Screen } from './terminal.ts';

const endings: Record<RunResult['outcome'], { look: Look; text: string }> = {
  solved: { look: 'green', text: 'Solved: the tests pass.' },
  unproven: { look: 'yellow', text: 'Unproven: the tests do not show that the request is done.' },
  answered: { look: 'green', text: 'Answered.' },
  'no-tests': { look: 'yellow', text: 'There is a change, but nothing could judge it: no tests were found.' },
  'tests-fail': { look: 'red', text: 'The tests still fail.' },
  budget: { look: 'yellow', text: 'The budget ran out.' },
  stopped: { look: 'yellow', text: 'Stopped. The workspace was not changed.' },
  declined: { look: 'yellow', text: 'Nothing was run: the plan was declined.' },
  failed: { look: 'red', text: 'The run failed.' },
};

const kept = 'No further plan was wanted: the best try so far is handed over. The tests do not vouch for it.';
const noChange = 'No change came of it: no reply held one that could be used.';

/** What is said at the plan and at the verdict. `reason`: why there is none. */
export const withoutFence = (reason: string): string => `The tests run without a fence, as you: ${reason}.`;

/** What to do about tests that met a limit of time; no line when they met none. Said at the plan and at the verdict. */
export function timeLines(ending: string | undefined, baseline?: TestReport): string[] {
  if (ending !== 'time-limit' && ending !== 'silence-limit') return [];
  const before =
    baseline !== undefined && undecided(baseline)
      ? ['Nothing had failed when they met it, so they can hardly show that a change is right: it is handed over unproven, after one try.']
      : [];
  return [...before, 'Should the tests take that long? Give them more time: --test-seconds N, or "testSeconds" in your settings.'];
}

/** What the tests wanted beyond their fence, and the setting that would allow it; no line when there is nothing. Said at the plan and at the verdict. */
export function wantedLines(wanted: readonly Wanted[] | undefined, workspace: string): string[] {
  if (wanted === undefined) return [];
  const what = wanted.map((one) => (one.kind === 'write' ? `${one.what} (to write)` : one.what)).join(', ');
  return [
    `The tests wanted to reach ${what}, which is kept from them.`,
    `Should they? Add to "allow" in your settings: ${allowText(workspace, wanted).slice(1, -1)}`,
  ];
}

/** The result itself: the answer, or the diff. Belongs on standard output. */
export function resultLines(result: RunResult, screen: Screen): string[] {
  if (result.answer !== undefined) return printable(result.answer).trimEnd().split('\n');
  const patch = result.diff?.patch ?? '';
  if (patch === '') return [];
  return screen.isTerminal ? diffLines(patch, screen) : patch.replace(/\n$/, '').split('\n');
}

/** What is said around it: tests before and after, what it cost, where the trace is, what to do next (unless it `applies` by itself). */
export function summaryLines(
  result: RunResult & { readonly failure?: ToldFailure },
  state: RunState,
  trace: string,
  screen: Screen,
  applies: boolean,
): string[] {
  const ending = endings[result.outcome];
  const { reasons = [], unrelated = [], outOfReach = [], flaky = [] } = result.judgement ?? {};
  const text =
    result.outcome === 'tests-fail' && result.candidate === undefined
      ? noChange
      : result.outcome === 'declined' && result.candidate !== undefined
        ? kept
        : result.outcome === 'solved' && unrelated.length + outOfReach.length + flaky.length > 0
          ? 'Solved: the tests that the request is about pass.'
          : ending.text;
  const lines = ['', screen.paint([ending.look as 'green', 'bold'], text)];
  const fact = (name: string, text: string): number => lines.push(`${screen.paint('dim', name.padEnd(8))} ${text}`);
  if (result.failure !== undefined) {
    lines.push(
      printable(result.failure.message),
      ...(result.failure.next === '' ? [] : [screen.paint('dim', printable(result.failure.next))]),
    );
  }
  if (result.before !== undefined || result.after !== undefined) {
    const before = result.before === undefined ? 'unknown' : countsText(result.before);
    fact(
      'tests',
      result.after === undefined ? before : `${before}  →  ${screen.paint(result.after.green ? 'green' : 'red', countsText(result.after))}`,
    );
  }
  if (state.start?.fence?.by === 'none' && result.after !== undefined) {
    lines.push(`${screen.paint('yellow', '!')} ${printable(withoutFence(state.start.fence.reason ?? ''))}`);
  }
  for (const line of wantedLines((result.after ?? result.before)?.wanted, state.start?.workspace ?? '')) {
    lines.push(`${screen.paint('yellow', '!')} ${printable(line)}`);
  }
  for (const reason of reasons) lines.push(`${screen.paint('yellow', '!')} ${printable(reasonText(reason))}`);
  const early = reasons.find(({ kind }) => kind === 'ended-early' || kind === 'not-seen');
  for (const line of timeLines(early?.detail)) lines.push(screen.paint('dim', line));
  if (flaky.length > 0) fact('flaky', printable(flakyText(flaky)));
  if (unrelated.length > 0) fact('as before', `${printable(unrelated.join(', '))}: red, and not asked about`);
  if (outOfReach.length > 0)
    fact('offline', `${printable(outOfReach.join(', '))}: red as before for want of a network or a host, and not counted`);
  if (result.judgement?.notRun.length) fact('untested', `${printable(result.judgement.notRun.join(', '))}: no test command is about it`);
  const unguarded = result.judgement?.unguarded;
  if (unguarded) lines.push(`${screen.paint('yellow', '!')} ${printable(`No guard of ours saw these tests: ${unguarded}`)}`);
  for (const line of storedOtherwiseText(changedAsStored(state))) lines.push(`${screen.paint('yellow', '!')} ${printable(line)}`);
  const told = new Set(reasons.map(({ detail }) => detail));
  for (const found of result.tampering.filter(({ path, detail }) => !told.has(`${path}: ${detail}`))) {
    lines.push(`${screen.paint('yellow', '!')} ${printable(tamperingText(found))}`);
  }
  const agreement = agreementOn(state);
  if (agreement !== undefined) {
    const { alike, replies, inputs } = agreement;
    fact(
      'agree',
      `${alike} of ${replies} replies act alike on ${counted(inputs, 'input')} that no test holds; which answer is right nobody checked`,
    );
  }
  if (result.unlikely) lines.push(`${screen.paint('yellow', '!')} ${unlikelyText}`);
  if (result.diff !== undefined && result.diff.files.length > 0) {
    fact('change', result.diff.files.map((file) => `${printable(file.path)} (+${file.added} −${file.removed})`).join(', '));
  }
  const { spend } = result;
  const estimated = Object.values(state.agents).some((agent) => agent.estimated) ? 'about ' : '';
  fact(
    'cost',
    `${counted(spend.calls, 'call')}, ${estimated}${englishNumbers.count(spend.inputTokens + spend.outputTokens)} tokens, ${englishNumbers.money(spend.usd)}, ${englishNumbers.span(spend.seconds * 1000)}`,
  );
  for (const line of agentLines(state)) fact('', line);
  fact('trace', trace);
  if (applies) return lines;
  if (result.diff !== undefined && result.diff.patch !== '') fact('next', `teamwright runs apply ${result.runId}`);
  else fact('next', `teamwright runs show ${result.runId}`);
  return lines;
}
