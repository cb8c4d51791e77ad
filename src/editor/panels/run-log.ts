/** Events as lines of the log on the run page. Pure. */

import { looseRightText } from '../../plan/index.ts';
import { type EventType, noTests, type TraceEvent, toldTry } from '../../trace/events.ts';
import { badge, type Tone } from '../../trace/index.ts';
import type { RunModel } from '../../webviews/run-types.ts';
import { tell } from '../failure-table.ts';
import { skipWords } from './skip-words.ts';
import { count, money, percent, type Speech, span } from './words.ts';

type Line = RunModel['log'][number];
type Said = readonly [string, Line['tone']?] | undefined;
/** How the line of a run's end looks. */
const endTones: Readonly<Record<Tone, Line['tone']>> = { good: 'good', bad: 'bad', caution: 'warning', busy: 'plain', quiet: 'plain' };

type EventOfType<T extends EventType> = Extract<TraceEvent, { type: T }>;

/** The last lines of the log, at most so many, and how many events came before them. A long run has far more than anyone reads. */
export function logLines(events: readonly TraceEvent[], most: number, speech: Speech): Pick<RunModel, 'log' | 'logOmitted'> {
  const clock = new Intl.DateTimeFormat(speech.locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  const log: Line[] = [];
  let index = events.length;
  while (index > 0 && log.length < most) {
    index -= 1;
    const event = events[index] as TraceEvent;
    const say = lines[event.type] as ((event: TraceEvent, speech: Speech) => Said) | undefined;
    const said = say?.(event, speech);
    if (said) log.push({ seq: event.seq, time: clock.format(event.at), text: said[0], tone: said[1] ?? 'plain' });
  }
  return { log: log.reverse(), logOmitted: index };
}

const lines: { readonly [T in EventType]?: (event: EventOfType<T>, speech: Speech) => Said } = {
  'run.started': (_, { l10n }) => [l10n.t('The run started.')],
  'snapshot.taken': ({ leftOut }, { l10n }) => [
    leftOut.length === 0
      ? l10n.t('A copy of the workspace was taken.')
      : l10n.t('A copy of the workspace was taken; files left out: {0}.', leftOut.length),
  ],
  'briefing.done': ({ baseline }, { l10n }) => [
    baseline
      ? l10n.t('Briefing done: tests passed before {0}, failed {1}.', baseline.passed, baseline.failed)
      : l10n.t('Briefing done; there are no test results.'),
  ],
  'design.round': ({ designer, valid, problems }, { l10n }) =>
    valid ? [l10n.t('The designer "{0}" made a plan.', designer)] : [l10n.t('A design was not valid: {0}', problems[0] ?? '?'), 'warning'],
  'plan.proposed': ({ name, hash }, { l10n }) => [l10n.t('The plan "{0}" was proposed ({1}).', name, hash.slice(0, 8))],
  'plan.approved': ({ hash, by, below }, { l10n, locale }) => [
    below !== undefined
      ? l10n.t(
          'The plan {0} was approved without asking ({1}): it is of one agent and the run costs at most {2}.',
          hash.slice(0, 8),
          by === 'flag' ? '--approve-below' : l10n.t('your setting'),
          money(below, { l10n, locale }),
        )
      : by === 'user'
        ? l10n.t('You approved the plan {0}.', hash.slice(0, 8))
        : l10n.t('The plan {0} was approved ({1}).', hash.slice(0, 8), by),
  ],
  'plan.declined': ({ comment }, { l10n }) => [
    comment === '' ? l10n.t('The plan was declined.') : l10n.t('The plan was declined: {0}', comment),
  ],
  'step.started': ({ step, agent }, { l10n }) => [
    agent === undefined ? l10n.t('{0} began.', step) : l10n.t('{0} began ({1}).', step, agent),
  ],
  'step.done': ({ step, ms, skipped, failure }, { l10n, locale }) => {
    if (failure) return [l10n.t('{0} failed: {1}', step, tell({ l10n }, failure).message), 'bad'];
    if (skipped === noTests) return [l10n.t('{0} tested nothing: there are no tests.', step), 'warning'];
    if (skipped !== undefined) return [l10n.t('{0} was skipped: {1}', step, skipWords(skipped, l10n))];
    return [l10n.t('{0} is done after {1}.', step, span(ms, { l10n, locale }))];
  },
  'call.done': ({ agent, servedModel, usage, usd, ms }, speech) => [
    speech.l10n.t(
      '{0} got an answer of {1}: {2} tokens, {3}, {4}.',
      agent,
      servedModel,
      count(usage.inputTokens + usage.outputTokens, speech),
      money(usd, speech),
      span(ms, speech),
    ),
  ],
  'call.failed': ({ agent, failure, willRetry }, { l10n }) => {
    const { message } = tell({ l10n }, failure);
    return willRetry
      ? [l10n.t('A call of {0} failed and is tried again: {1}', agent, message), 'warning']
      : [l10n.t('A call of {0} failed: {1}', agent, message), 'bad'];
  },
  'tool.used': ({ agent, tool, ok }, { l10n }) => [
    ok ? l10n.t('{0} used {1}.', agent, tool) : l10n.t('{0} used {1} in vain.', agent, tool),
  ],
  'loop.found': ({ agent, detail }, { l10n }) => [l10n.t('{0} repeats itself: {1}', agent, detail), 'warning'],
  'places.ranked': ({ places }, { l10n }) => [
    l10n.t(
      'Suspicious places: {0}',
      places
        .slice(0, 3)
        .map(({ path, line }) => `${path}:${line}`)
        .join(', '),
    ),
  ],
  'place.tried': (event, { l10n }) => {
    const told = toldTry(event);
    if (told === undefined) return undefined;
    const { file, line } = event;
    const { isByModel, passed, failed } = told;
    return [
      isByModel
        ? l10n.t('{0}:{1} written anew: tests passed {2}, failed {3}.', file, line, passed, failed)
        : l10n.t('{0}:{1} changed a little: tests passed {2}, failed {3}.', file, line, passed, failed),
      failed === 0 ? 'good' : 'bad',
    ];
  },
  'candidate.made': ({ candidate, agent, changed }, { l10n }) => [l10n.t('{0} made {1}: {2}', agent, candidate, changed.join(', '))],
  'candidate.refused': ({ agent, reason }, { l10n }) => [l10n.t('A reply of {0} gave no candidate: {1}', agent, reason), 'warning'],
  'write.blocked': ({ agent, path, reason }, { l10n }) => [l10n.t('{0} may not write {1}: {2}', agent, path, reason), 'warning'],
  'server.started': ({ server, count: offered }, { l10n }) => [
    l10n.t('The server {0} was started; tools it offers: {1}.', server, offered),
  ],
  'server.failed': ({ failure }, { l10n }) => [tell({ l10n }, failure).message, 'bad'],
  'question.asked': ({ agent, question }, { l10n }) => [l10n.t('{0} asks: {1}', agent, question), 'warning'],
  'question.answered': ({ agent, answer, by }, { l10n }) => [
    by === 'nobody' || answer === undefined
      ? l10n.t('{0} goes on without an answer.', agent)
      : by === 'replay'
        ? l10n.t('{0} has the answer from before: {1}', agent, answer)
        : l10n.t('You answered {0}: {1}', agent, answer),
  ],
  'right.refused': ({ agent, what, right }, { l10n }) => [
    right === 'delegation'
      ? l10n.t('{0} does not begin: it would have a right that nobody gave it: {1}', agent, what)
      : l10n.t('{0} may not use {1}: the plan does not grant it.', agent, what),
    'warning',
  ],
  'right.loose': (event, { l10n }) => [looseRightText(event, l10n.t), 'warning'],
  'candidate.tested': ({ candidate, counts }, { l10n }) => [
    l10n.t('{0}: tests passed {1}, failed {2}.', candidate, counts.passed, counts.failed),
    counts.green ? 'good' : 'bad',
  ],
  'candidate.checked': ({ candidate, report }, { l10n }) =>
    report.available
      ? [
          report.ok ? l10n.t('{0}: {1} fine.', candidate, report.name) : l10n.t('{0}: {1} found something.', candidate, report.name),
          report.ok ? 'good' : 'bad',
        ]
      : undefined,
  'note.written': ({ agent, verdict }, { l10n }) => [
    verdict === 'none'
      ? l10n.t('{0} wrote a note.', agent)
      : verdict === 'approve'
        ? l10n.t('{0} approves.', agent)
        : l10n.t('{0} rejects.', agent),
    verdict === 'reject' ? 'bad' : verdict === 'approve' ? 'good' : 'plain',
  ],
  'candidates.selected': ({ kept, by }, { l10n }) => [l10n.t('Kept {0}, by {1}.', kept.join(', '), by)],
  'candidates.merged': ({ of: [first = '?', second = '?'], candidate, sameAs, conflicts: [conflict] }, { l10n }) => {
    if (conflict) return [l10n.t('{0} and {1} do not go together: {2}: {3}', first, second, conflict.path, conflict.detail), 'warning'];
    return [l10n.t('{0} and {1} together are {2}.', first, second, candidate ?? sameAs ?? '?')];
  },
  'candidates.told-apart': ({ inputs, classes }, { l10n }) => {
    const all = classes.reduce((sum, { votes }) => sum + votes, 0);
    const { votes = 0, candidates = [] } = classes[0] ?? {};
    if (classes.length === 1) return [l10n.t('All {0} replies answer {1} further inputs alike.', all, inputs.length)];
    return [
      l10n.t(
        'On {0} further inputs {1} of {2} replies answer alike: {3}. Ways to answer: {4}.',
        inputs.length,
        votes,
        all,
        candidates.join(', '),
        classes.length,
      ),
    ];
  },
  'candidate.drawn': ({ candidate, arms }, speech) => [
    speech.l10n.t(
      '{0} is improved next, drawn from {1} candidates: of the tests asked for it passes {2}; tries that gained nothing: {3}.',
      candidate,
      arms.length,
      percent(arms[0]?.share ?? 0, speech),
      arms[0]?.fails ?? 0,
    ),
  ],
  'part.asked': ({ part, file, line }, { l10n }) => [l10n.t('Asks for {0} alone ({1}:{2}).', part, file, line)],
  'vote.cast': ({ flag }, { l10n }) =>
    flag === undefined
      ? undefined
      : [
          {
            'too-long': l10n.t('A reply has no vote: it is too long.'),
            'not-exact': l10n.t('A reply has no vote: it is not exactly in the form asked for.'),
            failed: l10n.t('A reply has no vote: the call failed.'),
          }[flag],
          'warning',
        ],
  'vote.held': ({ ended, accuracy, lead = 0, answers }, speech) => {
    const { l10n } = speech;
    const right = percent(accuracy, speech);
    if (ended === 'refused')
      return [l10n.t('No vote: right replies are {0}, which is not more than half. Select by behaviour instead.', right), 'warning'];
    const votes = answers.map((one) => one.votes).join(' : ');
    if (ended === 'undecided') return [l10n.t('No answer is ahead by {0}. Votes: {1}.', lead, votes || '0'), 'warning'];
    return [
      l10n.t('Agreed on {0}. Votes: {1}; needed a lead of {2}, as right replies are {3}.', answers[0]?.answer ?? '?', votes, lead, right),
    ];
  },
  'debate.round': ({ round, answers, out }, { l10n }) => {
    const answered = answers.filter(({ candidate }) => candidate !== undefined).length;
    if (out.length === 0) return [l10n.t('Round {0}: {1} of {2} agents answered.', round, answered, answers.length)];
    return [l10n.t('Round {0}: {1} of {2} agents answered. Not in the next: {3}.', round, answered, answers.length, out.join(', '))];
  },
  'debate.held': ({ ended, importance }, speech) => {
    const { l10n } = speech;
    const shares = importance.map(({ agent, share }) => `${agent} ${percent(share, speech)}`).join(', ');
    return [
      {
        passed: l10n.t('The debate ends: a change passes. Contributed: {0}.', shares),
        agreed: l10n.t('The debate ends: more than two thirds of the agents agree. Contributed: {0}.', shares),
        rounds: l10n.t('The debate ends: its rounds are over. Contributed: {0}.', shares),
      }[ended],
    ];
  },
  'agent.replaced': ({ agent, trouble, by, with: other = '?', model = '?' }, { l10n }) => {
    const what = {
      fails: l10n.t('{0} failed', agent),
      loops: l10n.t('{0} goes in circles', agent),
      silent: l10n.t('{0} fell silent', agent),
      format: l10n.t('{0} gave nothing that could be read', agent),
    }[trouble];
    const now = {
      retry: l10n.t('it tries again.'),
      model: l10n.t('{0} takes its part.', model),
      agent: l10n.t('{0} takes its place.', other),
      drop: l10n.t('it is dropped, and the others go on.'),
    }[by];
    return [l10n.t('{0}: {1}', what, now), 'warning'];
  },
  'run.replanned': ({ failure }, { l10n }) => [l10n.t('A new plan is needed: {0}', failure), 'warning'],
  'run.finished': ({ outcome, failure }, { l10n }) => [
    failure ? l10n.t('The run ended: {0}', tell({ l10n }, failure).message) : l10n.t('The run ended.'),
    endTones[badge(outcome).tone],
  ],
  'control.used': ({ action, text, step, agent }, { l10n }) => {
    if (action === 'pause') return [l10n.t('You paused the run.')];
    if (action === 'continue') return [l10n.t('You let the run go on.')];
    if (action === 'skip') return [l10n.t('You skipped {0}.', step ?? '?')];
    if (action === 'hint') return [l10n.t('You told {0}: {1}', agent ?? l10n.t('all agents'), text ?? '')];
    return [l10n.t('You raised the budget.')];
  },
  'run.continued': ({ as }, { l10n }) => [l10n.t('Run {0} goes on from this one.', as)],
  'diff.applied': ({ applied, conflicts }, { l10n }) => {
    if (applied.length === 0) {
      return conflicts.length === 0
        ? [l10n.t('The workspace has this change already; nothing was written.')]
        : [l10n.t('The change was not applied: you have changed the same lines of {0}.', conflicts.join(', ')), 'warning'];
    }
    return conflicts.length === 0
      ? [l10n.t('The change was applied; files: {0}.', applied.length), 'good']
      : [l10n.t('The change was applied; files: {0}, with conflicts: {1}.', applied.length, conflicts.length), 'warning'];
  },
  'part.tested': ({ hunks, of, counts, judgement }, { l10n }) => [
    l10n.t('Of what you accepted ({0} of {1} hunks): tests passed {2}, failed {3}.', hunks.length, of, counts.passed, counts.failed),
    judgement.state === 'solved' ? 'good' : judgement.state === 'red' ? 'bad' : 'warning',
  ],
  'diff.undone': ({ restored, conflicts }, { l10n }) =>
    conflicts.length === 0
      ? [l10n.t('The change was undone; files: {0}.', restored.length)]
      : [l10n.t('Nothing was taken back: these have changed since: {0}.', conflicts.join(', ')), 'warning'],
  'verdict.given': ({ decision, reason }, { l10n }) => {
    const words = {
      accepted: l10n.t('You accepted the change.'),
      'partly-accepted': l10n.t('You accepted part of the change.'),
      rejected: l10n.t('You rejected the change.'),
      'sent-back': l10n.t('You sent the change back.'),
    };
    return [reason === '' ? words[decision] : `${words[decision]} ${reason}`, decision === 'rejected' ? 'bad' : 'plain'];
  },
  'survival.measured': ({ fourGram }, speech) => [speech.l10n.t('{0} of the accepted text is still there.', percent(fourGram, speech))],
};
