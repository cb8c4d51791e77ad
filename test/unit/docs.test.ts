/** The pages of `docs/` and the README against the sources: what they name is there. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { order } from '../../scripts/layers.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { partPrefixes } from '../../src/editor/flow-types.ts';
import { runnerNames } from '../../src/feedback/types.ts';
import { checkPlan, isError, parsePlan } from '../../src/plan/index.ts';
import { outcomes } from '../../src/trace/events.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (page: string): string => readFileSync(path.join(root, page), 'utf8');
/** Named in pages as examples of a workspace's files. */
const ofWorkspaces = ['vite.config.ts'];
const pages = ['README.md', ...globSync('docs/*.md', { cwd: root }).sort()];
const inCode = (page: string): string[] =>
  [...page.replace(/^```.*?^```/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, code]) => code as string);

describe.each(pages)('%s', (page) => {
  test('links lead to files', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link as string);
    expect(links.filter((link) => !existsSync(path.join(root, path.dirname(page), link)))).toEqual([]);
  });

  test('sources, tests and scripts that it names are there', () => {
    const files = globSync(['*.js', '{src,test,scripts,bin,examples,training}/**/*.{ts,tsx,mts,mjs,cjs,js,py}'], { cwd: root });
    const named = inCode(read(page)).filter((code) => /^[\w./-]+\.(ts|tsx|mts|mjs|cjs)$/.test(code) && !code.includes('NAME'));
    expect(named.filter((name) => !ofWorkspaces.includes(name) && !files.some((file) => `/${file}`.endsWith(`/${name}`)))).toEqual([]);
  });
});

test('the README leads to every page', () => {
  const readme = read('README.md');
  const elsewhere = ['docs/marketplace.md'];
  expect(pages.filter((page) => page !== 'README.md' && !elsewhere.includes(page) && !readme.includes(`](${page})`))).toEqual([]);
});

test('plans that pages show as examples are read and are valid', () => {
  const shown = pages.flatMap((page) => [...read(page).matchAll(/^```yaml\n(teamwright:.*?)^```/gms)].map(([, text]) => text as string));
  expect(shown.length).toBeGreaterThan(0);
  for (const text of shown) {
    const { plan, problems = [] } = parsePlan(text);
    expect(problems).toEqual([]);
    expect(plan && checkPlan(plan).filter(isError)).toEqual([]);
  }
});

test('docs/cli.md has every exit code', () => {
  const codes = [...read('docs/cli.md').matchAll(/^\| (\d) +\|/gm)].map(([, code]) => Number(code));
  expect(codes).toEqual(Object.values(exitCodes));
});

test('docs/extension.md has every prefix that leads to a part of the editor', () => {
  const page = read('docs/extension.md');
  expect(Object.keys(partPrefixes).filter((prefix) => !page.includes(`\`${prefix}*\``))).toEqual([]);
});

test('docs/run.md has every outcome', () => {
  const sentence = /The outcome says honestly what it is: (.*)/.exec(read('docs/run.md'))?.[1] ?? '';
  expect(inCode(sentence).toSorted()).toEqual(outcomes.toSorted());
});

test('the README names every test runner with a report of its own', () => {
  const sentence = /from your own test runner \((.*?)\)/.exec(read('README.md'))?.[1] ?? '';
  const named = sentence.split(', ').map((name) => name.replace(':', '-').replace(' ', '-'));
  expect(named.slice(0, -1)).toEqual(runnerNames.filter((name) => name !== 'command'));
});

describe('docs/house.md', () => {
  const house = read('docs/house.md');
  const rooms = house.slice(house.indexOf('| room |'), house.indexOf('Beside the rooms'));
  const rows = [...rooms.matchAll(/^\| `(\w[\w-]*)\/` \|.*$/gm)].map(([row, room]) => ({ row, room: room as string }));

  test('can be read in five minutes', () => {
    expect(house.split(/\s+/).length).toBeLessThan(1_100);
  });

  test('names every folder of src/, in the row of its room', () => {
    const folders = globSync('**/', { cwd: path.join(root, 'src') }).map((folder) => folder.split(path.sep).join('/'));
    expect(folders.length).toBeGreaterThan(40);
    const unnamed = folders.filter((folder) => {
      const [room, ...inside] = folder
        .replace(/\/$/, '')
        .split('/')
        .filter((part) => part !== '.');
      return (
        room !== undefined &&
        !rows.some(({ room: of, row }) => of === room && row.includes(`\`${inside.length === 0 ? room : inside.join('/')}/\``))
      );
    });
    expect(unnamed).toEqual([]);
  });

  test('has the rooms in the order of the layers, from the roof to the ground', () => {
    const levels = rows.map(({ room }) => order.findIndex((line) => line.includes(room)));
    expect(levels).toEqual(levels.toSorted((one, other) => other - one));
    expect(rows.length).toBe(order.flat().length);
  });

  test('names only files and folders that are there', () => {
    const isPath = (code: string): boolean => /^[\w./-]+$/.test(code) && (code.includes('/') || /\.\w+$/.test(code));
    const places = inCode(house.replace(rooms, ''))
      .filter(isPath)
      .map((code) => code.replace(/[^/]*NAME.*$/, ''));
    expect(places.length).toBeGreaterThan(50);
    const there = (place: string): boolean => ['', 'src'].some((top) => existsSync(path.join(root, top, place)));
    const ofRun = ['events.jsonl', 'blobs.jsonl', 'index.ts'];
    expect(places.filter((place) => !there(place) && !ofRun.includes(place))).toEqual([]);
  });
});
