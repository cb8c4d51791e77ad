import { chmodSync, closeSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFailure } from '../make-temporary.ts';
import { enterByBwrap } from './bwrap.ts';
import { orderFor } from './first-process.ts';
import { isBare, type Layout, layOut, type Places, rootFolder } from './layout.ts';
import { readMountTable } from './mount-table.ts';
import { removeScratch, takeScratch } from './scratch.ts';
import { withoutSockets } from './sockets.ts';
import type { Entry, Fenced, Inner } from './types.ts';
import { deviceLinks, devices, enterByUnshare } from './unshare.ts';
import { openFor } from './view.ts';

/** A command ready to be started in its fence. */
export interface Entered extends Entry {
  /** For descriptor 4. */
  readonly order: number;
  /** Closes `order` here. */
  started(): void;
  /** Removes what belonged to the command; for when its last process is gone. */
  leave(): void;
}

/** Variables that name what a fenced command has elsewhere or not at all: its temporary folder is /tmp, and no socket of the session is there. */
const outside = ['TMPDIR', 'TEMP', 'TMP', 'XDG_RUNTIME_DIR'];

/**
 * Makes on disk what a fenced command needs, and says how it is started; a sentence when the fence has gone meanwhile. Throws
 * `temporary-folder-unusable`.
 */
export function enterFence({ fence, view: given }: Fenced, inner: Inner): Entered | string {
  const scratch = takeScratch('disk');
  const points = takeScratch('memory');
  const leave = (): void => [scratch, points].forEach(removeScratch);
  const at: Places = (place) => join(isBare(place) ? points : scratch, place);
  try {
    const view = withoutSockets(openFor(given, [], [inner.program]));
    const table = readMountTable();
    const layout = layOut(view, at, fence.discards, table);
    // Where a file of the user's is granted, it is mounted over ours.
    mkdirSync(at('home'));
    for (const [name, text] of Object.entries(view.homeFiles ?? {})) writeFileSync(join(at('home'), name), text, { mode: 0o600 });
    make(layout, at);
    const env = Object.fromEntries(Object.entries(inner.env).filter(([name]) => !outside.includes(name)));
    writeFileSync(at('order'), orderFor({ ...inner, env }), { mode: 0o600 });
    const entry = fence.by === 'bwrap' ? enterByBwrap(view, layout, at, process.env.PATH) : enterByUnshare(view, layout, at, table);
    if (typeof entry === 'string') {
      leave();
      return entry;
    }
    const order = openSync(at('order'), 'r');
    return { ...entry, order, started: () => closeSync(order), leave };
  } catch (error) {
    leave();
    throw temporaryFailure(error, String((error as NodeJS.ErrnoException).path).startsWith(points) ? points : scratch) ?? error;
  }
}

function make({ folders, files, links }: Layout, at: Places): void {
  const made = new Set<string>();
  const folder = (place: string): void => {
    if (made.has(place)) return;
    made.add(place);
    mkdirSync(at(place), { recursive: true });
  };
  for (const place of [...folders, `${rootFolder}/dev/pts`, `${rootFolder}/dev/shm`]) folder(place);
  for (const place of ['tmp', 'var-tmp', ...(folders.includes('shm') ? ['shm'] : [])]) chmodSync(at(place), 0o1777);
  for (const place of [...files, ...devices.map((name) => `${rootFolder}/dev/${name}`)]) {
    folder(dirname(place));
    writeFileSync(at(place), '', { mode: 0o400 });
  }
  for (const link of [...links, ...deviceLinks.map(([name, to]) => ({ at: `${rootFolder}/dev/${name}`, to }))]) {
    folder(dirname(link.at));
    symlinkSync(link.to, at(link.at));
  }
}
