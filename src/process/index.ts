/** Child processes: started without a shell, fenced in time and output, and ended with everything they started. */
export { pickEnvironment } from './environment.ts';
export { findProgram } from './program.ts';
export { runCommand } from './run-command.ts';
export { probeSandbox } from './sandbox.ts';
export type { CommandEnding, CommandOptions, CommandResult, CommandSpec, SandboxProbe, SandboxRequest } from './types.ts';
