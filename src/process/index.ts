/** The ground: child processes (started without a shell, fenced in time and output, ended with everything they started), and who owns what. */
export { pickEnvironment } from './environment.ts';
export { ifThere, isAbsent, isWithin, type ReplaceOptions, replaceFile } from './files.ts';
export { type Holder, type Lock, lockHolder, takeLock, withLock } from './lock.ts';
export { isAlive, isThisProcess, type Owner } from './owner.ts';
export { findProgram } from './program.ts';
export { runCommand } from './run-command.ts';
export { probeSandbox } from './sandbox.ts';
export type { CommandEnding, CommandOptions, CommandResult, CommandSpec, SandboxProbe, SandboxRequest } from './types.ts';
