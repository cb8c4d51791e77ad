/** What a copy seems to lack, by the baseline that ran in it: said before anything is paid for. */
import { lstatSync } from 'node:fs';
import { join, posix } from 'node:path';
import { saidIn } from '../feedback/index.ts';
import type { TestCase, TestReport } from '../feedback/types.ts';

/** Paths of a project, relative to it. */
export type Has = (path: string) => boolean;

/** Whether something lies at a path in this folder. Nothing is opened, and no link followed. */
export const whatLiesIn =
  (folder: string): Has =>
  (path) => {
    try {
      return lstatSync(join(folder, path), { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
      // A file where a folder is wanted, a name that is too long: nothing lies there.
      if (error instanceof Error && 'code' in error) return false;
      throw error;
    }
  };

const mostNamed = 5;
const mostLooked = 500;
/** Where so many tests fail and none passes, it is hardly the code. */
const many = 3;

/** What git says of commits and contents that it does not have. */
const notInGit =
  /fatal: (?:unable to read|could not read|bad (?:object|revision|tree|default revision)|ambiguous argument|invalid (?:object|reference)|not a valid (?:object|commit)|no (?:names found|tags can describe|merge base|such ref)|needed a single revision)|remote did not send all necessary objects|\b(?:missing|unable to read) (?:blob|tree|commit|tag|object)\b/i;

/** In sentences. Pure but for what it is given. */
export function lackingInCopy(report: TestReport, inCopy: Has, inProject: Has): string[] {
  const failed = report.cases.filter(({ outcome }) => outcome === 'failed');
  const said = saidIn({ output: report.output, cases: failed });
  return [
    ...filesLacking(report, failed, said, inCopy, inProject),
    ...(failed.length > 0 && notInGit.test(said)
      ? [
          'Failing tests speak of something that git did not find. The repository of a copy has branches, tags and remote branches with their newest commits (10,000 of HEAD, 5,000 beside it) and up to 50 MB of older contents; no stash, no reflog, no file of secrets, and nothing that a shallow or partial clone has not fetched.',
        ]
      : []),
  ];
}

function filesLacking({ passed }: TestReport, failed: readonly TestCase[], said: string, inCopy: Has, inProject: Has): string[] {
  const words = said.match(/[\w@.-]{1,80}(?:\/[\w@.-]{1,80}){0,12}/g) ?? [];
  const paths = [...new Set(words.filter((word) => /[./]/.test(word)).map((word) => posix.normalize(word).replace(/\.$/, '')))];
  const isInside = (path: string): boolean => path !== '' && !/^(?:\.\.|\.git|\/)(?:\/|$)/.test(path);
  const lacking =
    failed.length === 0 ? [] : paths.slice(0, mostLooked).filter((path) => isInside(path) && !inCopy(path) && inProject(path));
  if (lacking.length > 0) {
    const named = lacking.slice(0, mostNamed).join(', ');
    return [
      `Failing tests speak of ${named}, which is in the project and not in a copy. Should they need it, name it in a file .worktreeinclude.`,
    ];
  }
  if (passed > 0 || failed.length < many) return [];
  return [
    `None of ${failed.length} tests passes in a copy. Should they pass in the project itself, a copy lacks something: name ignored files that they need in a file .worktreeinclude.`,
  ];
}
