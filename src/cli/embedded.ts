/** Setting up the embedded model at the terminal: asked for, with progress. */

import { localModelMissing } from '../errors.ts';
import { list, requireTrained, setup } from '../local-model/index.ts';
import { englishNumbers } from '../text/index.ts';
import type { Cli } from './context.ts';
import { startLive } from './output/live.ts';
import { confirm } from './output/question.ts';
import { bar, cut } from './output/text.ts';

/** Sees to it that the model is set up: asks at a terminal, does it with `yes`. Rejects with `local-model-missing`. */
export async function requireModel(cli: Cli, id: string, yes: boolean, signal: AbortSignal): Promise<void> {
  await requireTrained(id, {});
  const entry = (await list({}, signal)).find(({ model }) => model.id === id);
  if (entry?.ready) return;
  if (!yes) {
    const missing = localModelMissing(id, entry?.installed ? 'engine' : 'weights');
    if (!cli.terminal.interactive) throw missing;
    const size =
      entry === undefined ? '' : ` (${englishNumbers.bytes(entry.model.bytes)} of weights and an engine of 85 MB, kept for all projects)`;
    if (!(await confirm(cli.terminal, `The embedded model ${id} is not set up${size}. Set it up now?`, true, signal))) throw missing;
  }
  await setupWithProgress(cli, id, signal);
}

/** Fetches engine and weights; a progress bar on a terminal, a line a stage (and every tenth) elsewhere. True when anything was fetched. */
export async function setupWithProgress(cli: Cli, id: string, signal: AbortSignal): Promise<boolean> {
  const { err } = cli.terminal;
  let now = { text: `Setting up ${id}`, share: undefined as number | undefined, done: 0, total: 0 };
  let said = '';
  const live = startLive(err, () => {
    if (now.share === undefined) return [cut(now.text, err.columns - 1)];
    return [
      `${cut(now.text, err.columns - 1)}`,
      `${bar(now.share, Math.min(40, Math.max(10, err.columns - 30)))} ${englishNumbers.bytes(now.done)} of ${englishNumbers.bytes(now.total)}`,
    ];
  });
  try {
    const result = await setup(
      id,
      {
        onProgress: ({ stage, text, doneBytes, totalBytes }) => {
          const share = doneBytes === undefined || !totalBytes ? undefined : doneBytes / totalBytes;
          now = { text, share, done: doneBytes ?? 0, total: totalBytes ?? 0 };
          if (err.isTerminal || stage === 'done') return;
          const line = `${text}${share === undefined ? '' : ` (${Math.floor(share * 10) * 10} %)`}`;
          if (line !== said) err.line(line);
          said = line;
        },
      },
      signal,
    );
    live.stop();
    err.line(`${err.paint('green', '✓')} ${result.changed ? `${id} is set up` : `${id} was set up already`}: ${result.file}`);
    return result.changed;
  } finally {
    live.stop();
  }
}
