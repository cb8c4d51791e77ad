/**
 * What the editor says of each failure of the core, in the user's language: a sentence, a next step in VS Code's words, and the buttons that do
 * it. A new code does not compile without its entry.
 */
import type * as vscode from 'vscode';
import { knownFailure } from '../error-facts.ts';
import { byWhy, type ErrorCode, type Facts, failureOf, type RecordedFailure } from '../errors.ts';
import type { Button, FailureWords, ToldFailure } from './failure-words-types.ts';
import { modelFailures } from './models/failure-table.ts';
import { EditorFailure } from './own-failures.ts';
import { keptProblemText } from './panels/problem-words.ts';

type Translate = typeof vscode.l10n.t;
interface Api {
  readonly l10n: Pick<typeof vscode.l10n, 't'>;
}

const settings = (title: string, query: string): readonly Button[] => [
  { title, command: 'workbench.action.openSettings', argument: query },
];
const setBudget = (t: Translate): readonly Button[] => settings(t('Set Budget'), 'teamwright.budget');
const openData = (t: Translate): readonly Button[] => [{ title: t('Open Data Folder'), command: 'teamwright.openDataFolder' }];

/** Only the command line meets these. */
const english = (_facts: unknown, _t: Translate, sentence: string): ToldFailure => ({ message: sentence });

const table: FailureWords<ErrorCode> = {
  ...modelFailures,

  'request-invalid': (facts, t) => {
    const sayIt = t('Say in one sentence what should change, for example: "make the failing test pass".');
    return byWhy(facts, {
      'not-text': { message: t('The request is not a text.'), next: sayIt },
      empty: { message: t('The request is empty.'), next: sayIt },
      'too-long': ({ characters, most }) => ({
        message: t('The request has {0} characters; at most {1} are taken.', characters, most),
        next: t('Shorten it, and name files instead of pasting them: they are read from the workspace.'),
      }),
      'control-character': ({ character, position }) => ({
        message: t('The request holds a control character ({0}) at position {1}.', character, position),
        next: t('Remove it, or paste the text as plain text.'),
      }),
      outside: ({ path }) => ({
        message: t('The path "{0}" is not inside the workspace.', path),
        next: t('Name the file relative to the top of the workspace.'),
      }),
      shape: ({ problem }) => ({ message: t('The request is not understood: {0}', problem) }),
    });
  },
  'file-unusable': ({ path }, t) => ({
    message: t('"{0}" cannot be changed: it cannot be told in which encoding it is, and what stands in it might be damaged.', path),
    next: t(
      'Nothing was paid for. Save the file with encoding UTF-8, or name its encoding in one of its first lines (as in "coding: windows-1253").',
    ),
  }),
  'image-unusable': (facts, t) => {
    const another = t('Nothing was paid for. Save it as PNG or JPEG, or leave it out.');
    const smaller = t('Nothing was paid for. Make it smaller, or cut out what matters.');
    const megabytes = (bytes: number): number => Math.ceil(bytes / 1e6);
    return byWhy(facts, {
      kind: ({ name }) => ({ message: t('{0} is no picture of a kind that models take (PNG, JPEG, WebP, GIF).', name), next: another }),
      broken: ({ name }) => ({
        message: t('The picture {0} is damaged: it has no end, or does not say how large it is.', name),
        next: another,
      }),
      unreadable: ({ name, detail }) => ({ message: t('The picture {0} cannot be read: {1}.', name, detail), next: another }),
      'too-large': ({ name, bytes, most }) => ({
        message: t('The picture {0} has {1} MB; at most {2} MB are taken.', name, megabytes(bytes), megabytes(most)),
        next: smaller,
      }),
      'too-wide': ({ name, width, height, most }) => ({
        message: t('The picture {0} has {1} × {2} pixels; at most {3} are taken on a side.', name, width, height, most),
        next: smaller,
      }),
      'too-many': ({ count, most }) => ({
        message: t('The request has {0} pictures; at most {1} are taken.', count, most),
        next: t('Leave out those that matter least.'),
      }),
      gone: ({ name }) => ({
        message: t('The picture {0} is not at hand any more.', name),
        next: t('Take it away, or add it once more.'),
      }),
    });
  },
  'designer-unknown': ({ name }, t) => ({
    message: t('There is no designer "{0}".', name),
    next: t('Choose another one in the settings.'),
    buttons: settings(t('Open Settings'), 'teamwright.designer'),
  }),
  'plan-invalid': ({ name, problems: [first, ...others] }, t) => {
    const problem = first === undefined ? '' : keptProblemText(first, { t });
    const more = others.length === 0 ? '' : ` ${t('(and {0} more)', others.length)}`;
    return {
      message: `${name === undefined ? t('The plan is not valid: {0}', problem) : t('The plan "{0}" is not valid: {1}', name, problem)}${more}`,
      next: t('Open the plan to see every problem at its line.'),
    };
  },
  'plan-unreadable': ({ file, detail }, t) => ({
    message: t('The plan {0} cannot be read: {1}.', file, detail),
    next: t('Check the file, or choose another plan.'),
  }),
  'no-plan': ({ outcome }, t) => ({
    message: t('No plan was made: {0}.', outcome),
    next: t('Choose another designer in the settings.'),
    buttons: settings(t('Open Settings'), 'teamwright.designer'),
  }),
  'approval-stale': ({ seen, now }, t) => ({
    message: t('The approval is for plan {0}, and the plan is {1} now.', seen.slice(0, 12), now.slice(0, 12)),
    next: t('Look at the plan as it is now and approve that.'),
  }),
  'bad-settings': ({ file, problems }, t) => {
    const told = problems.map(({ field, message }) => [field, lowerFirst(message)].filter(Boolean).join(' ')).join('; ');
    return file === undefined
      ? {
          message: t('The settings cannot be used: {0}.', told),
          next: t('Correct the setting and try again. Nothing was started.'),
          buttons: settings(t('Open Settings'), '@ext:teamwright.teamwright'),
        }
      : {
          message: t('The settings in {0} cannot be used: {1}.', file, told),
          next: t('Correct the file, or move it away to go on without it. It was not changed.'),
          buttons: openData(t),
        };
  },
  'bad-variable': ({ variable, value, wanted }, t) => ({
    message:
      wanted === 'path'
        ? t('The variable {0} is "{1}", which is not an absolute path.', variable, value)
        : t('The variable {0} is "{1}", which is no address.', variable, value),
    next: t('Correct it in the environment of VS Code, or unset it, and start VS Code again.'),
  }),
  'key-file-unsafe': (facts, t) => {
    const { path } = facts;
    return byWhy<typeof facts, ToldFailure>(facts, {
      unreadable: ({ detail = '' }) => ({
        message: t('The key file {0} cannot be read: {1}.', path, detail),
        next: t('Check the path and its permissions.'),
      }),
      'in-workspace': {
        message: t('The key file {0} is not used: it lies in the workspace, where agents and commits would see it.', path),
        next: t('Move it to your home folder.'),
      },
      'open-to-all': {
        message: t('The key file {0} is not used: every user of this machine can read or change it.', path),
        next: t('Close it to others: chmod 600 {0}', path),
      },
      'not-json': {
        message: t('The key file {0} is not used: it is not JSON of the form {1}.', path, '{"keys": {"host": "key"}}'),
        next: t('Correct the file.'),
      },
    });
  },

  'run-unknown': ({ runId }, t) => ({
    message: t('There is no run "{0}".', runId),
    next: t('It may have been deleted. The Teamwright view shows the runs there are.'),
  }),
  'run-id-invalid': ({ runId }, t) => ({ message: t('"{0}" is not the id of a run.', runId) }),
  'run-ambiguous': ({ runId, matches }, t) => ({ message: t('"{0}" is the beginning of {1} ids of runs.', runId, matches.length) }),
  'run-busy': ({ runId, pid }, t) => ({
    message: t('The run "{0}" is in use by process {1}.', runId, pid),
    next: t('Wait until it has ended, or stop that process.'),
  }),
  'not-continuable': (facts, t) => {
    const { runId } = facts;
    const again = t('Ask anew: “Teamwright: New Request…”.');
    return byWhy<typeof facts, ToldFailure>(facts, {
      'no-request': { message: t('The run {0} cannot be resumed: its trace does not say what was asked.', runId), next: again },
      'not-begun': { message: t('The run {0} cannot be resumed: it was cut short before it had begun.', runId), next: again },
      'not-ended': { message: t('Nothing can follow the run {0}: it has not ended.', runId), next: t('Resume it first.') },
      ended: ({ outcome }) =>
        outcome === 'budget'
          ? {
              message: t('The run {0} cannot be resumed: its budget ran out.', runId),
              next: t('Ask again with a larger budget.'),
              buttons: setBudget(t),
            }
          : { message: t('The run {0} cannot be resumed: it has ended.', runId), next: t('Ask for a follow-up instead.') },
      resumed: ({ as }) => ({ message: t('The run {0} was resumed as {1} already.', runId, as), next: t('Resume that one.') }),
      'other-model': ({ began, now }) => ({
        message: t('The run {0} cannot be resumed: it was begun with the model {1}, and the model is {2} now.', runId, began, now),
        next: t('Choose the same model, or ask again with the other one.'),
        buttons: [{ title: t('Choose Models…'), command: 'teamwright.models.choose' }],
      }),
      'other-workspace': ({ workspace }) => ({
        message: t('Nothing can follow the run {0} here: it ran on {1}.', runId, workspace),
        next: t('Open that folder and try again.'),
      }),
      'no-change': { message: t('Nothing can follow the run {0}: it ended without a change.', runId), next: again },
      'no-candidate': ({ candidate }) => ({
        message: t('Nothing can follow the candidate {0}: the run {1} has none of this name.', candidate, runId),
        next: again,
      }),
      'record-changed': {
        message: t('Nothing can go on from the run {0}: its record was changed after it was written.', runId),
        next: again,
      },
    });
  },
  'not-applicable': (facts, t) => {
    const { runId } = facts;
    const asBefore = t('Your files are as they were before.');
    return byWhy<typeof facts, ToldFailure>(facts, {
      'no-snapshot': { message: t('There is nothing to apply in the run {0}: it never got as far as a snapshot.', runId) },
      'not-ended': { message: t('There is nothing to apply in the run {0}: it did not finish.', runId) },
      'no-change': { message: t('There is nothing to apply in the run {0}: it ended without a change.', runId) },
      'no-hunk': { message: t('There is nothing to apply: no hunk was accepted.') },
      'not-applied': { message: t('There is nothing to undo: no change of the run {0} was applied.', runId) },
      'record-changed': { message: t('Not applied: the record of the run {0} was changed after it was written.', runId), next: asBefore },
      'not-as-shown': {
        message: t('Not applied: the candidate of the run {0} is not the one that was shown.', runId),
        next: t('Open the diff again.'),
      },
      'not-as-tested': { message: t('Not applied: the candidate of the run {0} is not the one that was tested.', runId), next: asBefore },
    });
  },
  'candidate-unknown': ({ runId, candidate, known }, t) => ({
    message: t('The run {0} has no candidate {1}.', runId, candidate),
    next: known.length === 0 ? t('It made none.') : t('There are these: {0}.', known.join(', ')),
  }),
  'hunk-unknown': ({ hunk }, t) => ({
    message: t('The hunk {0} is not part of this diff.', hunk),
    next: t('Open the diff again; it shows the hunks there are.'),
  }),
  'not-replayable': english,
  'not-gradable': english,
  'replay-diverged': ({ model }, t) => ({
    message: t('The replay asked {0} something that was not asked in the recorded run.', model),
    next: t('The trace can be read all the same.'),
  }),

  'budget-exceeded': (facts, t) => ({
    message:
      'plan' in facts
        ? t(
            'The plan "{0}" does not fit the budget: {1}',
            facts.plan,
            facts.problems.map((problem) => keptProblemText({ ...problem, path: '' }, { t })).join(' '),
          )
        : t('The budget ({0}: {1}) does not allow the next call: it would reach {2}.', limitWord(facts.name, t), facts.limit, facts.needed),
    next: t('Raise the budget, or choose a smaller team.'),
    buttons: setBudget(t),
  }),
  'run-ended-early': (facts, t) => ({
    message: endedEarly(facts, t),
    next: t('What was best until then is handed over. The limits stand in the plan, under what it ends early after.'),
  }),
  stopped: (facts, t) => ({
    message:
      'step' in facts
        ? t('You skipped the step {0}.', facts.step)
        : facts.by === 'the user'
          ? t('You stopped it.')
          : t('It was stopped by {0}.', facts.by),
  }),

  'workspace-unusable': (facts, t) => {
    const { workspace } = facts;
    const open = t('Open the folder of your project.');
    return byWhy(facts, {
      absent: { message: t('There is no folder {0}.', workspace), next: open },
      'not-a-folder': { message: t('{0} is not a folder.', workspace), next: open },
      unreadable: ({ detail = '' }) => ({ message: t('The folder {0} cannot be read: {1}.', workspace, detail), next: open }),
      'bare-repository': { message: t('{0} is a bare repository, or the inside of a .git folder.', workspace), next: open },
      'many-repositories': { message: t('{0} holds many repositories and is none itself.', workspace), next: open },
      'snapshot-gone': {
        message: t('The files of {0} as they were then are not kept any more.', workspace),
        next: t('Choose a run whose trace and snapshot are still there.'),
      },
    });
  },
  'git-missing': (_facts, t) => ({
    message: t('The program git was not found.'),
    next: t('Install git and make sure that it is on the PATH.'),
  }),
  'git-failed': ({ command, said, where }, t) => ({
    message: t('git {0} failed in {1}: {2}', command, where, said.trim().slice(0, 500)),
    next: t('Check the repository with git status and git fsck. The workspace was not changed.'),
  }),
  'copy-not-isolated': ({ copy, detail }, t) => ({
    message: t('The workspace copy {0} is not safely apart from the workspace: {1}.', copy, detail),
    next: t('Nothing was run in it. Let TEAMWRIGHT_DATA name a folder outside the workspace, without symbolic links into it.'),
  }),
  'data-folder-not-apart': ({ dataDir, workspace, why }, t) => ({
    message:
      why === 'inside'
        ? t('The data folder {0} lies inside the workspace {1} or its repository.', dataDir, workspace)
        : t('The workspace {1} lies inside the data folder {0}.', dataDir, workspace),
    next: t('Let TEAMWRIGHT_DATA name a folder outside the project. Nothing was written.'),
  }),
  'data-folder-unusable': (facts, t) => {
    const { dataDir } = facts;
    const why = byWhy(facts, {
      'not-writable': t('it may not be written'),
      'read-only': t('its disk is read-only'),
      'file-in-the-way': t('a file stands in its way'),
      'not-a-folder': t('something else than a folder stands in its place'),
      'not-to-be-made': t('no folder can be made there'),
      'of-another-user': t('it belongs to another user'),
      'link-of-another-user': t('it is a link that another user made'),
      shared: t('everybody has files in it'),
      other: ({ detail }) => detail,
    });
    return {
      message: t('The data folder {0} cannot be used: {1}.', dataDir, why),
      next: t('Check the folder and its permissions, or let TEAMWRIGHT_DATA name another one.'),
    };
  },
  'path-escapes': ({ path, detail }, t) => ({
    message: t('The path "{0}" is refused: {1}.', path, detail),
    next: t('Only files inside the workspace, without symbolic links on the way, are touched.'),
  }),
  'temporary-folder-unusable': (facts, t) => ({
    message: t(
      'The temporary folder {0} cannot be used: {1}.',
      facts.folder,
      byWhy(facts, {
        absent: t('it is not there'),
        'not-a-folder': t('it is not a folder'),
        'not-writable': t('it may not be written'),
        'read-only': t('its disk is read-only'),
        full: t('its disk is full'),
        'no-programs': t('no program may be started from there, which the tests need'),
        other: ({ detail }) => detail,
      }),
    ),
    next: t('Make it usable or make more room there, or let TMPDIR (on Windows TEMP) name another folder and restart VS Code.'),
  }),
  'disk-full': ({ path, needed, free }, t) => ({
    message:
      needed === undefined || free === undefined
        ? t('The disk that holds {0} is full.', path)
        : t('Setting up needs {0} MB in {1}, and {2} MB are free.', Math.ceil(needed / 1e6), path, Math.floor(free / 1e6)),
    next: t('What was written before is kept. Free some space and try again.'),
    buttons: openData(t),
  }),
  'fence-missing': ({ reason }, t) => ({
    message: t('Tests cannot be kept apart from your files here: {0}.', reason),
    next: t('Nothing was run. The setting switches the fence off.'),
    buttons: settings(t('Open Settings'), 'teamwright.fence'),
  }),
  'server-failed': ({ server, why, detail }, t) => ({
    message:
      why === 'not-configured'
        ? t('The plan names the server "{0}", which your settings do not have.', server)
        : why === 'ended'
          ? t('The server "{0}" has ended: {1}', server, detail)
          : t('The server "{0}" could not be started: {1}', server, detail),
    next: t('Look at its command in the settings, or take it out of the plan.'),
    buttons: settings(t('Open Settings'), 'teamwright.mcp.servers'),
  }),
  'command-not-found': ({ display, detail }, t) => ({
    message: t('The tests ({0}) could not be started: {1}', display, detail),
    next: t('Install what the tests need, or name another command. Without tests nothing can judge a change.'),
    buttons: settings(t('Set Test Command'), 'teamwright.test.command'),
  }),
  'apply-conflict': ({ detail }, t) => ({
    message: t('The change could not be written: {0}.', detail),
    next: t('All files are as they were before. Solve the cause and apply again.'),
  }),
  'trace-unreadable': ({ path, detail }, t) => ({
    message: t('The trace {0} could not be read: {1}.', path, detail),
    next: t('Nothing was changed. If the file is damaged, delete the run.'),
  }),
  'trace-unwritable': ({ path, detail }, t) => ({
    message: t('The trace {0} could not be written: {1}.', path, detail),
    next: t('Check the folder and its permissions, or let TEAMWRIGHT_DATA name another one.'),
    buttons: openData(t),
  }),
  'index-unusable': ({ file, detail }, t) => ({
    message: t('The index of runs {0} cannot be used: {1}.', file, detail),
    next: t('It is only a cache: delete the file, and it is made again from the traces.'),
    buttons: openData(t),
  }),
  internal: ({ detail }, t) => ({
    message: t('Something went wrong inside Teamwright: {0}', detail),
    next: t('“Teamwright: Copy Diagnostics” gathers what helps to find it.'),
  }),

  'nothing-to-export': ({ total, wanted }, t) => ({
    message:
      total === 0
        ? t('There are no runs to export yet.')
        : wanted.length === 0
          ? t('None of the runs on this machine has ended.')
          : t('No run on this machine fits: {0}.', wanted.join(', ')),
    ...(total > 0 && wanted.length > 0 && { next: t('Export without narrowing it down.') }),
  }),
  'export-unusable': (facts, t) => {
    const { path } = facts;
    return {
      message: byWhy(facts, {
        'there-already': t('{0} is there already.', path),
        'cut-short': t('An export to {0} was cut short.', path),
        'other-settings': t('The export to {0} was begun with other settings.', path),
        'not-ours': t('{0} is not the progress of an export.', path),
      }),
      next: t('Export into another folder, or delete what is there.'),
    };
  },
  'export-failed': ({ where, detail }, t) => ({
    message: t('The export to {0} came to a halt: {1}.', where, detail),
    next: t('Solve the cause and export to the same place again: nothing is lost and nothing is written twice.'),
  }),
  'address-invalid': (facts, t) => {
    const { address, of } = facts;
    return {
      message: byWhy(facts, {
        'no-address': t('"{0}" is not an address.', address),
        'no-http': t('"{0}" is no HTTP address.', address),
        'no-https': t('{0} is not reached by https.', address),
        login: t('The address holds a login.'),
        query: t('The address holds a query.'),
        'data-set': t('"{0}" is not the name of a data set.', address),
      }),
      next:
        facts.why === 'login'
          ? t('Leave it out; you are asked for a token.')
          : of === 'spans'
            ? t('Write it like {0}.', 'http://127.0.0.1:4318/v1/traces')
            : of === 'hub'
              ? t('Set HF_ENDPOINT to an https address, or unset it.')
              : t('Write hf:USER/DATASET, or an https address.'),
    };
  },
  'payload-broken': (facts, t) =>
    byWhy(facts, {
      empty: { message: t('Nothing is left to send.'), next: t('Close the document, or undo the change.') },
      'not-json': ({ line }) => ({
        message: t('Line {0} is no JSON any more.', line),
        next: t('Undo that change, or take the whole line out.'),
      }),
      'not-yaml': ({ line }) => ({
        message: t('Line {0} cannot be read as YAML any more.', line),
        next: t('Undo that change, or take the whole entry out.'),
      }),
    }),
  'shared-item-unknown': ({ id, matches }, t) => ({
    message: matches === 0 ? t('Nothing called "{0}" was queued or shared.', id) : t('"{0}" is the beginning of {1} ids.', id, matches),
  }),
  'nothing-to-share': (facts, t) =>
    byWhy(facts, {
      empty: { message: t('The run {0} holds nothing to share.', facts.runId) },
      'record-changed': { message: t('Nothing of the run {0} is shared: its record was changed after it was written.', facts.runId) },
    }),
  'sharing-off': ({ workspace, against }, t) => ({
    message: t('Nothing was sent from {0}. {1}', workspace, against),
    next: t('Sharing needs your word for this folder and no switch against it.'),
  }),

  'task-invalid': english,
  'bench-unusable': english,
  'queue-unusable': english,
};

function endedEarly(facts: Facts['run-ended-early'], t: Translate): string {
  const { limit } = facts;
  if (facts.trigger === 'breaches')
    return t('The run ended early, as its plan says: agents reached {0} times for what they may not use or write.', limit);
  if (facts.trigger === 'tokens')
    return t('The run ended early, as its plan says: {0} tokens brought no candidate that passes more tests.', limit);
  const words = {
    fails: t('calls that failed'),
    loops: t('agents in circles'),
    silent: t('models that fell silent'),
    format: t('replies that could not be read'),
  };
  return t('The run ended early, as its plan says: {0} failures of one kind in a row ({1}).', limit, words[facts.trouble]);
}

function limitWord(name: 'tokens' | 'usd' | 'seconds' | 'calls' | 'agents' | 'depth', t: Translate): string {
  return { tokens: t('tokens'), usd: 'USD', seconds: t('seconds'), calls: t('calls'), agents: t('agents'), depth: t('depth') }[name];
}

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);

/** What to say of a failure, live or from a trace. One whose facts are not known is told as its program told it. Pure. */
export function tell({ l10n }: Api, failure: RecordedFailure): ToldFailure {
  const known = knownFailure(failure);
  if (known === undefined) return { message: failure.message, next: failure.next };
  const words = table[known.code] as FailureWords<ErrorCode>[ErrorCode] as (facts: unknown, t: Translate, sentence: string) => ToldFailure;
  return words(known.facts, l10n.t, failure.message);
}

/** What to say of whatever was thrown. */
export const tellError = (api: Api, error: unknown): ToldFailure =>
  error instanceof EditorFailure ? error.told : tell(api, failureOf(error));

/** Both sentences in one. */
export function tellAll(api: Api, failure: RecordedFailure | Error): string {
  const { message, next } = failure instanceof Error ? tellError(api, failure) : tell(api, failure);
  return [message, next].filter(Boolean).join(' ');
}
