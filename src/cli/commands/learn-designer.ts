import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { askedOf, bestAnswers, type DesignRow, drawnTasks, heldBackOf, mean, readTasks, replayPlan, type Task } from '../../bench/index.ts';
import { designForm, designTokens } from '../../design/index.ts';
import { rewardOf } from '../../learning/index.ts';
import { planIn } from '../../lessons/index.ts';
import { parseRequest } from '../../request/index.ts';
import { counted, englishNumbers } from '../../text/index.ts';
import { badArgument } from '../bad-argument.ts';
import { attemptsIn } from '../banks.ts';
import { type Cli, type CommandAction, printDocument } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { chooseModels, type ModelOptions } from '../models.ts';
import { oneLine } from '../output/text.ts';
import { loadSettings } from '../settings.ts';
import { askUnfenced } from '../unfenced.ts';
import { parseWhole } from '../values.ts';

type Drawn = ReturnType<typeof drawnTasks>;

const drawnIn = async (cli: Cli, files: readonly string[]): Promise<Drawn> => drawnTasks(await attemptsIn(cli, files));

export interface DesignerDataOptions {
  readonly tasks: readonly string[];
  readonly out: string;
  readonly json?: boolean;
}

/** The designer's question for each recorded task; what is taught has the best plan for its situation as the answer, what is held back has none. */
export const designerDataCommand: CommandAction<DesignerDataOptions> = async (cli, files, options) => {
  const { err, out } = cli.terminal;
  const drawn = await drawnIn(cli, files);
  const written = new Map<string, Task>();
  for (const file of options.tasks) for await (const task of readTasks(path.resolve(cli.cwd, file))) written.set(task.id, task);
  const lacking = drawn.filter(({ task }) => !written.has(task)).map(({ task }) => task);
  if (lacking.length > 0)
    throw badArgument(
      `${lacking.length} of ${drawn.length} recorded tasks are in no file of --tasks, ${lacking[0]} among them.`,
      'Name the files that the bank was made of.',
    );
  const { own: heldBack, others: taught } = heldBackOf(drawn);
  const answers = bestAnswers(taught);
  const rows = { train: [] as Omit<DesignRow, 'guided'>[], validation: [] as Omit<DesignRow, 'messages' | 'reward'>[] };
  for (const [at, { task, problem }] of drawn.entries()) {
    const asked = await askedOf(written.get(task) as Task, { program: cli.program, mayRunUnfenced: askUnfenced(cli) }, cli.signal);
    const best = answers.get(task);
    if (best === undefined) rows.validation.push({ task, problem, ...asked });
    else {
      const { request, prompt } = asked;
      const answer = { role: 'assistant' as const, content: JSON.stringify(best.answer) };
      rows.train.push({ task, problem, request, prompt, messages: [...prompt, answer], reward: best.reward });
    }
    err.line(`[${at + 1}/${drawn.length}] ${oneLine(task)}`);
  }
  const folder = path.resolve(cli.cwd, options.out);
  await mkdir(folder, { recursive: true });
  for (const [name, own] of Object.entries(rows))
    await writeFile(path.join(folder, `${name}.jsonl`), own.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const facts = {
    program: cli.program,
    bank: createHash('sha256')
      .update(JSON.stringify(drawn.map(({ task, draws }) => [task, draws.length])))
      .digest('hex')
      .slice(0, 16),
    banks: files.map((file) => path.basename(path.dirname(path.resolve(cli.cwd, file)))),
    rows: { train: rows.train.length, validation: rows.validation.length },
    problems: {
      train: new Set(taught.map(({ problem }) => problem)).size,
      validation: new Set(heldBack.map(({ problem }) => problem)).size,
    },
    reward: mean(rows.train.map(({ reward }) => reward)),
  };
  await writeFile(path.join(folder, 'README.md'), cardOf(facts));
  if (options.json) printDocument(cli, 'designer-data', { folder, ...facts });
  else
    out.line(
      `${counted(rows.train.length, 'question')} with answers on ${counted(facts.problems.train, 'problem')}, ${rows.validation.length} on ${counted(facts.problems.validation, 'problem')} held back: ${folder}`,
    );
  return exitCodes.done;
};

const cardOf = ({
  program,
  bank,
  banks,
  rows,
  problems,
  reward,
}: {
  readonly program: string;
  readonly bank: string;
  readonly banks: readonly string[];
  readonly rows: Readonly<Record<'train' | 'validation', number>>;
  readonly problems: Readonly<Record<'train' | 'validation', number>>;
  readonly reward: number;
}): string => `# Questions of the designer, with the plans that replay best

Made by ${program} of outcome banks (${banks.join(', ')}; ${bank}). No model was asked.

| file | rows | problems | |
| --- | ---: | ---: | --- |
| train.jsonl | ${rows.train} | ${problems.train} | \`prompt\`; \`messages\` (with the answer); \`reward\` of the answer on this task, mean ${englishNumbers.score(reward)} |
| validation.jsonl | ${rows.validation} | ${problems.validation} | \`prompt\`, and \`guided\`: what a model is asked that was not trained; of problems held back, no answer was chosen by them |

- **Question**: to the letter what the designer asks a model that was trained for it, whose tests were run and whose files were looked at for it.
- **Answer**: of all plans of work that the banks know (drafts of whole files, places written anew with small changes, both) those with the best mean reward over the taught tasks of the same
  kind of request, language and difficulty; where several are as good (within 0.01) they are dealt in turn.
- **Split**: by problem; one in three is held back. Forms of one problem in two languages stand on one side.
- **Reward**: success − cost, replayed (docs/training.md). Other work than the banks know cannot be judged, so it is in no answer.
- **Tasks**: public and old (docs/outcome-bank.md); models have probably seen their solutions, which are in no row. Rows hold the words of requests and the names and sizes of files.
`;

const questionSchema = z.object({ task: z.string(), answer: z.string(), request: z.string().optional() });

interface Judged {
  readonly reward: number;
  readonly valid: boolean;
  readonly solved: boolean;
  readonly tokens: number;
  readonly problems?: readonly string[];
}

/** What an answer of the designer is worth on recorded tasks. Throws for a task that the bank does not know: a reward made up would teach something false. */
function judgeOf(drawn: Drawn) {
  const byName = new Map(drawn.map((task) => [task.task, task]));
  return ({ task, answer, request }: z.infer<typeof questionSchema>): Judged => {
    const known = byName.get(task);
    if (known === undefined) throw badArgument(`The bank has no task "${oneLine(task)}".`, 'Name the bank that the data were made of.');
    const { plan, problems } = planIn(answer, parseRequest(request ?? task));
    if (plan === undefined) return { reward: rewardOf({ performance: -1 }), valid: false, solved: false, tokens: 0, problems };
    const { reward, solved, tokens } = replayPlan(known, plan);
    return { reward, valid: true, solved, tokens };
  };
}

/** Stays: a line of JSON in, a line of JSON out, until the input ends. */
export const designerRewardCommand: CommandAction<object> = async (cli, files) => {
  const { out } = cli.terminal;
  const judge = judgeOf(await drawnIn(cli, files));
  for await (const line of createInterface({ input: cli.terminal.input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    out.line(JSON.stringify(judge(questionIn(line))));
  }
  return exitCodes.done;
};

function questionIn(line: string): z.infer<typeof questionSchema> {
  const example = 'Each line is like {"task": "fix-js/0", "answer": "{…}"}.';
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw badArgument('A line of the input is no JSON.', example);
  }
  const question = questionSchema.safeParse(value);
  if (!question.success) throw badArgument('A line of the input has no "task" or no "answer".', example);
  return question.data;
}

export interface DesignerMeasureOptions extends ModelOptions {
  readonly data: string;
  readonly draws: string;
  readonly limit?: string;
  readonly brief?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

const promptSchema = z.array(z.object({ role: z.enum(['system', 'user']), content: z.string() }));
const heldBackRow = z.object({ task: z.string(), request: z.string(), prompt: promptSchema, guided: promptSchema });

/** The first answer of a run is asked for at temperature 0; further draws show how sure it is. */
const drawTemperature = 0.7;

/** Asks a model as the designer asks first, on problems that are held back. */
export const designerMeasureCommand: CommandAction<DesignerMeasureOptions> = async (cli, files, options) => {
  const { err, out } = cli.terminal;
  const draws = parseWhole('--draws', options.draws, 1, 100);
  const limit = options.limit === undefined ? undefined : parseWhole('--limit', options.limit, 1, 100_000);
  const judge = judgeOf(await drawnIn(cli, files));
  const file = path.resolve(cli.cwd, options.data, 'validation.jsonl');
  const rows = (await linesOf(file)).slice(0, limit).map((line) => heldBackRow.parse(JSON.parse(line)));
  const models = await chooseModels({ cli, ...(await loadSettings(cli)) }, options, cli.signal);
  const { client, model, capabilities } = models.set.strong;
  const { format, designs: taught = false } = capabilities;
  const briefly = options.brief ?? taught;
  const asked = format === 'json-schema' ? { kind: format, name: designForm.name, schema: designForm.jsonSchema } : undefined;
  const answers: (Judged & { task: string; draw: number; seconds: number; answer: string })[] = [];
  try {
    for (const { task, request, prompt, guided } of rows)
      for (let draw = 0; draw < draws; draw += 1) {
        const began = cli.clock();
        const temperature = draw === 0 ? 0 : drawTemperature;
        const reply = await client.chat(
          { model, messages: briefly ? prompt : guided, temperature, seed: draw, maxTokens: designTokens, format: asked },
          undefined,
          cli.signal,
        );
        const cut = reply.finish === 'length';
        const judged = judge({ task, request, answer: cut ? '' : reply.text });
        answers.push({ ...{ task, draw }, ...judged, seconds: (cli.clock() - began) / 1000, answer: reply.text });
        err.line(
          `[${answers.length}/${rows.length * draws}] ${oneLine(task)}: ${judged.valid ? englishNumbers.score(judged.reward) : cut ? 'cut off' : 'no plan'}`,
        );
        if (options.out !== undefined)
          await writeFile(path.resolve(cli.cwd, options.out), answers.map((one) => `${JSON.stringify(one)}\n`).join(''));
      }
  } finally {
    await models.close();
  }
  const byDraw = Array.from({ length: draws }, (_, draw) => answers.filter((answer) => answer.draw === draw));
  const report = [...byDraw, answers].map((own) => ({
    asked: own.length,
    valid: own.filter(({ valid }) => valid).length,
    solved: own.filter(({ solved }) => solved).length,
    reward: mean(own.map(({ reward }) => reward)),
    rewardOfValid: mean(own.filter(({ valid }) => valid).map(({ reward }) => reward)),
    tokens: mean(own.filter(({ valid }) => valid).map(({ tokens }) => tokens)),
    seconds: mean(own.map(({ seconds }) => seconds)),
  }));
  if (options.json) {
    printDocument(cli, 'designer-measure', { model, draws: report.slice(0, -1), all: report.at(-1) });
    return exitCodes.done;
  }
  for (const [draw, one] of report.entries()) {
    const name = draw === draws ? 'all' : draw === 0 ? 'as a run asks' : `draw ${draw + 1}`;
    out.line(
      `${name}: ${one.valid} of ${one.asked} valid at the first try, ${one.solved} solved, reward ${englishNumbers.score(one.reward)} (of valid plans ${englishNumbers.score(one.rewardOfValid)}), ${englishNumbers.count(Math.round(one.tokens))} tokens, ${englishNumbers.score(one.seconds)} s to answer`,
    );
  }
  return exitCodes.done;
};

async function linesOf(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw badArgument(`${file} cannot be read: ${(error as Error).message}`, 'Name with --data the folder that holds the questions.');
  });
  return text.split('\n').filter((line) => line.trim() !== '');
}
