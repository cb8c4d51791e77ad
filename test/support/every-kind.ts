/**
 * A run that holds every kind of step: a workspace with two mistakes, a plan, and a model that answers by what it is asked and nothing else, so that
 * the same run comes to the same end however often it is cut short.
 */
import { type Plan, planSchema } from '../../src/plan/index.ts';
import type { ChatBody, Reply } from './scripted-server.ts';
import { quickNodeTest } from './workspaces.ts';

const functionFile = (name: string, expression: string): string =>
  `function ${name}(a, b) {\n  return ${expression};\n}\n\nmodule.exports = { ${name} };\n`;

const testFile = (cases: readonly string[]): string =>
  [
    "const { test } = require('node:test');",
    "const assert = require('node:assert');",
    "const { sum } = require('./sum.js');",
    "const { product } = require('./product.js');",
    ...cases.map((one) => `test('${one}', () => assert.strictEqual(...${one}));`),
    '',
  ].join('\n');

const scripts = { test: quickNodeTest, lint: 'node lint.js' };

export const twoMistakes: Readonly<Record<string, string>> = {
  'package.json': `${JSON.stringify({ name: 'two', private: true, scripts }, null, 2)}\n`,
  'lint.js': "require('./sum.js');\n",
  'sum.js': functionFile('sum', 'a - b'),
  'product.js': functionFile('product', 'a + b'),
  'all.test.js': testFile(['[sum(2, 0), 2]', '[sum(2, 3), 5]', '[product(2, 3), 6]']),
};

export const request = 'Make the failing tests pass.';

const agent = (instructions: string, output: string, write: readonly string[] = [], more: object = {}): object => ({
  ...{ role: 'coder', instructions, output, tools: [], write },
  ...more,
});

/** What is wrong stays wrong until `mend`, so that no step finds that there is nothing to do. */
export const everyKind: Plan = planSchema.parse({
  teamwright: 1,
  name: 'every-kind',
  difficulty: 'hard',
  agents: {
    voter: agent('Say which file is wrong first.', 'note'),
    reader: agent('Say what is wrong.', 'note'),
    second: agent('Say what may go wrong.', 'note'),
    prober: agent('Find inputs that differ.', 'note'),
    tester: agent('Add one more test.', 'tests', ['**']),
    coder: agent('Write what is missing.', 'edits', ['*.js']),
    hand: agent('Work with your tools.', 'edits', ['*.js'], { tools: ['read', 'edit', 'test'], tier: 'strong' }),
    one: agent('Write the function alone.', 'edits', ['*.js']),
    left: agent('Argue for the left.', 'edits', ['*.js']),
    right: agent('Argue for the right.', 'edits', ['*.js']),
    mender: agent('Mend one place alone.', 'edits', ['sum.js']),
    reviewer: agent('Read the change closely.', 'verdict'),
    fixer: agent('Take what is wrong out of it.', 'edits', ['*.js']),
  },
  steps: [
    { id: 'which', do: 'vote', agent: 'voter', answer: 'choice', options: ['sum.js', 'product.js'], samples: 6, accuracy: 80, target: 80 },
    {
      id: 'think',
      do: 'group',
      steps: [
        { id: 'look', do: 'analyse', agent: 'reader', uses: ['which'] },
        { id: 'doubt', do: 'analyse', agent: 'second' },
      ],
    },
    { id: 'more-tests', do: 'write-tests', agent: 'tester', uses: ['look'] },
    { id: 'draft', do: 'generate', agent: 'coder', samples: 2, stop: 'never', uses: ['look', 'doubt'] },
    { id: 'by-hand', do: 'generate', agent: 'hand' },
    { id: 'try', do: 'test' },
    { id: 'apart', do: 'tell-apart', agent: 'prober' },
    { id: 'place', do: 'repair', agent: 'mender', samples: 1, mutations: 0 },
    { id: 'judge', do: 'review', agent: 'reviewer' },
    {
      id: 'if-red',
      do: 'when',
      if: 'tests-fail',
      steps: [
        {
          id: 'again',
          do: 'repeat',
          until: 'tests-pass',
          max: 1,
          steps: [
            { id: 'fix', do: 'revise', agent: 'fixer', uses: ['judge'] },
            { id: 'retry', do: 'test' },
          ],
        },
      ],
    },
    { id: 'talk', do: 'debate', agent: 'left', others: ['right'], rounds: 2, keep: 1, stop: 'never' },
    { id: 'part', do: 'vote-part', agent: 'one', samples: 6, accuracy: 80, target: 80, from: 'best' },
    {
      id: 'pieces',
      do: 'chain',
      pieces: ['sum', 'product'],
      steps: [{ id: 'piece', do: 'vote-part', agent: 'one', samples: 8, accuracy: 90, target: 80, from: 'best' }],
    },
    { id: 'mend', do: 'merge' },
    { id: 'quality', do: 'check', checks: ['types', 'lint'] },
    { id: 'last', do: 'test' },
    { id: 'pick', do: 'select' },
  ],
  budget: { tokens: 2_000_000, usd: 10, seconds: 3600, calls: 200, agents: 13, depth: 4 },
  abort: { breaches: 40, failures: 30, tokens: 900_000 },
});

const whole = (name: string, expression: string): string => `### ${name}.js\n\`\`\`js\n${functionFile(name, expression)}\`\`\`\n`;

/** By what stands in the instructions; `attempt` tells samples and rounds apart. */
const answers: readonly (readonly [string, (body: ChatBody, text: string) => Reply])[] = [
  ['Say which file is wrong first.', ({ seed = 0 }) => (seed % 5 === 3 ? 'I think it is sum.js' : 'sum.js')],
  ['Say what is wrong.', () => 'Both functions use the wrong operator.'],
  ['Say what may go wrong.', () => 'The names must stay.'],
  ['Find inputs that differ.', () => 'sum(1, 2)\nsum(3, 3)'],
  ['Add one more test.', () => `### more.test.js\n\`\`\`js\n${testFile(['[sum(4, 5), 9]'])}\`\`\`\n`],
  ['Write what is missing.', ({ seed = 0 }) => whole('sum', seed % 2 === 0 ? 'a * b' : 'b - a')],
  ['Argue for the left.', (_body, text) => `${rated(text, 'right 2')}${whole('product', 'a * b')}`],
  ['Argue for the right.', (_body, text) => `${rated(text, 'left 4')}${whole('product', 'a / b')}`],
  ['Mend one place alone.', () => JSON.stringify({ path: 'sum.js', from: 2, to: 2, text: '  return b * a;' })],
  ['Read the change closely.', () => 'The operator is still wrong.\nREJECT'],
  ['Take what is wrong out of it.', () => whole('sum', 'a + b')],
  ['Write the function alone.', (_body, text) => alone(text.includes('the code of product') ? 'product' : 'sum')],
];

const alone = (name: string): string => `\`\`\`js\nfunction ${name}(a, b) {\n  return b - a - a;\n}\n\`\`\`\n`;

const rated = (text: string, ratings: string): string => (text.includes('`RATINGS:') ? `RATINGS: ${ratings}\n` : '');

const toolTurns: readonly (readonly [string, object])[] = [
  ['edit', { path: 'sum.js', search: 'a - b', replace: 'b + b' }],
  ['test', {}],
];

export function answerFor(body: ChatBody): Reply {
  const text = body.messages.map(({ content }) => content ?? '').join('\n');
  if (text.includes('Work with your tools.')) {
    const turn = body.messages.filter(({ role }) => role === 'assistant').length;
    const next = toolTurns[turn];
    return next ? { toolCalls: [{ name: next[0], arguments: next[1] }], stallMs: 30 } : { text: 'Done.', stallMs: 30 };
  }
  // A conversation may hold what other agents were told: the last one who is named is asked.
  const [found] = answers
    .map(([instructions, answer]) => ({ at: text.lastIndexOf(instructions), answer }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => b.at - a.at);
  if (!found) return { status: 400, body: { error: { message: `nobody knows ${text.slice(-300)}` } } };
  const said = found.answer(body, text);
  return { ...(typeof said === 'string' ? { text: said } : said), stallMs: 30, chunkMs: 1, chunkChars: 20 };
}
