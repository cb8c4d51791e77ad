/** A run as a golden text: everything that differs from one run of the same thing to the next becomes a placeholder. Its diff is the review. */
import type { TraceEvent } from '../../src/trace/events.ts';
import { blobsOf } from './verify-trace.ts';

export interface TranscriptOptions {
  /** Absolute folders and what stands for them, such as a temporary folder; the workspace of the run is known already. */
  readonly paths?: Readonly<Record<string, string>>;
  /** The text of a blob. When given, each text is shown once, where it is first named. */
  readonly text?: (sha256: string) => string | undefined;
}

/** Durations, sizes of money and time, and what depends on how quick tests were: real, but never the same twice. */
const measured = new Set(['ms', 'again', 'seen', 'score', 'behaviour', 'seconds', 'at', 'v', 'seq', 'type', 'program', 'runId']);

const hashPattern = /\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g;

/** One block per event. Pure; ends with a line break. */
export function renderTranscript(events: Iterable<TraceEvent>, options: TranscriptOptions = {}): string {
  const hashes = new Map<string, string>();
  const paths = new Map(Object.entries(options.paths ?? {}));
  const shown = new Set<string>();
  const lines: string[] = [];

  const plain = (text: string): string => {
    let result = text;
    // Longest first: a workspace may lie inside the temporary folder.
    for (const [path, name] of [...paths].sort(([a], [b]) => b.length - a.length)) {
      result = result.replaceAll(path, name).replaceAll(path.replaceAll('\\', '/'), name);
    }
    return result
      .replaceAll(hashPattern, (hash) => {
        const name = hashes.get(hash) ?? `#${hashes.size + 1}`;
        hashes.set(hash, name);
        return name;
      })
      .replaceAll(/\b\d+(?:\.\d+)? ?(?:ms|seconds)\b/g, '<time>');
  };
  const normal = (value: unknown): unknown => {
    if (typeof value === 'string') return plain(value);
    if (Array.isArray(value)) return value.map(normal);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !measured.has(key))
        .map(([key, item]) => [plain(key), normal(item)]),
    );
  };

  for (const event of events) {
    if (event.type === 'run.started') {
      paths.set(event.workspace, '<workspace>');
      paths.set(event.runId, '<run>');
    }
    const fields = Object.entries(normal(event) as Record<string, unknown>).sort(([a], [b]) => (a < b ? -1 : 1));
    lines.push(`${event.type}${fields.map(([key, value]) => `\n  ${key}: ${inline(value)}`).join('')}`);
    for (const hash of blobsOf(event)) {
      const text = options.text?.(hash);
      if (text === undefined || shown.has(hash)) continue;
      shown.add(hash);
      lines.push(
        `  ${plain(hash)} =`,
        ...plain(readable(text))
          .split('\n')
          .map((line) => `    | ${line}`.trimEnd()),
      );
    }
  }
  return `${lines.join('\n')}\n`;

  /** Blobs that are JSON (replies, reports) are shown without their measured fields. */
  function readable(text: string): string {
    if (!text.startsWith('{') && !text.startsWith('[')) return text;
    try {
      return JSON.stringify(normal(JSON.parse(text)), null, 2);
    } catch (error) {
      if (error instanceof SyntaxError) return text;
      throw error;
    }
  }
}

/** Plain words as they are, the rest as JSON. */
function inline(value: unknown): string {
  return typeof value === 'string' && /^[^\s"'{}[\]][^\n"]*$/.test(value) ? value : JSON.stringify(value);
}
