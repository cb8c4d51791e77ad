/** A child of its own, since a pattern that never ends cannot be stopped from inside: normalises one hostile text and prints the milliseconds. */
import { normaliserFor } from '../../src/feedback/normalise.ts';

const size = 200_000;
const filled = (piece: string): string => piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
export const hostile: Readonly<Record<string, () => string>> = {
  'runtime lines': () => filled('node:internal/x\n'),
  'runtime lines without an end': () => filled('node:internal/x\n').trimEnd(),
  'one runtime line': () => filled('node:internal/'),
  'python frames': () => filled('  File "/lib/python3/unittest\n'),
  'python frames in one line': () => `  File "${filled('/lib/python3/unittest')}`,
  'python digits': () => `  File "${filled('/lib/python1.1.1.1')}`,
  'blanks after a mark': () => `ok${' '.repeat(size)}x`,
  'many lines of blanks after a mark': () => filled(`ok${' '.repeat(1990)}x\n`),
  'numbers after a mark': () => `ok ${filled('1.1')}x`,
  frames: () => filled('    at (node: node_modules '),
  rules: () => `= ${filled('= ')}x`,
  addresses: () => filled('0x1234567'),
  'empty lines': () => '\n'.repeat(size),
  'escape sequences': () => filled('\u001b[;'),
  'an escape sequence without an end': () => `\u001b[${';'.repeat(size)}`,
  'an escape sequence of words': () => `\u001b]${filled(';a')}`,
  'many escape sequences without an end': () => filled(`\u001b[${';'.repeat(1990)}\n`),
  carriage: () => filled('\r\n\r'),
};

const name = process.argv[2];
if (name !== undefined && import.meta.main) {
  const text = hostile[name]?.() ?? '';
  const normalise = normaliserFor(process.cwd(), []);
  const started = performance.now();
  normalise(text);
  process.stdout.write(String(Math.round(performance.now() - started)));
}
