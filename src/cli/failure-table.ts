/**
 * What the command line says of each failure of the core: the next step in its own words, the exit code, and a sentence of its own where the
 * core's is not enough. A new code does not compile without its entry.
 */
import { knownFailure } from '../error-facts.ts';
import { byWhy, type ErrorCode, type Facts, type RecordedFailure } from '../errors.ts';
import { modelForms } from '../model-choice/index.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';

type Words<F> = string | ((facts: F) => string);

interface Entry<F> {
  readonly exit: ExitCode;
  readonly next: Words<F>;
  /** In place of the core's sentence. */
  readonly message?: (facts: F) => string;
}

const { badUse, budget, stopped, environment } = exitCodes;

const start = 'Start one: teamwright run "make the failing test pass".';
const listRuns = '`teamwright runs list` shows the runs.';
const checkServerLog = 'Run again; if it stays, look at the log of the server.';
const smallerRequest = 'Name fewer files in the request, start the server with a larger context, or choose a model with a larger one.';
const said = (facts: Facts['model-name-invalid'], rest: string): string => `${optionOf(facts.from)} ${rest}`;

/** How the user named the model. */
function optionOf(from: Facts['model-name-invalid']['from']): string {
  switch (from.by) {
    case 'user':
      return from.tier === 'strong' ? '--strong' : '--model';
    case 'settings':
      return `models.${from.tier}${from.file === undefined ? '' : ` in ${from.file}`}`;
    case 'environment':
      return from.variable;
  }
}

const table: { readonly [C in ErrorCode]: Entry<Facts[C]> } = {
  'request-invalid': {
    exit: badUse,
    next: (facts) => {
      const sayIt = 'Say in one sentence what should change, for example: "make the failing test pass".';
      return byWhy(facts, {
        'not-text': sayIt,
        empty: sayIt,
        'too-long': 'Shorten it, and name files instead of pasting them: they are read from the workspace.',
        'control-character': 'Remove it, or paste the text as plain text.',
        outside: 'Name the file relative to the top of the workspace.',
        shape: 'Correct the named field.',
      });
    },
  },
  'file-unusable': {
    exit: badUse,
    next: 'Nothing was paid for. Save the file as UTF-8, or name its encoding in one of its first lines (as in "coding: windows-1253").',
  },
  'image-unusable': {
    exit: badUse,
    next: (facts) => {
      const another = 'Nothing was paid for. Save it as PNG or JPEG, or leave it out.';
      return byWhy(facts, {
        kind: another,
        broken: another,
        unreadable: 'Check the name: --image FILE is relative to the current folder.',
        'too-large': 'Nothing was paid for. Make it smaller, or cut out what matters.',
        'too-wide': 'Nothing was paid for. Make it smaller, or cut out what matters.',
        'too-many': 'Leave out those that matter least.',
        gone: 'Name it once more with --image FILE.',
      });
    },
  },
  'designer-unknown': { exit: badUse, next: ({ known }) => `Choose one of ${known.join(', ')}, or name a plan: FILE.team.yaml.` },
  'plan-invalid': { exit: badUse, next: '`teamwright plan check FILE` lists every problem with its line.' },
  'plan-unreadable': { exit: badUse, next: 'Check the name; `teamwright plan "…" --out FILE` writes a plan.' },
  'no-plan': { exit: environment, next: 'Try another designer, for example --designer library.' },
  'approval-stale': { exit: badUse, next: 'Look at the plan as it is now and approve that.' },
  'bad-settings': { exit: badUse, next: 'Correct the file, or move it away to go on with the defaults. It was not changed.' },
  'bad-variable': {
    exit: badUse,
    next: ({ wanted }) =>
      wanted === 'path' ? 'Set it to a full path, or unset it.' : 'Set it like http://127.0.0.1:8080/v1, or unset it.',
  },
  'key-file-unsafe': {
    exit: badUse,
    next: (facts) =>
      byWhy(facts, {
        unreadable: 'Check the path and its permissions.',
        'in-workspace': 'Move it to your home folder.',
        'open-to-all': ({ path }) => `Run: chmod 600 ${path}`,
        'not-json': 'Correct the file.',
      }),
  },

  'run-unknown': { exit: badUse, next: '`teamwright runs list` shows the runs of this machine.' },
  'run-id-invalid': { exit: badUse, next: '`teamwright runs list` shows the ids.' },
  'run-ambiguous': { exit: badUse, next: ({ matches }) => `Give more of it: ${matches.slice(0, 3).join(', ')} …` },
  'run-busy': { exit: badUse, next: 'Wait until it has ended, or stop that process.' },
  'not-continuable': {
    exit: badUse,
    next: (facts) =>
      byWhy(facts, {
        'no-request': 'Ask again: teamwright run "…".',
        'not-begun': 'Ask again: teamwright run "…" --after RUN.',
        'not-ended': ({ runId }) => `Resume it first: teamwright runs resume ${runId}.`,
        ended: ({ runId, outcome }) =>
          outcome === 'budget' ? 'Ask again with a larger budget.' : `Give it new remarks instead: teamwright run "…" --after ${runId}.`,
        resumed: ({ as }) => `Resume that one: teamwright runs resume ${as}.`,
        'other-model': 'Choose the same model: --model or, for the tier "strong", --strong. Or ask again with the other one.',
        'other-workspace': 'Name that folder with --workspace, or ask again without --after.',
        'no-change': 'Ask again without --after.',
        'no-candidate': 'Ask again without --after.',
        'record-changed':
          'Ask again: teamwright run "…". What this run says may not be what happened; `teamwright runs show` names the places.',
      }),
  },
  'not-applicable': {
    exit: badUse,
    next: (facts) =>
      ['record-changed', 'not-as-shown', 'not-as-tested'].includes(facts.why)
        ? `Your files are as they were. If you trust what it holds: teamwright runs diff ${facts.runId} | git apply --3way`
        : '`teamwright runs list` shows the runs that have a change.',
  },
  'candidate-unknown': {
    exit: badUse,
    next: ({ known }) => (known.length === 0 ? 'It made none; `teamwright runs show` says why.' : `It has these: ${known.join(', ')}.`),
  },
  'hunk-unknown': { exit: badUse, next: 'Open the diff again; it shows the hunks there are.' },
  'not-replayable': {
    exit: badUse,
    next: (facts) =>
      byWhy(facts, {
        incomplete: 'Only runs that finished can be replayed; `teamwright runs show` tells how it ended.',
        'record-changed': 'What this run says may not be what happened; `teamwright runs show` names the places.',
      }),
  },
  'not-gradable': {
    exit: environment,
    next: 'Grade on another run, or solve the cause; `teamwright runs show` tells what the run was like.',
  },
  'replay-diverged': {
    exit: environment,
    next: 'Replay with the version of Teamwright that recorded the run; `teamwright runs show` reads the trace all the same.',
  },

  'budget-exceeded': { exit: budget, next: 'Raise the budget, or choose a smaller team.' },
  'run-ended-early': {
    exit: environment,
    next: 'What was best until then is handed over; `teamwright runs show` tells what happened. The limits stand in the plan under "abort".',
  },
  stopped: {
    exit: stopped,
    next: (facts) =>
      'step' in facts
        ? 'The run goes on with the next step.'
        : 'Nothing in the workspace was changed. `teamwright runs list` shows what was finished.',
  },

  'workspace-unusable': {
    exit: badUse,
    message: (facts) =>
      byWhy(facts, {
        absent: ({ workspace }) => `There is no folder ${workspace}.`,
        'not-a-folder': ({ workspace }) => `${workspace} is not a folder.`,
        unreadable: ({ workspace, detail }) => `The folder ${workspace} cannot be used: ${detail ?? 'it cannot be read'}.`,
        'bare-repository': ({ workspace }) =>
          `${workspace} cannot be used as a workspace: it is a bare repository or the inside of a .git folder.`,
        'many-repositories': ({ workspace }) =>
          `${workspace} cannot be used as a workspace: it holds many repositories and is none itself.`,
        'snapshot-gone': ({ workspace, detail }) =>
          `${workspace} cannot be used as a workspace: its files as they were are not kept any more (${detail ?? ''}).`,
      }),
    next: (facts) =>
      facts.why === 'snapshot-gone'
        ? 'Choose a run whose trace and snapshot are still there.'
        : facts.why === 'bare-repository' || facts.why === 'many-repositories'
          ? 'Choose the folder of your project as the workspace.'
          : 'Name an existing folder with --workspace.',
  },
  'git-missing': { exit: environment, next: 'Install git and make sure that it is on the PATH.' },
  'git-failed': { exit: environment, next: 'Check the repository with `git status` and `git fsck`. The workspace was not changed.' },
  'copy-not-isolated': {
    exit: environment,
    next: 'Nothing was run in it. Choose a data folder outside the workspace, without symbolic links into it.',
  },
  'data-folder-not-apart': { exit: badUse, next: 'Set TEAMWRIGHT_DATA to a folder outside the project. Nothing was written.' },
  'data-folder-unusable': { exit: environment, next: 'Check the folder and its permissions, or set TEAMWRIGHT_DATA to another folder.' },
  'temporary-folder-unusable': {
    exit: environment,
    next: ({ why }) =>
      `${why === 'full' ? 'Make more room there' : why === 'no-programs' ? 'Mount its disk without noexec' : 'See to it that it is there and may be written'}, or set TMPDIR (on Windows TEMP) to another folder, then run again.`,
  },
  'path-escapes': { exit: badUse, next: 'Name a file inside the workspace, relative to its top, without symbolic links on the way.' },
  'disk-full': {
    exit: environment,
    next: ({ needed }) =>
      needed === undefined
        ? 'What was written before is kept. Free some space (`teamwright runs list` shows sizes), then run again.'
        : 'Free some space, or choose another folder with TEAMWRIGHT_CACHE. The 0.5B model needs less than half.',
  },
  'fence-missing': {
    exit: environment,
    next: 'Start it once at a terminal and say yes, or add --no-fence: tests and checks then run as you. docs/security.md says what a fence needs.',
  },
  'server-failed': {
    exit: environment,
    next: 'Look at mcp.servers in the settings file: the command that stands there starts it. Or take it out of the plan.',
  },
  'command-not-found': {
    exit: environment,
    next: 'Install what they need, or name another command with --test "…". Without tests nothing can judge a change.',
  },
  'apply-conflict': { exit: environment, next: 'All files are as they were before. Solve the cause and apply again.' },
  'trace-unreadable': {
    exit: environment,
    next: 'Nothing was changed. If the file is damaged, `teamwright runs delete` removes the run.',
  },
  'trace-unwritable': { exit: environment, next: 'Check the folder and its permissions, or set TEAMWRIGHT_DATA to another folder.' },
  'index-unusable': { exit: environment, next: 'It is only a cache: delete the file, and it is made again from the traces.' },
  internal: { exit: environment, next: 'Please report this with the trace of the run.' },

  'model-name-invalid': {
    exit: badUse,
    message: (facts) =>
      byWhy(facts, {
        empty: said(facts, 'is empty.'),
        'no-model': ({ name }) => said(facts, `names a server but no model: "${name}".`),
        'no-size': said(facts, 'has no size after "embedded:".'),
        address: ({ name }) => said(facts, `has an address that cannot be read: "${name}".`),
        login: said(facts, 'has a user name or password in the address.'),
        vscode: ({ name }) => said(facts, `names no model of VS Code: "${name}".`),
      }),
    next: (facts) =>
      byWhy(facts, {
        empty: `The forms are: ${modelForms}.`,
        'no-model': ({ server }) =>
          server === undefined
            ? `The forms are: ${modelForms}.`
            : /^https?:/i.test(server)
              ? `Write NAME@${server}.`
              : `Write ${server}:NAME; \`teamwright model list\` shows what it has.`,
        'no-size': `The forms are: ${modelForms}.`,
        address: 'Write it like NAME@http://127.0.0.1:8080/v1.',
        login: 'Put the key into an environment variable and name it in the settings.',
        vscode: 'Write it like vscode:copilot/gpt-4o.',
      }),
  },
  'endpoint-unknown': { exit: badUse, next: 'Add it to `endpoints` in the settings file.' },
  'model-unlocated': {
    exit: badUse,
    next: 'Write where it is: ollama:NAME, NAME@http://host:port/v1, an endpoint of the settings as ENDPOINT:NAME, or set OPENAI_BASE_URL.',
  },
  'model-elsewhere': { exit: badUse, next: 'Name another model here: ollama:NAME, or embedded.' },
  'model-unchosen': {
    exit: badUse,
    next: ({ models }) =>
      `Name one with --model${models.length === 0 ? '' : `: ${models.slice(0, 8).join(', ')}${models.length > 8 ? ' …' : ''}`}.`,
  },
  'model-unreachable': {
    exit: environment,
    next: 'Check that the server runs and that its address is right, or leave the address out to use the embedded model.',
  },
  'model-unauthorized': {
    exit: environment,
    next: ({ why }) =>
      why === 'refused'
        ? 'Check the API key for this host (environment or key file) and that the account has credit.'
        : 'Its provider says more. Wait, or choose another model.',
  },
  'model-not-found': {
    exit: environment,
    next: '`teamwright model list` shows the models it has; check also that the address ends in /v1 where the server wants it.',
  },
  'model-rate-limited': {
    exit: environment,
    next: ({ retryAfterMs }) =>
      retryAfterMs === undefined ? 'Wait a little, then run again.' : `Wait ${Math.ceil(retryAfterMs / 1000)} seconds, then run again.`,
  },
  'model-timeout': { exit: environment, next: 'Raise the time limit for slow models, shorten the request, or choose a faster model.' },
  'model-half-stream': { exit: environment, next: 'Run again; if it happens often, look at the log of the server.' },
  'model-bad-reply': {
    exit: environment,
    next: ({ why }) =>
      why === 'empty'
        ? 'Run again; if it stays, choose another model.'
        : 'Check that the address is that of an OpenAI-compatible server (often it ends in /v1).',
  },
  'model-context-full': { exit: environment, next: smallerRequest },
  'model-server-error': { exit: environment, next: checkServerLog },
  'model-refused': {
    exit: environment,
    next: (facts) =>
      byWhy(facts, {
        parameters: '`teamwright model probe` shows what this server can do.',
        'off-topic': 'Put the request as a coding task, or choose another model.',
        filtered: 'Put the request in other words, or choose another model.',
      }),
  },
  'local-model-unknown': { exit: badUse, next: ({ known }) => `Choose one of: ${known.join(', ')}.` },
  'local-model-missing': {
    exit: environment,
    next: ({ id, what }) =>
      what === 'adapter'
        ? 'Train it (docs/training.md, "A designer of your own"), or choose another model.'
        : what === 'damaged-adapter' || what === 'foreign-adapter'
          ? 'Copy the file that training wrote once more, train it anew (docs/training.md, "A designer of your own"), or choose another model.'
          : `Run \`teamwright model setup ${id}\`.`,
  },
  'local-model-corrupt': {
    exit: environment,
    next: 'The download was thrown away. Run `teamwright model setup` again; if it stays, the source is broken.',
  },
  'local-model-failed': {
    exit: environment,
    next: ({ logFile }) =>
      logFile === undefined
        ? 'Run `teamwright model setup` again.'
        : `Its log is ${logFile}. \`teamwright model setup\` repairs a broken engine.`,
  },
  'download-failed': {
    exit: environment,
    next: 'Check the network (or mend what is named above) and run `teamwright model setup` again: what arrived so far is kept.',
  },

  'nothing-to-export': { exit: badUse, next: ({ total }) => (total === 0 ? start : `Leave out a filter; ${listRuns}`) },
  'export-unusable': {
    exit: badUse,
    next: (facts) =>
      byWhy(facts, {
        'there-already': 'Choose another --out, or replace what is there with --force.',
        'cut-short': 'Go on with --resume, or begin anew with --force.',
        'other-settings': 'Go on with the same format, filters, split and seed, or begin anew with --force.',
        'not-ours': 'Choose another --out, or begin anew with --force.',
      }),
  },
  'export-failed': {
    exit: environment,
    next: 'Solve the cause and give the same command with --resume: nothing is lost and nothing is written twice.',
  },
  'address-invalid': {
    exit: badUse,
    next: ({ of, why }) =>
      why === 'login'
        ? 'Leave it out; TEAMWRIGHT_SHARE_TOKEN holds the token.'
        : {
            spans: 'Write it like --endpoint http://127.0.0.1:4318/v1/traces.',
            sharing: 'Write hf:USER/DATASET, or an https address.',
            hub: 'Set HF_ENDPOINT to an https address, or unset it.',
          }[of],
  },
  'payload-broken': {
    exit: badUse,
    next: ({ why }) => (why === 'empty' ? 'Do not send it, or undo the change.' : 'Undo that change, or take the whole line out.'),
  },
  'shared-item-unknown': { exit: badUse, next: '`teamwright share status` shows the ids.' },
  'nothing-to-share': { exit: badUse, next: listRuns },
  'sharing-off': {
    exit: badUse,
    next: 'Sharing needs your word for this workspace (`teamwright share on`) and no switch against it; `teamwright share status` shows both.',
  },

  'task-invalid': {
    exit: badUse,
    next: 'Each line must be one task: id, request, files, test, hiddenFiles, hiddenTest, reference, language.',
  },
  'bench-unusable': {
    exit: badUse,
    next: (facts) =>
      byWhy(facts, {
        'tasks-unreadable': 'Name a .jsonl file with one task a line.',
        'no-tasks': 'Name a .jsonl file with one task a line.',
        'arm-unknown': ({ known }) => `Choose from ${known.join(', ')}.`,
        'results-unreadable': 'Name another file, or correct its permissions.',
        'bank-unreadable': 'Name another file, or correct its permissions.',
        'beliefs-unreadable': 'scripts/lived.ts writes such files.',
        'journal-unreadable': 'Name another file with --journal, or correct its permissions.',
        'journal-unwritable': 'Name another file with --journal, or correct its permissions.',
        'bank-empty': 'Make an outcome bank with `teamwright bench … --bank FILE`.',
        'results-there': 'Go on with it with --resume, or name another file.',
        shard: 'Write it as i/n with i from 1 to n, for example --shard 2/4.',
        'folder-not-empty': 'Give an empty folder.',
        path: 'Correct the task file.',
        'queue-address':
          'Write it like redis://host:6379, redis://user:password@host:6379/0, or rediss:// for TLS; TEAMWRIGHT_QUEUE can hold it.',
      }),
  },
  'queue-unusable': {
    exit: environment,
    next: (facts) =>
      byWhy(facts, {
        'packages-missing': 'Install them where Teamwright is: npm install -g bullmq@6 ioredis@6 (in a project without -g).',
        unreachable: 'Start it (redis-server), or correct the address.',
        refused: 'Put user and password into the address: redis://user:password@host:6379; TEAMWRIGHT_QUEUE can hold it.',
      }),
  },
};

/** As `--json` gives it. */
export interface ToldFailure {
  readonly code: string;
  readonly message: string;
  /** May be empty. */
  readonly next: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What to say of a failure, live or from a trace. One whose facts are not known is told as its program told it. */
export function tell(failure: RecordedFailure): ToldFailure {
  const known = knownFailure(failure);
  const { code, message, next = '', facts = {} } = failure;
  if (known === undefined) return { code, message, next, facts };
  const entry = table[known.code] as Entry<Facts[ErrorCode]>;
  return {
    code,
    message: entry.message?.(known.facts) ?? message,
    next: typeof entry.next === 'string' ? entry.next : entry.next(known.facts),
    facts,
  };
}

export const exitOf = ({ code }: Pick<RecordedFailure, 'code'>): ExitCode =>
  Object.hasOwn(table, code) ? table[code as ErrorCode].exit : environment;
