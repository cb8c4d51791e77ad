/**
 * Replies that the embedded model gave to real requests (edits, new files, deletions, in ten languages and three forms), read again: each means what it
 * was found to mean when somebody looked. A change of the reader that reads one differently is looked at by eye; then `TEAMWRIGHT_KEEP_READINGS=1`
 * keeps the new readings.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { examplePath, type KnownFile, parseEdits, type ReplyForm } from '../../src/workspace/index.ts';

interface Kept {
  readonly key: string;
  readonly form: ReplyForm;
  readonly files: readonly KnownFile[];
  readonly reply: string;
  readonly read: ReturnType<typeof read>;
}

const file = join(import.meta.dirname, '../fixtures/replies/embedded.jsonl.gz');
const replies = gunzipSync(readFileSync(file))
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line): Kept => JSON.parse(line));

function read({ reply, form, files }: Pick<Kept, 'reply' | 'form' | 'files'>) {
  const { edits, problems } = parseEdits(reply, form, files);
  return { edits, problems: problems.map(({ kind, path }) => ({ kind, path })) };
}

test('replies of the embedded model are read as before', () => {
  expect(replies.length).toBeGreaterThanOrEqual(300);
  if (process.env.TEAMWRIGHT_KEEP_READINGS === '1')
    writeFileSync(file, gzipSync(replies.map((one) => `${JSON.stringify({ ...one, read: read(one) })}\n`).join(''), { level: 9 }));
  const different = replies.filter((one) => JSON.stringify(read(one)) !== JSON.stringify(one.read));
  expect(different.map(({ key }) => key)).toEqual([]);
});

test('no reply puts marks of the reply, or the path of the example, into files', () => {
  const marks = /^(?:`{3,}\w*|<{7,} SEARCH|>{7,} REPLACE|diff --git .*|@@ -\d.*)$/;
  for (const one of replies) {
    const known = new Set(one.files.flatMap(({ text = '' }) => text.split('\n')));
    for (const edit of one.read.edits) {
      expect(edit.path, one.key).not.toBe(examplePath);
      const added = edit.kind === 'whole-file' ? edit.text : edit.kind === 'search-replace' ? edit.replace : '';
      const own = added.split('\n').filter((line) => marks.test(line) && !known.has(line));
      expect(own, `${one.key} ${edit.path}`).toEqual([]);
    }
  }
});
