/** What a person sees while a run goes on. Pure: events and the state folded from them in, lines out. */

import { tamperingText } from '../../feedback/index.ts';
import { endingText, type TestDelta } from '../../feedback/types.ts';
import type { Preparing } from '../../models/types.ts';
import { looseRightText } from '../../plan/index.ts';
import { counted, english, englishNumbers } from '../../text/index.ts';
import { noTests, type TestCounts, type TraceEvent, toldTry, type VoteFlag } from '../../trace/events.ts';
import type { RunState } from '../../trace/index.ts';
import { tell } from '../failure-table.ts';
import type { Look, Screen } from './terminal.ts';
import { bar, cut, oneLine, pad, padStart } from './text.ts';

type Painter = Pick<Screen, 'paint' | 'columns'>;

const marks = { good: ['green', '✓'], bad: ['red', '✗'], news: ['cyan', '•'], warning: ['yellow', '!'] } as const satisfies Record<
  string,
  [Look, string]
>;

const voteFlagText: Readonly<Record<VoteFlag, string>> = {
  'too-long': 'it is too long',
  'not-exact': 'it is not exactly in the form asked for',
  failed: 'the call failed',
};

/** The lines that stay on the screen for one event; none for events that are shown elsewhere. `state` is the state after it. */
export function linesFor(event: TraceEvent, state: RunState, screen: Painter): string[] {
  const line = (mark: keyof typeof marks, who: string, what: string, right = ''): string => {
    const [look, sign] = marks[mark];
    const room = screen.columns - nameColumns - 3 - (right === '' ? 0 : right.length + 2);
    const text = cut(oneLine(what), room);
    const filled = right === '' ? text : `${Number.isFinite(room) ? pad(text, Math.min(room, 60)) : text}  ${screen.paint('dim', right)}`;
    return `${screen.paint(look, sign)} ${screen.paint('bold', pad(cut(oneLine(who), nameColumns), nameColumns))} ${filled}`;
  };
  switch (event.type) {
    case 'snapshot.taken':
      return event.leftOut.length === 0
        ? []
        : [line('warning', 'copy', `left out: ${event.leftOut.map(({ path, reason }) => `${path} (${reason})`).join(', ')}`)];
    case 'memory.recalled':
      return event.lessons.map(({ id, role, because }) =>
        line('news', 'memory', `shows the ${role} what ${id} teaches: ${because.join('; ')}`),
      );
    case 'design.round':
      return event.valid
        ? []
        : [
            line(
              'warning',
              'design',
              `the plan that came back is not valid: ${event.problems[0] ?? 'unreadable'}${event.problems.length > 1 ? ` (and ${event.problems.length - 1} more)` : ''}`,
            ),
          ];
    case 'plan.approved':
      return [
        line('good', 'plan', `${state.plans.findLast((plan) => plan.hash === event.hash)?.name ?? ''} approved by ${approvedBy(event)}`),
      ];
    case 'plan.declined':
      return [line('bad', 'plan', 'declined')];
    case 'step.done':
      if (event.skipped === noTests) return [line('warning', event.step, 'tested nothing: there are no tests')];
      return event.failure === undefined ? [] : [line('bad', event.step, tell(event.failure).message)];
    case 'call.done':
      return [
        line(
          'news',
          event.agent,
          `${stepOf(event.call)} answered by ${event.servedModel}`,
          `${englishNumbers.count(event.usage.inputTokens)} in ${englishNumbers.count(event.usage.outputTokens)} out${event.usage.estimated ? ' (estimated)' : ''} ${englishNumbers.span(event.ms)}`,
        ),
      ];
    case 'call.failed':
      return [
        line(event.willRetry ? 'warning' : 'bad', event.agent, `${tell(event.failure).message}${event.willRetry ? ' Trying again.' : ''}`),
      ];
    case 'loop.found':
      return [line('warning', event.agent, `goes in circles: ${event.detail}${event.action === 'stopped' ? '; stopped' : ''}`)];
    case 'places.ranked': {
      const [first, ...others] = event.places.map(({ path, line: at }) => `${path}:${at}`);
      const shown = [first, ...others.slice(0, 2)].join(', ');
      return first === undefined
        ? []
        : [line('news', event.step, `suspicious: ${shown}${others.length > 2 ? ` and ${others.length - 2} more` : ''}`)];
    }
    case 'place.tried': {
      const told = toldTry(event);
      if (told === undefined) return [];
      const { isByModel, passed, failed } = told;
      const what = `${event.file}:${event.line} ${isByModel ? 'written anew' : `changed a little (${event.how})`}`;
      return [
        line(failed === 0 ? 'good' : 'bad', event.step, `${what}: ${countsText({ passed, failed, skipped: 0, green: failed === 0 })}`),
      ];
    }
    case 'write.blocked':
      return [line('warning', event.agent, `may not write ${event.path}: ${event.reason}`)];
    case 'right.loose':
      return [line('warning', event.agent, looseRightText(event, english))];
    case 'right.refused':
      return [
        line(
          'warning',
          event.agent,
          `${event.right === 'delegation' ? 'gets no more rights' : `may not use this ${event.right}`}: ${event.what}`,
        ),
      ];
    case 'candidate.made':
      return [
        line('news', event.candidate, `${event.agent} changed ${event.changed.join(', ') || 'nothing'}`),
        ...event.problems.map((problem) => line('warning', event.candidate, `${problem.path}: ${problem.message.split('\n')[0]}`)),
      ];
    case 'candidate.refused':
      return [line('warning', event.agent, `gave no candidate: ${event.reason}${event.sameAs === undefined ? '' : ` (${event.sameAs})`}`)];
    case 'candidate.tested':
      return [
        line(
          event.counts.green ? 'good' : 'bad',
          event.candidate,
          `${countsText(event.counts)}${deltaText(event.delta)}${event.only === undefined ? '' : ` (only ${event.only.join(', ')})`}${event.ending === 'finished' ? '' : `; ${endingText[event.ending] ?? event.ending}`}`,
          englishNumbers.span(event.ms),
        ),
        ...(event.others ?? []).map((other) =>
          line(
            other.broken.length === 0 ? 'good' : 'bad',
            event.candidate,
            `${other.display}${other.cwd === '' ? '' : ` in ${other.cwd}`}: ${countsText(other.counts)}${other.broken.length === 0 ? '' : `; broken: ${other.broken.join(', ')}`}`,
          ),
        ),
        ...event.tampering.map((found) => line('warning', event.candidate, tamperingText(found))),
      ];
    case 'candidate.checked':
      return event.report.available
        ? [
            line(
              event.report.ok ? 'good' : 'bad',
              event.candidate,
              `${event.report.name}: ${event.report.ok ? 'no problems' : 'problems found'}`,
            ),
          ]
        : [];
    case 'note.written':
      return [
        line(
          event.verdict === 'reject' ? 'warning' : 'news',
          event.agent,
          event.verdict === 'none' ? `${event.step} wrote a note` : `${event.verdict}s the candidate`,
        ),
      ];
    case 'candidates.selected':
      return [line('news', event.step, `kept ${event.kept.join(', ') || 'none'} (by ${event.by})`)];
    case 'candidates.merged': {
      const both = event.of.join(' and ');
      const [conflict] = event.conflicts;
      if (conflict !== undefined) return [line('warning', event.step, `${both} do not go together: ${conflict.path}: ${conflict.detail}`)];
      const what = event.candidate === undefined ? `${both} together are ${event.sameAs}` : `${event.candidate} is ${both} together`;
      return [line('news', event.step, what)];
    }
    case 'candidates.told-apart': {
      const [first] = event.classes;
      const all = event.classes.reduce((sum, { votes }) => sum + votes, 0);
      const alike = first === undefined ? '' : `: ${first.votes} of ${all} replies (${first.candidates.join(', ')})`;
      const ways = counted(event.classes.length, 'way');
      return [line('news', event.step, `answered ${counted(event.inputs.length, 'input')} in ${ways}; most alike${alike}`)];
    }
    case 'candidate.drawn': {
      const [first] = event.arms;
      const tries = first === undefined || first.fails === 0 ? '' : `, ${counted(first.fails, 'attempt')} at it gained nothing`;
      const passes = `passes ${englishNumbers.percent(first?.share ?? 0)} of the tests asked for`;
      return [line('news', event.step, `improves ${event.candidate} next, drawn from ${event.arms.length}: ${passes}${tries}`)];
    }
    case 'part.asked':
      return [line('news', event.step, `asks for ${event.part} alone (${event.file}:${event.line})`)];
    case 'vote.cast':
      return event.flag === undefined ? [] : [line('warning', event.step, `a reply has no vote: ${voteFlagText[event.flag]}`)];
    case 'vote.held': {
      const [first] = event.answers;
      const by = `${event.measured ? 'measured' : 'told'} ${englishNumbers.percent(event.accuracy)}`;
      if (event.ended === 'refused') return [line('warning', event.step, `no vote: right replies ${by}, which is not more than half`)];
      const found = event.answers.map(({ votes }) => votes).join(' to ');
      if (event.ended === 'undecided')
        return [line('warning', event.step, `no answer is ahead by ${event.lead} (votes ${found || 'none'})`)];
      return [
        line('news', event.step, `agreed on ${first?.answer.replaceAll('\n', ', ')} (votes ${found}; ahead by ${event.lead}, ${by})`),
      ];
    }
    case 'debate.round': {
      const out = event.out.length === 0 ? '' : `; ${event.out.join(', ')} ${event.out.length > 1 ? 'sit' : 'sits'} out the next`;
      const answered = event.answers.filter(({ candidate }) => candidate !== undefined).length;
      return [line('news', event.step, `round ${event.round}: ${answered} of ${event.answers.length} answered${out}`)];
    }
    case 'debate.held': {
      const how = { passed: 'a change passes', agreed: 'more than two thirds agree', rounds: 'the rounds are over' }[event.ended];
      const shares = event.importance.map(({ agent, share }) => `${agent} ${englishNumbers.percent(share)}`).join(', ');
      return [line('news', event.step, `${how}; contributed: ${shares}`)];
    }
    case 'agent.replaced': {
      const what = { fails: 'failed', loops: 'goes in circles', silent: 'fell silent', format: 'gave nothing that could be read' }[
        event.trouble
      ];
      const now = {
        retry: 'it tries again',
        model: `${event.model} takes its part`,
        agent: `${event.with} takes its place`,
        drop: 'it is dropped, the others go on',
      }[event.by];
      return [line('warning', event.step, `${event.agent} ${what}: ${now}`)];
    }
    case 'run.replanned':
      return [
        line(
          'warning',
          'plan',
          `${event.failure === 'no candidate' ? 'no change came of it' : 'the tests still fail'}; making another plan (round ${event.round})`,
        ),
      ];
    default:
      return [];
  }
}

const nameColumns = 12;
function approvedBy({ by, below }: Extract<TraceEvent, { type: 'plan.approved' }>): string {
  if (below === undefined) return approver[by];
  return `${by === 'flag' ? '--approve-below' : approver[by]}: it is of one agent and costs at most ${englishNumbers.money(below)}`;
}

const approver = {
  user: 'you',
  flag: '--yes',
  setting: 'your settings',
  escalation: 'the escalation rule',
  replay: 'the recording',
  bench: 'the benchmark',
} as const;

/** `r1/code/2/1` → `code`, as far as a call's place names its step. */
const stepOf = (call: string): string => call.split('/').findLast((part) => /^[a-z]/.test(part) && !/^r\d+$/.test(part)) ?? call;

export const countsText = (counts: TestCounts): string =>
  `${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`;

export function deltaText(delta: TestDelta): string {
  const parts = [
    delta.fixed.length > 0 && `${delta.fixed.length} fixed`,
    delta.broken.length > 0 && `${delta.broken.length} broken`,
    delta.added.length > 0 && `${delta.added.length} new`,
    delta.missing.length > 0 && `${delta.missing.length} missing`,
    delta.newlySkipped.length > 0 && `${delta.newlySkipped.length} newly skipped`,
  ].filter((part) => part !== false);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** What came of a call so far. */
export interface Streamed {
  readonly characters: number;
  /** Before its first word, where its server tells. */
  readonly preparing?: Preparing;
}

/** The moving lines: who is at work on what, and the budget. `now` is ms since the epoch; `streamed` is by call. */
export function movingLines(state: RunState, streamed: ReadonlyMap<string, Streamed>, now: number, screen: Painter): string[] {
  const lines: string[] = [];
  const wheel = spinner[Math.floor(now / 200) % spinner.length] ?? '•';
  for (const { call, ...flight } of state.callsInFlight) {
    const { characters, preparing } = streamed.get(call) ?? { characters: 0 };
    const before = preparing === undefined ? 'reading' : `${preparing.doing}, ${englishNumbers.percent(preparing.share)}`;
    const doing = characters === 0 ? before : `writing, about ${englishNumbers.count(characters / 4)} tokens`;
    const text = `${pad(cut(oneLine(flight.agent), nameColumns), nameColumns)} ${oneLine(stepOf(call))} · ${oneLine(flight.model)} · ${doing} · ${englishNumbers.span(now - flight.at)}`;
    lines.push(`${screen.paint('cyan', wheel)} ${cut(text, screen.columns - 3)}`);
  }
  if (lines.length === 0) {
    const step = state.steps.findLast((one) => one.state === 'running');
    const doing = step !== undefined ? `${step.step} (${step.kind})` : phase(state);
    const since = step?.startedAt ?? state.updatedAt ?? now;
    lines.push(`${screen.paint('cyan', wheel)} ${cut(`${doing} · ${englishNumbers.span(now - since)}`, screen.columns - 3)}`);
  }
  const meter = budgetLine(state, now, screen);
  return meter === undefined ? lines : [...lines, meter];
}

function phase(state: RunState): string {
  if (state.snapshot === undefined) return 'copying the workspace';
  if (state.briefing === undefined) return 'running the tests as they are, and reading the workspace';
  if (state.plans.at(-1)?.approval !== 'approved') return 'designing the team';
  return 'working';
}

/** `tokens ██░░░░░░░░ 12.3k of 60k · calls 3 of 20 · $0 of $1 · 42 s of 15 min`. */
function budgetLine(state: RunState, now: number, screen: Painter): string | undefined {
  const budget = state.plans.at(-1)?.budget;
  if (budget === undefined || state.startedAt === undefined) return undefined;
  const used = state.spend.inputTokens + state.spend.outputTokens;
  const share = used / budget.tokens;
  const columns = 12;
  const look: Look = share > 0.9 ? 'red' : share > 0.7 ? 'yellow' : 'green';
  const rest = ` ${englishNumbers.count(used)} of ${englishNumbers.count(budget.tokens)} · calls ${state.spend.calls} of ${budget.calls} · ${englishNumbers.money(state.spend.usd)} of ${englishNumbers.money(budget.usd)} · ${englishNumbers.span(now - state.startedAt)} of ${englishNumbers.span(budget.seconds * 1000)}`;
  const room = screen.columns - 2 - 'tokens '.length - columns - 1;
  return `  ${screen.paint('dim', 'tokens')} ${screen.paint(look, bar(share, columns))}${screen.paint('dim', cut(rest, room))}`;
}

/** One line an agent for the end: `coder  3 calls  12.3k tokens  42 s  qwen2.5-coder-1.5b`. */
export function agentLines(state: RunState): string[] {
  const agents = Object.values(state.agents);
  const longest = Math.max(0, ...agents.map((agent) => Math.min(20, agent.name.length)));
  return agents.map((agent) => {
    const failed = agent.failedCalls === 0 ? '' : `, ${agent.failedCalls} failed`;
    const spent = `${padStart(englishNumbers.count(agent.inputTokens + agent.outputTokens), 6)} tokens  ${padStart(englishNumbers.span(agent.ms), 8)}`;
    return `${pad(oneLine(agent.name), longest)}  ${counted(agent.calls, 'call')}${failed}  ${spent}  ${agent.servedModels.map(oneLine).join(', ')}`.trimEnd();
  });
}
