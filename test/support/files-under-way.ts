/**
 * A reporter that writes down what the JSON report does not hold. Lines: `began PATH` and `ended PATH` of a test file, so that a lane that is
 * stopped at its limit can say which files it had not finished; `stray {"file","words"}` for an error outside of every test (a promise that nobody
 * awaited, a worker that died), which fails a lane whose tests all passed. Its `file` is the test file that ran then, where vitest knows it.
 */
import { appendFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

export default class FilesUnderWay implements Reporter {
  readonly #file = process.env.TEAMWRIGHT_TEST_FILES_UNDER_WAY;

  onTestModuleStart(module: TestModule): void {
    this.#write('began', module.moduleId);
  }

  onTestModuleEnd(module: TestModule): void {
    this.#write('ended', module.moduleId);
  }

  onTestRunEnd(_modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    for (const error of errors) this.#write('stray', JSON.stringify({ file: error.VITEST_TEST_PATH, words: wordsOf(error) }));
  }

  #write(what: 'began' | 'ended' | 'stray', of: string): void {
    if (this.#file !== undefined) appendFileSync(this.#file, `${what} ${of}\n`);
  }
}

/** In one line: what was thrown, by what, and where in our files first. */
function wordsOf({ name, message, cause, stack }: SerializedError): string {
  const ours = stack?.split('\n').find((line) => line.includes(process.cwd()) && !line.includes('node_modules'));
  return [`${name}: ${message}`, cause?.message, ours]
    .filter((each) => each !== undefined)
    .join(' | ')
    .replaceAll(/\s+/g, ' ');
}
