/** An index that git wrote, with other times of files: https://git-scm.com/docs/index-format, versions 2 and 3. */
import { createHash } from 'node:crypto';

/** Times, sizes and owners of a file, before the name of its blob. */
const statBytes = 40;
const mtimeAt = 8;
const extended = 0x4000;

/**
 * The index with the given times of last writes (ms since the epoch, by path), so that git does not take files for changed whose times were set
 * after it had written them. Whole seconds: what `core.checkStat=minimal` compares.
 */
export function withTimes(index: Buffer, times: ReadonlyMap<string, number>, objectFormat: string): Buffer {
  const version = index.readUInt32BE(4);
  if (index.toString('latin1', 0, 4) !== 'DIRC' || (version !== 2 && version !== 3)) throw new Error(`an index of version ${version}`);
  const hashBytes = objectFormat === 'sha256' ? 32 : 20;
  const changed = Buffer.from(index);
  let at = 12;
  for (let left = index.readUInt32BE(8); left > 0; left -= 1) {
    const flagsAt = at + statBytes + hashBytes;
    const nameAt = flagsAt + ((index.readUInt16BE(flagsAt) & extended) === 0 ? 2 : 4);
    const end = index.indexOf(0, nameAt);
    const ms = times.get(index.toString('utf8', nameAt, end));
    if (ms !== undefined) changed.writeUInt32BE(Math.floor(ms / 1000) >>> 0, at + mtimeAt);
    // Entries are filled up with 1 to 8 zeros.
    at += Math.floor((end - at + 8) / 8) * 8;
  }
  createHash(objectFormat)
    .update(changed.subarray(0, -hashBytes))
    .digest()
    .copy(changed, changed.length - hashBytes);
  return changed;
}
