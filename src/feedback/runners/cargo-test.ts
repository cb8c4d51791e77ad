import { caseBuilder, type Reading, unguarded } from '../reading.ts';
import { lineReader } from './lines.ts';
import { type Prepared, programName, type Runner, type RunPlace } from './runner.ts';

/** Stable Rust has no machine-readable report; the text of libtest is stable enough to read. */
export const cargoTest: Runner = {
  name: 'cargo-test',
  recognises: (words) => programName(words[0]) === 'cargo' && (words[1] === 'test' || words[1] === 't'),
  prepare(argv, place) {
    const [program = 'cargo', , ...rest] = argv;
    const first = rest.includes('--no-fail-fast') ? [] : ['--no-fail-fast'];
    return {
      argv: [program, 'test', ...first, ...rest.filter((word) => word !== '-q' && word !== '--quiet')],
      env: { CARGO_TERM_COLOR: 'never', CARGO_TERM_PROGRESS_WHEN: 'never', RUST_BACKTRACE: '0' },
      ...textReader(place),
    };
  },
};

const keptMessage = 8000;

interface Line {
  readonly target: number;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
}

function textReader(place: RunPlace): Pick<Prepared, 'onOutput' | 'read'> {
  // Targets are named on stderr and run on stdout, in the same order.
  const targets: string[] = [];
  const lines: Line[] = [];
  const messages = new Map<string, string>();
  let compile = '';
  let blocks = 0;
  let results = 0;
  let current: string | undefined;

  const stdout = lineReader((line) => {
    if (/^running \d+ tests?$/.test(line)) blocks += 1;
    const test = /^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)\b/.exec(line);
    const section = /^---- (.+?) stdout ----$/.exec(line);
    if (section !== null) current = `${blocks}\0${section[1]}`;
    else if (/^(failures:|test result: )/.test(line)) current = undefined;
    else if (test !== null)
      lines.push({
        target: blocks,
        name: test[1] ?? '',
        outcome: test[2] === 'ok' ? 'passed' : test[2] === 'FAILED' ? 'failed' : 'skipped',
      });
    else if (current !== undefined) messages.set(current, `${messages.get(current) ?? ''}${line}\n`.slice(0, keptMessage));
    if (line.startsWith('test result: ')) results += 1;
  });
  const stderr = lineReader((line) => {
    const target = /^\s+(?:Running (?:unittests )?(\S+) \(|Doc-tests (\S+))/.exec(line);
    if (target !== null) targets.push((target[1] ?? `doc-tests ${target[2]}`).replaceAll('\\', '/'));
    else if (/^\s+(Compiling|Finished|Updating|Downloading|Downloaded|Blocking|Locking|Adding|Fresh) /.test(line)) return;
    else if (/^warning: unused|^note: run with/.test(line)) return;
    else compile = compile.length < 4 * keptMessage ? `${compile}${line}\n` : compile;
  });

  return {
    onOutput: (chunk, stream) => (stream === 'stdout' ? stdout : stderr).add(chunk),
    read(): Reading {
      stdout.end();
      stderr.end();
      const builder = caseBuilder({
        root: place.root,
        normalise: place.normalise,
        separator: ' ',
        isFile: (shown) => shown.endsWith('.rs'),
      });
      // Tests of one target run side by side.
      lines.sort((one, other) => one.target - other.target || (one.name < other.name ? -1 : 1));
      for (const line of lines) {
        const message =
          line.outcome === 'failed'
            ? messages.get(`${line.target}\0${line.name}`)?.replace(/^(thread '[^']*') \(\d+\)/gm, '$1')
            : undefined;
        builder.add({ file: targets[line.target - 1] ?? '', name: line.name, outcome: line.outcome, message });
      }
      // One target that ended without its summary was aborted (stack overflow, exit in a test).
      if (blocks > results)
        builder.add({ file: targets[blocks - 1] ?? '', name: '', outcome: 'failed', message: errorsOf(compile), whole: true });
      const broken = blocks === 0 && /^error/m.test(compile);
      if (broken) builder.add({ file: '', name: 'cargo build', outcome: 'failed', message: errorsOf(compile), whole: true });
      return {
        cases: builder.cases(),
        pending: builder.pending(),
        ...unguarded('Read from what cargo test prints'),
        complete: broken || (blocks > 0 && (blocks === targets.length || blocks === results)),
      };
    },
  };
}

/** Compiler output from its first error on: warnings before it are noise for a repair. */
function errorsOf(text: string): string {
  const at = text.search(/^error/m);
  return at > 0 ? text.slice(at) : text;
}
