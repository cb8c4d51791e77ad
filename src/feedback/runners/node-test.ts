import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { globSync } from 'tinyglobby';
import { type Readout, readChannel } from '../channel.ts';
import { type Reading, readingOf } from '../reading.ts';
import { type GuardRecord, parseRecord } from '../records.ts';
import { nodeTestPreload, nodeTestReporter } from '../reporters/node-test.ts';
import { programName, type Runner, type RunPlace, withoutOption } from './runner.ts';

export const nodeTest: Runner = {
  name: 'node-test',
  recognises: (words) => ['node', 'nodejs', 'tsx'].includes(programName(words[0])) && words.includes('--test'),
  prepare(argv, place) {
    const reporter = join(place.reports, 'reporter.mjs');
    const preload = join(place.reports, 'preload.cjs');
    const { channel } = place;
    const progressFile = join(place.reports, 'progress.jsonl');
    writeFileSync(reporter, nodeTestReporter);
    writeFileSync(preload, nodeTestPreload);
    const [program = 'node', ...rest] = withoutOption(argv, '--test-reporter', '--test-reporter-destination');
    const options = ['--require', preload, `--test-reporter=${pathToFileURL(reporter).href}`, '--test-reporter-destination=stdout'];
    return {
      argv: [program, ...options, ...rest.flatMap((word) => expand(word, place.cwd))],
      env: { TEAMWRIGHT_TICKET: channel.ticket, TEAMWRIGHT_PROGRESS: progressFile },
      reportFile: progressFile,
      read: (cutShort) => {
        const [readout, progress] = [readChannel(channel), readProgress(progressFile)];
        return merge(cutShort ? { ...readout, records: asCut(readout.records, progress) } : readout, progress, place);
      },
    };
  },
};

/** Node 20 takes no globs; a shell would have expanded these. */
function expand(word: string, cwd: string): string[] {
  if (word.startsWith('-') || !/[*?]/.test(word)) return [word];
  const files = globSync(word.replaceAll('\\', '/'), { cwd, dot: false, expandDirectories: false }).sort();
  return files.length > 0 ? files : [word];
}

function readProgress(path: string): GuardRecord[] {
  if (!existsSync(path)) return [];
  const records = readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => parseRecord(line));
  return records.flatMap((record) => (record === undefined ? [] : [{ ...record, worker: 'w' }]));
}

/**
 * The report of a run that we ended: its runner may have lived long enough to call a file failed whose process we had killed, and to say that all
 * is over. What the process itself told of its tests stands instead.
 */
function asCut(report: readonly GuardRecord[], progress: readonly GuardRecord[]): readonly GuardRecord[] {
  const ended = new Set(progress.flatMap((record) => (record.t === 'over' ? [record.file] : [])));
  return report.filter(
    (record) => record.t !== 'end' && !(record.t === 'case' && record.whole && record.name === '' && !ended.has(record.file)),
  );
}

/** A run that ended needs only the reporter; of one that was cut short, the preload knows the last moments of each file. */
function merge(readout: Readout, progress: readonly GuardRecord[], place: RunPlace): Reading {
  const naming = { root: place.root, normalise: place.normalise, separator: ' > ' };
  const report = readout.records;
  if (report.some((record) => record.t === 'end')) return readingOf(readout, naming);
  const reported = new Set(report.flatMap((record) => (record.t === 'case' ? [`${record.file}\0${record.name}`] : [])));
  const parents = new Set<string>();
  for (const record of progress) {
    if (record.t !== 'start') continue;
    const parts = record.name.split(' > ');
    for (let length = 1; length < parts.length; length += 1) parents.add(`${record.file}\0${parts.slice(0, length).join(' > ')}`);
  }
  const news = progress.filter((record) => {
    if (record.t !== 'start' && record.t !== 'over' && record.t !== 'case') return false;
    const key = `${record.file}\0${record.name}`;
    return !reported.has(key) && !parents.has(key);
  });
  return readingOf({ ...readout, records: [...report, ...news] }, naming);
}
