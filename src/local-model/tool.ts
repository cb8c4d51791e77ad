/** Runs the user's own package managers (npm, pip) with the user's own configuration. */
import { type CommandResult, runCommand } from '../process/index.ts';

const wallMs = 60 * 60_000;
const silenceMs = 10 * 60_000;
/** What an `npm run` or `npx` around us has set for its own package. */
const outerNpm = /^npm_(?!config_(registry|cache|userconfig|globalconfig|cafile|ca|https?_proxy|proxy|noproxy|strict_ssl|offline)$)/i;

function ownEnvironment(extra: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[0] !== 'NODE_OPTIONS' && !outerNpm.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), ...extra };
}

export async function runTool(
  argv: readonly string[],
  cwd: string,
  extra: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<CommandResult> {
  const result = await runCommand({ argv, cwd, env: ownEnvironment(extra), wallMs, idleMs: silenceMs }, {}, signal);
  signal.throwIfAborted();
  return result;
}

/** Why a tool failed, in one line: the last thing it complained about. */
export function complaint(result: CommandResult): string {
  const lines = `${result.stdout}\n${result.stderr}`.split('\n').map((line) => line.trim());
  const telling = lines.filter((line) => /error/i.test(line) && !/complete log|debug-0\.log/i.test(line));
  const ending = result.exitCode === null ? result.ending : `exit ${result.exitCode}`;
  return (telling.at(-1) ?? lines.filter(Boolean).at(-1) ?? ending).slice(0, 300);
}
