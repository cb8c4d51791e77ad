import { quickNodeTest, quickSum } from './workspaces.ts';

/** A task of the benchmark. Its hidden test knows one sum more than the visible ones. */
export const sumTask = {
  id: 'own/1',
  request: 'make the failing test pass',
  files: quickSum,
  test: quickNodeTest,
  hiddenFiles: {
    'hidden.test.js': "require('node:test')('h', () => require('node:assert').strictEqual(require('./sum.js').sum(4, 5), 9));\n",
  },
  hiddenTest: `${quickNodeTest} hidden.test.js`,
  reference: { 'sum.js': (quickSum['sum.js'] ?? '').replace('-', '+') },
  language: 'javascript',
};
