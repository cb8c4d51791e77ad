/** A call is paid for once its server has it, so it is on record by then: a kill in between may not leave one that nobody knows of. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { commandLineScene } from '../support/command-line-scene.ts';
import { answerFor, everyKind, request, twoMistakes } from '../support/every-kind.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of cleanUps.splice(0).reverse()) await one();
});

test('every call of a run that holds every kind of step is on the disk before its server is asked', async () => {
  const begun: { asked: number; onDisk: number }[] = [];
  const { cli, server, workspace } = await commandLineScene(
    cleanUps,
    (body) => {
      begun.push({ asked: begun.length + 1, onDisk: startedIn(join(cli.dataDir, 'runs')) });
      return answerFor(body);
    },
    { files: twoMistakes },
  );
  const team = join(cli.home, 'every.team.yaml');
  writeFileSync(team, JSON.stringify(everyKind));
  const models = ['--model', `scripted@${server.url}`];
  const { code, stderr } = await cli.run(['run', request, '--workspace', workspace.root, '--designer', team, ...models, '--yes']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(begun.length).toBeGreaterThan(10);
  expect(begun.filter(({ asked, onDisk }) => onDisk < asked)).toEqual([]);
});

const startedIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.startsWith('events'))
    .flatMap((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').match(/"type":"call\.started"/g) ?? []).length;
