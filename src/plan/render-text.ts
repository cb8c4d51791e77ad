/** A plan as a person reads it in a terminal: why, who may do what, in which order, and what it costs. */

import { counted, english, englishNumbers, named, rangeText } from '../text/index.ts';
import { abortOf, abortText } from './abort.ts';
import { chained } from './chained.ts';
import type { Range } from './cost.ts';
import type { Choice, Expectation } from './estimate.ts';
import { formatPlace, type Place } from './place.ts';
import { childLists } from './places.ts';
import type { Analysis } from './price.ts';
import { rescueText } from './rescue.ts';
import type { Agent, Plan } from './schema.ts';
import { type Step, stepKindOf, stepTitle } from './step-kinds.ts';

/** A lesson of an earlier run that agents of a role are shown. */
interface RecalledLesson {
  readonly id: string;
  readonly kind: 'fix' | 'warning';
  readonly role: string;
  readonly because: readonly string[];
  readonly solved: boolean;
  readonly calls: number;
}

/** Lines end with `\n`; `width` is where instructions are wrapped. Characters that steer a terminal are shown, never sent. */
export function renderPlanText(
  plan: Plan,
  analysis?: Analysis,
  options: { readonly width?: number; readonly expectation?: Expectation; readonly recalled?: readonly RecalledLesson[] } = {},
): string {
  const width = Math.max(40, options.width ?? 100);
  const sections = [
    head(plan, width),
    ['Team', ...Object.entries(plan.agents).flatMap(([name, agent]) => agentLines(name, agent, plan, width))],
    stepSection(plan, analysis),
  ];
  if (options.expectation) sections.push(expectationLines(options.expectation, width));
  if (options.recalled && options.recalled.length > 0) sections.push(recalledLines(options.recalled, width));
  sections.push([
    ...(analysis ? [estimateLine(analysis), complexityLine(analysis)] : []),
    budgetLine(plan),
    `Ends      early after ${abortText(abortOf(plan))}`,
  ]);
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** What was remembered, for whom, and why it was. */
function recalledLines(lessons: readonly RecalledLesson[], width: number): string[] {
  const line = ({ id, kind, role, because, solved, calls }: RecalledLesson): string => {
    const came = solved ? `solved in ${counted(calls, 'call')}` : `not solved in ${counted(calls, 'call')}`;
    return `The ${role} is shown ${kind === 'fix' ? 'the change' : 'what did not help'} of ${id} (${came}): ${because.join('; ')}.`;
  };
  return ['Remembered from earlier runs here', ...lessons.flatMap((lesson) => wrap(line(lesson), width - 2).map((text) => `  ${text}`))];
}

/** What earlier attempts say, step by step, and of other orders. */
function expectationLines({ steps, facts, others, choices = [], ...whole }: Expectation, width: number): string[] {
  const longest = Math.max(0, ...steps.map(({ step }) => step.length));
  const { attempts, ownRuns } = whole.taughtBy;
  const own = ownRuns > 0 ? ` and ${counted(ownRuns, 'run')} of yours here` : '';
  return [
    `Expected, by ${englishNumbers.count(attempts)} recorded attempts${own}`,
    ...steps.map(({ step, ...of }) => `  ${step.padEnd(longest)}  ${chanceOf(of)} when it is reached`),
    `  together: ${chanceOf(whole)}`,
    ...(facts.length > 0 ? wrap(`What decided: ${facts.join('; ')}.`, width - 2).map((line) => `  ${line}`) : []),
    ...others.map(({ order, ...of }) => `  Instead ${order}: ${chanceOf(of)}`),
    ...choices.flatMap((choice) => wrap(choiceText(choice), width - 2).map((line) => `  ${line}`)),
  ];
}

/** The likeliest options, with what was chosen. */
function choiceText({ of, chosen, options }: Choice): string {
  const { percent } = englishNumbers;
  const ordered = options.toSorted((a, b) => b.probability - a.probability);
  return `Chosen, ${of}: ${chosen}, of ${ordered.map(({ name, probability }) => `${name} ${percent(probability)}`).join(', ')}.`;
}

const chanceOf = ({ chance, tokens }: Pick<Expectation, 'chance' | 'tokens'>): string =>
  `mends ${englishNumbers.percent(chance)}, ${englishNumbers.count(tokens)} tokens on average`;

function head(plan: Plan, width: number): string[] {
  const agents = Object.keys(plan.agents).length;
  const goal =
    plan.finish.when === 'answer'
      ? 'answers a question, changes no file'
      : `done when the tests pass, otherwise hands over ${plan.finish.otherwise === 'best' ? 'the best candidate' : 'nothing'}`;
  const first = `${plan.name}: ${agents} ${agents === 1 ? 'agent' : 'agents'}, ${plan.difficulty}; ${goal}`;
  return plan.reason.trim() === '' ? [first] : [first, ...wrap(plan.reason, width)];
}

function agentLines(name: string, agent: Agent, plan: Plan, width: number): string[] {
  const longest = Math.max(...Object.keys(plan.agents).map((other) => other.length));
  const role = agent.role === name ? '' : `${agent.role}, `;
  const tools = agent.tools.length === 0 ? 'no tools' : `tools ${agent.tools.join(', ')}`;
  const scope =
    agent.write.length === 0
      ? 'writes nothing'
      : `writes ${agent.write.map(named).join(', ')}${agent.output === 'tests' ? '' : ' (no test files)'}`;
  const runs = agent.commands?.length ? `; runs ${agent.commands.map(named).join(', ')}` : '';
  const servers = agent.servers?.length ? `; servers ${agent.servers.join(', ')}` : '';
  const network = agent.network ? '; network' : '';
  const indent = ' '.repeat(longest + 4);
  const facts = `${role}${agent.tier} model, temperature ${agent.temperature}; ${tools}; ${scope}${runs}${servers}${network}`;
  const rescue = agent.rescue === undefined ? '' : `. ${rescueText(agent.rescue, english)}`;
  const said = wrap(agent.instructions, width - indent.length);
  return [`  ${name.padEnd(longest)}  ${facts}${rescue}`, ...said.map((line) => indent + line)];
}

function stepSection(plan: Plan, analysis: Analysis | undefined): string[] {
  const calls = new Map(analysis?.steps.map((step) => [step.path, step.calls]));
  const rows: { name: string; text: string; note: string }[] = [];
  const walk = (steps: readonly Step[], list: Place, indent: string): void => {
    for (const [index, step] of steps.entries()) {
      const place = [...list, index];
      const range = calls.get(formatPlace(place));
      const note = range && range.most > 0 ? callsOf(range) : '';
      const kind = stepKindOf(step);
      rows.push({ name: `${indent}${step.id}`, text: [stepTitle(step, english), ...kind.details(step)].join('; '), note });
      for (const child of childLists(step)) {
        const heading = kind.inside?.lists[child.list]?.heading;
        if (heading !== undefined) rows.push({ name: `${indent}${heading}`, text: '', note: '' });
        walk(child.steps, [...place, child.list], `${indent}  `);
      }
    }
  };
  walk(chained(plan.steps), ['steps'], '  ');
  const widest = (part: 'name' | 'text'): number => Math.min(80, Math.max(...rows.map((row) => row[part].length)));
  const line = (row: (typeof rows)[number]): string =>
    `${row.name.padEnd(widest('name'))}  ${row.text.padEnd(widest('text'))}  ${row.note}`.trimEnd();
  return ['Steps', ...rows.map(line)];
}

const { count, money, span } = englishNumbers;
const duration = (seconds: number): string => span(seconds * 1000);

function estimateLine({ estimate: { calls, tokens, usd, seconds } }: Analysis): string {
  const price = !usd.known ? 'price unknown' : usd.most === 0 ? 'free' : between(usd, money);
  return `Estimate  ${callsOf(calls)}, ${between(tokens, count)} tokens, ${price}, ${between(seconds, duration)}`;
}

function complexityLine({ complexity: { nodes, edges, depth, mostCalls, callLimit } }: Analysis): string {
  const size = [`${counted(nodes, 'agent call')} a pass`, `${counted(edges, 'flow')} between them`, counted(depth, 'layer')];
  return `Size      ${size.join(', ')}; at most the work of ${counted(mostCalls, 'call')} (usual limit ${callLimit})`;
}

function budgetLine({ budget }: Plan): string {
  const limits = [counted(budget.calls, 'call'), `${count(budget.tokens)} tokens`, money(budget.usd), duration(budget.seconds)];
  return `Budget    ${limits.join(', ')}`;
}

const between = ({ least, most }: Range, say: (value: number) => string): string => rangeText(least, most, say);

const callsOf = (range: Range): string => `${between(range, count)} ${range.most === 1 ? 'call' : 'calls'}`;

function wrap(text: string, width: number): string[] {
  return named(text)
    .split(/\r\n?|\n/)
    .flatMap((line) => {
      const lines: string[] = [];
      let current = '';
      for (const word of line.split(/\s+/).filter((part) => part !== '')) {
        if (current !== '' && current.length + 1 + word.length > width) {
          lines.push(current);
          current = word;
        } else current = current === '' ? word : `${current} ${word}`;
      }
      return current === '' ? lines : [...lines, current];
    });
}
