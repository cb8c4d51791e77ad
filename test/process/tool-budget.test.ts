/** What a strong model with tools may spend when its first change is wrong, on a workspace of middle size: within the usual budget, with room to spare. */
import { describe, expect, test } from 'vitest';
import { start } from '../support/run-scene.ts';
import type { ChatBody, Reply } from '../support/scripted-server.ts';
import { quickNodeTest } from '../support/workspaces.ts';

const body = (name: string): string =>
  Array.from(
    { length: 26 },
    (_, n) =>
      `/** Step ${n} of ${name}: what goes in is checked, then passed on. */\nfunction ${name}${n}(value) {\n  return value === undefined ? ${n} : value;\n}\n`,
  ).join('\n');
const modules = [
  'basket',
  'buyer',
  'country',
  'currency',
  'discount',
  'invoice',
  'order',
  'parcel',
  'rebate',
  'stock',
  'voucher',
  'weight',
];
const files = {
  'package.json': `{"scripts":{"test":"${quickNodeTest}"}}`,
  ...Object.fromEntries(
    modules.map((name) => [`src/${name}.js`, `${body(name)}\nexports.${name} = (net) => ${name === 'rebate' ? 'net * 0.8' : 'net'};\n`]),
  ),
  'src/price.js': `${modules.map((name) => `const { ${name} } = require('./${name}.js');`).join('\n')}\n${body('price')}\nexports.price = (net) => ${modules.reduce((inner, name) => `${name}(${inner})`, 'net')};\n`,
  'price.test.js': `const { price } = require('./src/price.js');\nconst { test } = require('node:test');\nconst assert = require('node:assert');\ntest('a rebate of ten per cent', () => assert.equal(price(100), 90));\ntest('nothing costs nothing', () => assert.equal(price(0), 0));\n`,
};

const call = (name: string, input: object = {}): Reply => ({ toolCalls: [{ name, arguments: input }] });
const read = (path: string): Reply => call('read', { path });
const edit = (to: string): Reply =>
  call('edit', { path: 'src/rebate.js', search: to === '0.9' ? 'net * 0.7' : 'net * 0.8', replace: `net * ${to}` });
const wrong = edit('0.7');
const right = edit('0.9');

/** What the model does, in turn, until it is told that the tests do not pass, and then. */
const shapes: Readonly<Record<string, { readonly first: readonly Reply[]; readonly after: readonly Reply[]; readonly most: number }>> = {
  'changes at once and is done': { first: [wrong, 'Done.'], after: [right, 'Done.'], most: 8_000 },
  'tests what it did': { first: [wrong, call('test')], after: [right, call('test'), 'Done.'], most: 9_000 },
  'looks around first': {
    first: [read('src/rebate.js'), read('src/price.js'), read('price.test.js'), call('search', { text: 'rebate' }), wrong, call('test')],
    after: [read('src/rebate.js'), right, call('test'), 'Done.'],
    most: 44_000,
  },
  'is done without a test, and looks again': {
    first: [read('src/rebate.js'), wrong, 'Done.'],
    after: [read('src/rebate.js'), read('src/discount.js'), right, 'Done.'],
    most: 22_000,
  },
};

describe('a wrong change first, by a strong model that', () => {
  test.each(Object.keys(shapes))('%s', async (shape) => {
    const { first, after, most } = shapes[shape] as (typeof shapes)[string];
    let at = 0;
    let second: number | undefined;
    const isTold = ({ messages }: ChatBody): boolean => /a rebate of ten per cent[\s\S]*70/.test(JSON.stringify(messages.slice(1)));
    const { run, server } = await start({
      files,
      capabilities: { strength: 'strong', tools: true },
      request: 'A rebate takes off ten per cent, and price() gets it wrong. Mend it.',
      script: (asked) => {
        if (second === undefined && isTold(asked)) second = at;
        const reply = second === undefined ? first[at] : after[at - second];
        at += 1;
        return reply ?? 'Done.';
      },
    });
    const result = await run();
    const { inputTokens, outputTokens } = result.spend;
    expect(result.outcome).toBe('solved');
    expect(server.requests.length).toBeLessThanOrEqual(first.length + after.length + 1);
    expect(inputTokens + outputTokens).toBeLessThan(most);
  });
});
