/** The commands, their options and their help. Nothing heavy is imported here; each action loads its own file when it is called. */
import { Command, Option } from 'commander';
import { designerNames, whatDesignerDoes } from '../design/designers.ts';
import { modelForms } from '../model-choice/types.ts';
import type { Cli, CommandAction } from './context.ts';
import type { ExitCode } from './exit-codes.ts';
import { programVersion } from './version.ts';

export const exitCodeHelp = `
Exit codes:
  0  done (solved, answered, or nothing could judge the change)
  1  the tests still fail
  2  bad use: arguments, settings, a plan or a run that is not there
  3  the budget ran out
  4  stopped (Ctrl-C: once stops cleanly, twice at once; or you said no)
  5  a model or this machine failed
  6  unproven: nothing is red that was not, and no test shows that the request is done`;

/** `exit` takes the code of the command that ran. */
export function buildProgram(base: Omit<Cli, 'program'>, exit: (code: ExitCode) => void): Command {
  const cli: Cli = { ...base, program: `teamwright ${programVersion()}` };
  const program = new Command('teamwright')
    .description('Every coding request gets its own team: designed, priced, approved, run in an isolated copy, judged by your tests.')
    .version(programVersion(), '-V, --version')
    .showSuggestionAfterError();
  configure(program, cli);

  /** Loads the command's file, runs it and keeps its exit code. */
  const runs =
    <Options>(load: () => Promise<CommandAction<Options>>) =>
    async (...given: unknown[]): Promise<void> => {
      const command = given.at(-1) as Command;
      const action = await load();
      exit(await action(cli, command.args, command.optsWithGlobals<Options & object>()));
    };

  withModelOptions(
    withRequestOptions(program.command('run').argument('<request>', 'what should change, in quotes; - reads it from standard input')),
  )
    .description('design a team for the request, show its plan and price, run it in a copy, and show the tested diff')
    .option('--yes', 'approve every plan of this run without asking (needed when nobody sits at the terminal)')
    .option('--approve-below <usd>', 'do not ask about the first plan when it is of one agent and the whole run costs at most this')
    .option('--apply', 'write the change into the workspace when the tests pass')
    .option('--after <run>', 'new remarks on what a finished run handed over: its change is where this run starts')
    .option('--json', jsonHelp)
    .addOption(
      new Option('--json-events', 'print every event of the run as one line of JSON, and the result as the last line').conflicts('json'),
    )
    .addHelpText(
      'after',
      help(
        [
          'teamwright run "make the failing test pass"',
          'teamwright run "add a --quiet option" --workspace ../tool --budget tokens=40000,usd=0.2 --yes --trust --apply',
          'teamwright run "also handle the empty list" --after last',
        ],
        'The workspace is untouched unless --apply is given and the change is good; `teamwright runs apply ID` applies it later.',
      ),
    )
    .action(runs(async () => (await import('./commands/run.ts')).runCommand));

  const plan = withModelOptions(
    withRequestOptions(program.command('plan').argument('<request>', 'what should change, in quotes; - reads it from standard input')),
  )
    .description('only design: print the plan for the request with its price')
    .option('--out <file>', 'write the plan to FILE (by custom NAME.team.yaml), to edit it and to use it with run --designer FILE')
    .option('--force', 'let --out replace a file')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright plan "make the failing test pass" --out fix.team.yaml', 'teamwright plan check fix.team.yaml']))
    .action(runs(async () => (await import('./commands/plan.ts')).planCommand));
  plan
    .command('check')
    .argument('<file>', 'a plan in YAML or JSON')
    .description('validate a plan and price it')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright plan check fix.team.yaml']))
    .action(runs(async () => (await import('./commands/plan-check.ts')).planCheckCommand));

  addRuns(program, runs);
  addModel(program, runs);

  withModelOptions(program.command('bench').argument('<file>', 'tasks, one JSON object a line'))
    .description('run benchmark tasks with several arms at equal token budgets, and compare them')
    .option(
      '--arms <list>',
      'one-shot, samples, strong-samples, two-tiers, planner-coder-tester, revise, repair, fill, strong-fill, mutate, team, rules, learned, designed, or files of teams or beliefs',
      'one-shot,samples,team',
    )
    .option('--limit <n>', 'only the first N tasks')
    .option('--offset <n>', 'leave out the first N tasks', '0')
    .option('--seeds <k>', 'runs of each task, with seeds 1 to K', '1')
    .option('--shard <i/n>', 'only part I of N')
    .option('--resume', 'go on with the results already in --out')
    .option('--out <file>', 'results, one JSON object a line (default: below the data folder)')
    .option('--budget-tokens <n>', 'tokens each arm may spend on a task', '8000')
    .option('--replies <file>', 'kept replies, so that arms that begin with the same calls share them (default: beside the results)')
    .option('--bank <file>', 'outcome bank: every attempt of these runs with visible and hidden result, one JSON object a line')
    .option('--queue [address]', `hand the tasks to workers: ${queueForms}`)
    .option('--yes', 'set up the embedded model without asking')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      help(['teamwright bench fix-js.jsonl --arms one-shot,samples --limit 20 --seeds 2 --out fix-js.results.jsonl --resume']),
    )
    .action(runs(async () => (await import('./commands/bench.ts')).benchCommand));
  program
    .command('worker')
    .argument('<file...>', 'the task files of the benches that it takes part in')
    .description('make runs for `bench --queue`, on this machine with its models, until Ctrl-C')
    .option('--queue [address]', `where the benches are: ${queueForms}`)
    .option('--per-minute <n>', 'tasks of a file that the workers with this limit together begin in a minute (default: no limit)')
    .option('--yes', 'set up the embedded model without asking')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      help([
        'teamwright worker fix-js.jsonl --queue redis://10.0.0.1:6379',
        'teamwright bench fix-js.jsonl --queue redis://10.0.0.1:6379 --model embedded',
      ]),
    )
    .action(runs(async () => (await import('./commands/worker.ts')).workerCommand));

  const learn = program
    .command('learn')
    .description('what was learned from outcomes about which work to try first')
    .addHelpText('after', help(['teamwright learn status', 'teamwright learn evaluate bank.jsonl']));
  const learnWorkspace = ['--workspace <dir>', 'the workspace (default: the current folder)'] as const;
  learn
    .command('status')
    .description('how many runs of yours taught something, and what changed by them in a workspace')
    .option(...learnWorkspace)
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright learn status']))
    .action(runs(async () => (await import('./commands/learn.ts')).learnStatusCommand));
  learn
    .command('export')
    .description('everything that your runs taught, as JSON; lessons and teams hold words of requests, changes and plans')
    .option('--json', `${jsonHelp} (as without it)`)
    .addHelpText('after', help(['teamwright learn export > learned.json']))
    .action(runs(async () => (await import('./commands/learn.ts')).learnExportCommand));
  learn
    .command('reset')
    .description('forget what your runs taught; runs until now never teach again')
    .option('--yes', 'without asking')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright learn reset']))
    .action(runs(async () => (await import('./commands/learn.ts')).learnResetCommand));
  learn
    .command('evidence')
    .description('what came of the teams that are saved with a workspace, by your runs and by files that others committed beside them')
    .option(...learnWorkspace)
    .option('--write', 'put what your runs say into .teamwright/teams/evidence, in a file of your own that git never has to merge')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright learn evidence', 'teamwright learn evidence --write']))
    .action(runs(async () => (await import('./commands/learn-evidence.ts')).learnEvidenceCommand));
  addMemory(learn, runs);
  learn
    .command('estimate')
    .description(
      'what beginning otherwise would have earned, by your runs in which a learned plan might try something new (learning.explore)',
    )
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright learn estimate']))
    .action(runs(async () => (await import('./commands/learn-estimate.ts')).learnEstimateCommand));
  learn
    .command('evaluate')
    .argument('<bank...>', 'outcome banks of `bench --bank`')
    .description('replay ways to choose the next step over an outcome bank, without a model, and compare them')
    .option('--folds <n>', 'parts that are left out in turn, by problem', '10')
    .option('--more-runs <n>', 'also what so many further runs of yours would add to what is learned')
    .option('--seeds <n>', 'with --more-runs: how often the problems are dealt anew', '3')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      help([
        'teamwright learn evaluate bank.jsonl',
        'teamwright learn evaluate bank.jsonl --more-runs 100',
        'teamwright learn evaluate docs/results/*/bank.jsonl --json',
      ]),
    )
    .action(runs(async () => (await import('./commands/learn-evaluate.ts')).learnEvaluateCommand));
  addSearch(learn, runs);

  addDesigner(learn, runs);

  addExport(program, runs);
  addShare(program, runs);
  addPrivacy(program, runs);

  program.addHelpText('after', `${exitCodeHelp}\n\nStart with: teamwright run "make the failing test pass"`);
  return program;
}

/** Searching better ways to work, by replays or by runs. */
function addSearch(learn: Command, runs: Runs): void {
  withModelOptions(learn.command('search').argument('[bank...]', 'outcome banks of `bench --bank`'))
    .description(
      'search better lists of work on an outcome bank without a model, or a better team by running it (--live); one modification at a time',
    )
    .option('--rounds <n>', 'rounds at most; it ends earlier where the best three stay the same for five', '60')
    .option('--tries <n>', 'modifications that are measured in a round; with --live in all', '8')
    .option('--seed <n>', 'of what is drawn', '1')
    .option('--journal <file>', 'what was measured, one JSON object a line; a further search goes on from it', 'search.jsonl')
    .option('--undo', 'take back what was accepted last')
    .option('--curve', 'what more searching gives, on problems that the search never saw')
    .option(
      '--live <file>',
      'run teams on these tasks (one JSON object a line) in place of replays; a third of the problems is held back and decides',
    )
    .option('--team <file>', 'with --live: the team that the search begins with (default: one coder, one call)')
    .option('--budget-tokens <n>', 'with --live: tokens at most, those of the journal among them')
    .option('--run-tokens <n>', 'with --live: tokens that one run may spend', '3000')
    .option('--yes', 'set up the embedded model without asking')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      help([
        'teamwright learn search bank.jsonl',
        'teamwright learn search bank.jsonl --undo',
        'teamwright learn search bank.jsonl --curve',
        'teamwright learn search --live fix-py.jsonl --budget-tokens 200000 --model embedded',
      ]),
    )
    .action(runs(async () => (await import('./commands/learn-search.ts')).learnSearchCommand));
}

/** What is remembered of earlier runs. */
function addMemory(learn: Command, runs: Runs): void {
  const memory = learn
    .command('memory')
    .description('lessons of earlier runs that agents are shown; an ID is that of the run, and may be shortened')
    .addHelpText('after', help(['teamwright learn memory list', 'teamwright learn memory show 20261123-101530-k3x9q2']));
  const workspace = ['--workspace <dir>', 'the workspace (default: the current folder)'] as const;
  memory
    .command('list')
    .description('the lessons of a workspace, and whether they helped')
    .option(...workspace)
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright learn memory list']))
    .action(runs(async () => (await import('./commands/learn-memory.ts')).memoryListCommand));
  memory
    .command('show')
    .argument('<id>', 'the lesson')
    .description('one lesson: what it is of, what it says, and runs with and without it')
    .option(...workspace)
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright learn memory show 20261123']))
    .action(runs(async () => (await import('./commands/learn-memory.ts')).memoryShowCommand));
  memory
    .command('edit')
    .argument('<id>', 'the lesson')
    .description('say it in your own words')
    .option('--text <text>', 'the words (default: your editor opens)')
    .option(...workspace)
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright learn memory edit 20261123 --text "The parser counts lines from 1."']))
    .action(runs(async () => (await import('./commands/learn-memory.ts')).memoryEditCommand));
  memory
    .command('delete')
    .argument('<id>', 'the lesson')
    .description('show it to nobody any more, and forget its text')
    .option('--yes', 'without asking')
    .option(...workspace)
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright learn memory delete 20261123 --yes']))
    .action(runs(async () => (await import('./commands/learn-memory.ts')).memoryDeleteCommand));
}

/** A model of one's own that designs. */
function addDesigner(learn: Command, runs: Runs): void {
  const designer = learn
    .command('designer')
    .description('train a small model to design teams: questions with the best plans, rewards, and what it came to')
    .addHelpText('after', help(['teamwright learn designer data bank.jsonl --tasks fix-js.jsonl --out data/designer']));
  const banks = ['<bank...>', 'outcome banks of `bench --bank`'] as const;
  designer
    .command('data')
    .argument(...banks)
    .description(
      'write what the designer would be asked about each recorded task, with the plan that replays best; runs the tests of the tasks',
    )
    .requiredOption('--tasks <file...>', 'files of the tasks that the banks were made of')
    .requiredOption('--out <dir>', 'folder for train.jsonl, validation.jsonl (problems held back) and their card')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright learn designer data bank.jsonl --tasks fix-js.jsonl fix-py.jsonl --out data/designer']))
    .action(runs(async () => (await import('./commands/learn-designer.ts')).designerDataCommand));
  designer
    .command('reward')
    .argument(...banks)
    .description(
      'judge answers of a designer by replay, for a training process: lines of JSON in, {"task", "answer"}, and out, {"reward", …}, until the input ends',
    )
    .option('--json', `${jsonHelp} (one a line, as without it)`)
    .addHelpText('after', help(['teamwright learn designer reward bank.jsonl < answers.jsonl']))
    .action(runs(async () => (await import('./commands/learn-designer.ts')).designerRewardCommand));
  designer
    .command('measure')
    .argument(...banks)
    .description(
      'ask a model what the designer asks first, on the problems held back: valid plans at the first try, and their replayed reward',
    )
    .requiredOption('--data <dir>', 'the folder that `data` wrote')
    .option('--model <id>', 'the model that designs')
    .option('--draws <n>', 'answers to each question: the first as a run asks it, the others at temperature 0.7', '3')
    .option('--limit <n>', 'only the first questions')
    .option('--brief', 'in the few words that a trained model is asked in (one that is not is told how)')
    .option('--out <file>', 'every answer, one JSON object a line')
    .option('--yes', 'set up what is missing without asking')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright learn designer measure bank.jsonl --data data/designer --model embedded:0.5b']))
    .action(runs(async () => (await import('./commands/learn-designer.ts')).designerMeasureCommand));
}

type Runs = <Options>(load: () => Promise<CommandAction<Options>>) => (...given: unknown[]) => Promise<void>;

function addRuns(program: Command, runs: Runs): void {
  const past = program
    .command('runs')
    .description('past runs, from their traces; an ID may be shortened as long as it names one run, "last" is the newest')
    .addHelpText('after', help(['teamwright runs list', 'teamwright runs show last']));
  past
    .command('list')
    .description('the runs on this machine, newest first')
    .option('--workspace <dir>', 'only runs of this workspace')
    .option('--limit <n>', 'at most N runs', '20')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright runs list --workspace . --limit 5']))
    .action(runs(async () => (await import('./commands/runs-list.ts')).runsListCommand));
  past
    .command('spend')
    .description('what runs cost, month by month (by the clock of this machine) and folder by folder')
    .option('--workspace <dir>', 'only runs of this workspace')
    .option('--month <month>', 'only runs that began in this month, like 2026-11')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright runs spend', 'teamwright runs spend --workspace . --month 2026-11']))
    .action(runs(async () => (await import('./commands/runs-spend.ts')).runsSpendCommand));
  past
    .command('show')
    .argument('<id>', 'a run')
    .description('what happened in a run, as far as it came')
    .option('--json', `${jsonHelp} (the folded state)`)
    .addHelpText('after', help(['teamwright runs show last']))
    .action(runs(async () => (await import('./commands/runs-show.ts')).runsShowCommand));
  past
    .command('diff')
    .argument('<id>', 'a run')
    .description('the change a run ended with, as a patch')
    .option('--candidate <id>', 'another candidate of the run, as `runs show` names it')
    .option('--hunks', 'hunk by hunk, with the numbers that `runs apply --hunks` takes')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright runs diff last', 'teamwright runs diff 20261123 | git apply']))
    .action(runs(async () => (await import('./commands/runs-diff.ts')).runsDiffCommand));
  past
    .command('apply')
    .argument('<id>', 'a run')
    .description('write the change of a run into its workspace: all files, or none when one conflicts')
    .option('--workspace <dir>', 'another workspace than the one it ran on')
    .option('--candidate <id>', 'another candidate of the run')
    .addOption(new Option('--hunks <list>', 'only these hunks, like 1,3-5 (`runs diff --hunks` counts them)').conflicts('reject'))
    .option('--reject <list>', 'all hunks but these')
    .option('--reason <text>', 'why hunks are left out, for the record')
    .option('--markers', 'write conflicting files with both versions between conflict markers')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright runs apply last', 'teamwright runs apply last --reject 2 --reason "not asked for"']))
    .action(runs(async () => (await import('./commands/runs-apply.ts')).runsApplyCommand));
  past
    .command('undo')
    .argument('<id>', 'a run whose change was applied')
    .description('take an applied change back')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright runs undo last']))
    .action(runs(async () => (await import('./commands/runs-apply.ts')).runsUndoCommand));
  withModelOptions(past.command('resume').argument('<id>', 'a run that was interrupted, stopped or failed'))
    .description('go on with a run where it was cut short: answered calls are not paid again, approved plans not asked again')
    .option('--yes', 'approve every further plan of this run without asking (needed when nobody sits at the terminal)')
    .option('--approve-below <usd>', 'do not ask about the first plan when it is of one agent and the whole run costs at most this')
    .option('--trust', trustHelp)
    .option('--apply', 'write the change into the workspace when the tests pass')
    .option('--json', jsonHelp)
    .addOption(
      new Option('--json-events', 'print every event of the run as one line of JSON, and the result as the last line').conflicts('json'),
    )
    .addHelpText('after', help(['teamwright runs resume last']))
    .action(runs(async () => (await import('./commands/runs-resume.ts')).runsResumeCommand));
  past
    .command('replay')
    .argument('<id>', 'a run')
    .description('run it again offline from the recorded replies, and compare the result')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright runs replay last']))
    .action(runs(async () => (await import('./commands/runs-replay.ts')).runsReplayCommand));
  past
    .command('delete')
    .argument('<id...>', 'runs')
    .description('delete runs with everything they recorded; the workspace keeps what was applied')
    .option('--yes', 'do not ask')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright runs delete 20261123-101530-k3x9q2 --yes']))
    .action(runs(async () => (await import('./commands/runs-delete.ts')).runsDeleteCommand));
}

function addExport(program: Command, runs: Runs): void {
  program
    .command('export')
    .description('training data from past runs; without --format the formats are listed')
    .option('--format <name>', 'one of those that `teamwright export` lists')
    .option('--out <path>', 'a folder, or the file of the training rows: NAME.jsonl')
    .option('--endpoint <url>', 'where otlp sends its spans: http://127.0.0.1:4318/v1/traces')
    .option('--since <time>', 'only runs begun on or after 2026-11-20, or in the last 7d')
    .option('--until <time>', 'only runs begun before')
    .option('--workspace <dir>', 'only runs of this workspace; may be given several times', collect)
    .option('--model <name>', 'only runs in which this model answered; may be given several times', collect)
    .option('--generation <name>', 'only runs of this generation (p1-l1-base); may be given several times', collect)
    .option('--outcome <list>', 'only runs that ended so: solved,tests-fail')
    .option('--accepted-only', 'only runs whose change you kept, at least in part')
    .option('--data <dir>', 'runs of another data folder, such as those of bench')
    .option('--split <share>', 'share of the requests held back for validation', '0')
    .option('--seed <n>', 'seed of that draw', '1')
    .option('--resume', 'go on with an export that was cut short')
    .option('--force', 'replace an export that is there')
    .option('--no-redact', 'leave secrets and names in: for files that stay on this machine')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      help([
        'teamwright export --format designs-sft --out designs --split 0.1',
        'teamwright export --format kto --out kto.jsonl --since 30d --accepted-only',
      ]),
    )
    .action(runs(async () => (await import('./commands/export.ts')).exportCommand));
  withModelOptions(program.command('grade').argument('<id>', 'the run whose request and files the team gets'))
    .description(
      "execute a designer's answer (standard input) on a past run's request, and print its reward: the grader of the grpo export",
    )
    .option('--plan <file>', 'read the answer, or a plan, from FILE')
    .option('--budget <limits>', 'limits of the run: tokens=20000,usd=0.5,seconds=300,calls=10')
    .option('--no-memory', 'show agents nothing of earlier runs')
    .option('--seed <n>', 'seed of everything that is drawn by chance (default: 1)')
    .option('--data <dir>', 'the data folder of the run, when it is another one, such as that of bench')
    .option('--yes', 'set up the embedded model without asking')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      help(['teamwright grade last --plan fix.team.yaml', 'teamwright grade 20261123-101530-k3x9q2 --json < answer.txt']),
    )
    .action(runs(async () => (await import('./commands/grade.ts')).gradeCommand));
}

function addShare(program: Command, runs: Runs): void {
  const share = program
    .command('share')
    .description('share runs for training, if you want to: off unless turned on for a workspace, shown before it goes, can be taken back')
    .addHelpText('after', help(['teamwright share status', 'teamwright share on --to hf:ann/runs', 'teamwright share preview last']));
  const workspaceOption = ['--workspace <dir>', 'the workspace (default: the current folder)'] as const;
  const levelOption = (): Option =>
    new Option('--level <level>', 'plans (and rewards), diffs, or everything').choices(['plans', 'diffs', 'everything']);
  share
    .command('status')
    .description('which workspaces are opted in, what waits, and what was shared when and where')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright share status']))
    .action(runs(async () => (await import('./commands/share.ts')).shareStatusCommand));
  share
    .command('on')
    .description('opt a workspace in; nothing is sent by this')
    .option(...workspaceOption)
    .addOption(levelOption().default('plans'))
    .option('--to <target>', 'hf:USER/DATASET (needs HF_TOKEN when sending), or an https address')
    .option('--yes', 'do not ask')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright share on --to hf:ann/runs --level diffs', 'teamwright share on --to https://host/share']))
    .action(runs(async () => (await import('./commands/share.ts')).shareOnCommand));
  share
    .command('off')
    .description('send nothing more from a workspace')
    .option(...workspaceOption)
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright share off']))
    .action(runs(async () => (await import('./commands/share.ts')).shareOffCommand));
  share
    .command('preview')
    .argument('<id>', 'a run')
    .description('print exactly what would be sent of a run, redacted; sends nothing')
    .addOption(levelOption())
    .option('--out <file>', 'write it to FILE, to edit it and to use it with send --file FILE')
    .option('--json', `${jsonHelp} (size, hash and what was redacted)`)
    .addHelpText('after', help(['teamwright share preview last', 'teamwright share preview last --level everything --out run.jsonl']))
    .action(runs(async () => (await import('./commands/share-send.ts')).sharePreviewCommand));
  share
    .command('send')
    .argument('[id]', 'a run (default: send what waits)')
    .description('show what goes, ask, and send it')
    .addOption(levelOption())
    .option('--approve <hash>', 'the hash that `share preview` told, in place of the question')
    .option('--file <file>', 'an edited payload of this run')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      help(['teamwright share send last', 'teamwright share send last --approve 3f9a0c1b2d4e5f60', 'teamwright share send']),
    )
    .action(runs(async () => (await import('./commands/share-send.ts')).shareSendCommand));
  share
    .command('show')
    .argument('<id>', 'an id of `share status`')
    .description('print what was sent, letter by letter')
    .option('--json', `${jsonHelp} (the payload with when, where and what became of it)`)
    .addHelpText('after', help(['teamwright share show 20261123-101530-k3x9q2-plans']))
    .action(runs(async () => (await import('./commands/share.ts')).shareShowCommand));
  share
    .command('delete')
    .argument('<id...>', 'ids of `share status`')
    .description('take back: out of the queue, or deleted where it was sent')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright share delete 20261123-101530-k3x9q2-plans']))
    .action(runs(async () => (await import('./commands/share.ts')).shareDeleteCommand));
  share
    .command('withdraw')
    .description('turn a workspace off, empty its queue, and offer to delete what was shared')
    .option(...workspaceOption)
    .option('--delete', 'ask for the deletion of everything shared from it, without asking you')
    .option('--no-delete', 'leave what was shared where it is')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright share withdraw --delete']))
    .action(runs(async () => (await import('./commands/share.ts')).shareWithdrawCommand));
}

function addPrivacy(program: Command, runs: Runs): void {
  const privacy = program
    .command('privacy')
    .description('what is kept on this machine and how long; deleting all of it')
    .addHelpText('after', help(['teamwright privacy show', 'teamwright privacy delete-everything']));
  const workspaceOption = ['--workspace <dir>', 'the workspace (default: the current folder)'] as const;
  privacy
    .command('show')
    .description('what is kept where, with counts and sizes')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright privacy show']))
    .action(runs(async () => (await import('./commands/privacy.ts')).privacyShowCommand));
  privacy
    .command('exclude')
    .description('never record a workspace: its runs are deleted, and each new one as soon as it is over')
    .option(...workspaceOption)
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright privacy exclude --workspace ../secret']))
    .action(runs(async () => (await import('./commands/privacy.ts')).privacyExcludeCommand));
  privacy
    .command('include')
    .description('record a workspace again')
    .option(...workspaceOption)
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright privacy include']))
    .action(runs(async () => (await import('./commands/privacy.ts')).privacyIncludeCommand));
  privacy
    .command('keep')
    .description('limits for the runs of one workspace, besides those of the settings; without limits: none of its own')
    .option(...workspaceOption)
    .option('--days <n>', 'delete runs that are older')
    .option('--megabytes <n>', 'keep the newest up to this size')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright privacy keep --days 14 --megabytes 200']))
    .action(runs(async () => (await import('./commands/privacy.ts')).privacyKeepCommand));
  privacy
    .command('delete-everything')
    .description('delete runs, copies, snapshots, index, sharing queue and lists, what is known of models; and look whether it is gone')
    .option('--yes', 'do not ask')
    .option('--weights', "the embedded model's engine and weights too")
    .option('--leave-shared', 'although payloads you shared are still out there')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright privacy delete-everything', 'teamwright privacy delete-everything --yes --weights']))
    .action(runs(async () => (await import('./commands/privacy.ts')).privacyDeleteCommand));
}

function addModel(program: Command, runs: Runs): void {
  const model = program
    .command('model')
    .description('the embedded local model, and what a server can do')
    .addHelpText('after', help(['teamwright model setup', 'teamwright model list']));
  model
    .command('setup')
    .argument('[size]', '1.5b (default) or 0.5b (a third of the size: for bugs in one place, and for trying things out)')
    .description('fetch the engine and the weights of the embedded model (once for all clones)')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright model setup', 'teamwright model setup 0.5b']))
    .action(runs(async () => (await import('./commands/model-setup.ts')).modelSetupCommand));
  model
    .command('list')
    .description('models that can be used from here: embedded, found servers, endpoints of the settings')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright model list']))
    .action(runs(async () => (await import('./commands/model-list.ts')).modelListCommand));
  model
    .command('serve')
    .argument('[size]', '1.5b (default) or 0.5b')
    .description('serve the embedded model as an OpenAI-compatible server on this machine until Ctrl-C')
    .option('--port <port>', 'a port on 127.0.0.1 (default: a free one)')
    .option('--yes', 'set the model up first when it is missing')
    .option('--json', 'print one line of JSON with the address once it answers')
    .addHelpText('after', help(['teamwright model serve --port 8080']))
    .action(runs(async () => (await import('./commands/model-serve.ts')).modelServeCommand));
  model
    .command('remove')
    .argument('[size]', '1.5b or 0.5b (default: both)')
    .description('delete the weights (and with the last ones the engine)')
    .option('--yes', 'do not ask')
    .option('--json', jsonHelp)
    .addHelpText('after', help(['teamwright model remove 0.5b']))
    .action(runs(async () => (await import('./commands/model-remove.ts')).modelRemoveCommand));
  model
    .command('probe')
    .argument('[id]', `a model (default: the one a run would take). ${modelForms}`)
    .description('find out what a server can do with a model, and keep it for later runs')
    .option('--yes', 'set up the embedded model without asking')
    .option('--json', jsonHelp)
    .addHelpText(
      'after',
      help(['teamwright model probe ollama:qwen2.5-coder:7b', 'teamwright model probe my-model@http://127.0.0.1:8080/v1']),
    )
    .action(runs(async () => (await import('./commands/model-probe.ts')).modelProbeCommand));
}

const trustHelp = 'trust the folder, now and later: its programs (tests, checks, scripts) may be started';

const queueForms = 'redis://host:6379, redis://user:password@host:6379/0, or rediss:// by TLS (default: TEAMWRIGHT_QUEUE)';

const jsonHelp = 'print one JSON document on standard output; progress stays on standard error';

const designerOption = (): Option =>
  new Option(
    '--designer <name>',
    `${designerNames.map((name) => `${name} (${whatDesignerDoes(name)})`).join(', ')}, or FILE.team.yaml as it is (default: auto)`,
  );

function withRequestOptions(command: Command): Command {
  return command
    .option('--workspace <dir>', 'the folder to work on (default: the current one)')
    .option('--selection <path:lines>', 'the place the request is about: src/sum.js:10-20')
    .option('--file <path>', 'a file the request is about; may be given several times', collect)
    .option('--image <file>', 'a picture that goes along (PNG, JPEG, WebP, GIF; up to 5 MB); may be given several times', collect)
    .addOption(designerOption())
    .addOption(new Option('--team <name>', 'a team that was saved with the workspace (.teamwright/teams), as it is').conflicts('designer'))
    .option('--budget <limits>', 'limits of the whole run: tokens=20000,usd=0.5,seconds=300,calls=10')
    .option('--test <command>', 'the test command, when the detected one is not right')
    .option('--test-seconds <n>', 'longest test run, seconds (default: 120); half of it without any output ends one as well')
    .option('--trust', trustHelp)
    .option('--no-fence', 'run tests and checks as you, not in a fence that keeps them from your files and the network')
    .option('--seed <n>', 'seed of everything that is drawn by chance (default: 1)')
    .option('--parallel <n>', 'calls, tests and copies under way at once, up to 1000 (default: 2)');
}

function withModelOptions(command: Command): Command {
  return command
    .option('--model <id>', `the model that does the work: ${modelForms}`)
    .option('--strong <id>', 'the model for agents of the tier "strong" (default: the same)');
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

function help(examples: readonly string[], note = ''): string {
  return `${note === '' ? '' : `\n${note}\n`}\nExample${examples.length > 1 ? 's' : ''}:\n${examples.map((example) => `  ${example}`).join('\n')}\n${exitCodeHelp}`;
}

/** Commander prints nothing itself but help; its refusals become errors like all others. Subcommands inherit this. */
function configure(program: Command, cli: Cli): void {
  program.exitOverride();
  program.configureOutput({
    writeOut: (text) => cli.terminal.out.write(text),
    writeErr: (text) => cli.terminal.err.write(text),
    outputError: () => undefined,
    getOutHelpWidth: () => Math.min(120, cli.terminal.out.isTerminal ? cli.terminal.out.columns : 100),
    getErrHelpWidth: () => Math.min(120, cli.terminal.err.isTerminal ? cli.terminal.err.columns : 100),
    getOutHasColors: () => cli.terminal.out.paint('bold', 'x') !== 'x',
    getErrHasColors: () => cli.terminal.err.paint('bold', 'x') !== 'x',
  });
}
