/** A run of a hundred steps: ten groups of eight, each of which builds on the notes of the one before, with a test run after each. Only the last change is right. */
import { type Plan, planSchema } from '../../src/plan/index.ts';
import type { ChatBody, Reply } from './scripted-server.ts';
import { quickSum, sumReply } from './workspaces.ts';

const groups = 10;
const readers = ['reader-1', 'reader-2', 'reader-3', 'reader-4', 'reader-5'];
const voters = ['voter-1', 'voter-2'];
const numbers = Array.from({ length: groups }, (_, n) => n + 1);

const agent = (name: string, output: 'note' | 'edits'): object => ({
  role: 'coder',
  instructions: `Do the work of ${name} alone.`,
  output,
  tools: [],
  write: output === 'edits' ? ['sum.js'] : [],
});

export const hundredSteps: Plan = planSchema.parse({
  teamwright: 1,
  name: 'hundred-steps',
  difficulty: 'hard',
  agents: Object.fromEntries([
    ...[...readers, ...voters].map((name) => [name, agent(name, 'note')]),
    ...numbers.map((n) => [`coder-${n}`, agent(`coder-${n}`, 'edits')]),
  ]),
  steps: numbers.flatMap((n) => {
    const uses = n === 1 ? [] : [`reader-1-in-${n - 1}`];
    return [
      {
        id: `part-${n}`,
        do: 'group',
        steps: [
          ...readers.map((name) => ({ id: `${name}-in-${n}`, do: 'analyse', agent: name, uses })),
          ...voters.map((name) => ({
            ...{ id: `${name}-in-${n}`, do: 'vote', agent: name, uses },
            ...{ answer: 'choice', options: ['left', 'right'], samples: 4, accuracy: 80, target: 80 },
          })),
          { id: `write-${n}`, do: 'generate', agent: `coder-${n}`, stop: 'never', uses },
        ],
      },
      { id: `test-${n}`, do: 'test' },
    ];
  }),
  budget: { tokens: 5_000_000, usd: 10, seconds: 36_000, calls: 200, agents: 20, depth: 4 },
});

export const hundredStory = {
  plan: hundredSteps,
  request: 'Make the failing test pass.',
  files: quickSum,
  answer: ({ messages }: ChatBody): Reply => {
    const text = messages.map(({ content }) => content).join('\n');
    const name = /Do the work of ([a-z]+-\d+) alone\./.exec(text)?.[1] ?? '';
    const seen = Math.max(0, ...[...text.matchAll(/have seen (\d+)/g)].map(([, n]) => Number(n)));
    const part = Number(/^coder-(\d+)$/.exec(name)?.[1]);
    const said = name.startsWith('reader')
      ? `I am ${name} and have seen ${seen + 1}.`
      : name.startsWith('voter')
        ? 'left'
        : sumReply(part === groups ? 'a + b' : `a - b - ${part}`);
    return { text: said, stallMs: 20, chunkMs: 1, chunkChars: 20 };
  },
};
