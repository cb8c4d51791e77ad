/** The ground: child processes (started without a shell, fenced in time and output, ended with everything they started), and who owns what. */
export { pickEnvironment } from './environment.ts';
export {
  allowText,
  type Fence,
  type Fenced,
  fenceView,
  type Grants,
  grantsByFolderSchema,
  grantsFor,
  type NoFence,
  noGrants,
  offlineStart,
  openFor,
  takeScratch,
  wantedBeyond,
} from './fence/index.ts';
export {
  bytesAt,
  contentAt,
  ifThere,
  isAbsent,
  isThere,
  isWithin,
  namesAt,
  readRecord,
  realOrGiven,
  replaceFile,
  textAt,
  textAtNow,
} from './files.ts';
export { findFence } from './find-fence.ts';
export { type Holder, type Lock, lockHolder, takeLock, withLock } from './lock.ts';
export { isAlive, isLeftByDead, isThisProcess, type Owner, ownerMark } from './owner.ts';
export { findProgram } from './program.ts';
export { removeTree } from './removal.ts';
export { runCommand } from './run-command.ts';
export { checkTemporaryFolder, temporaryBehind } from './temporary.ts';
export type { CommandEnding, CommandResult } from './types.ts';
