import { brokenSum } from './workspaces.ts';

/** A task of the benchmark. Its hidden test knows one sum more than the visible ones. */
export const sumTask = {
  id: 'own/1',
  request: 'make the failing test pass',
  files: brokenSum,
  test: 'node --test',
  hiddenFiles: {
    'hidden.test.js': "require('node:test')('h', () => require('node:assert').strictEqual(require('./sum.js').sum(4, 5), 9));\n",
  },
  hiddenTest: 'node --test hidden.test.js',
  reference: { 'sum.js': (brokenSum['sum.js'] ?? '').replace('-', '+') },
  language: 'javascript',
};
