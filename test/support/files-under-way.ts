/**
 * A reporter that writes a line when a test file begins and when it ends: a lane that is stopped at its limit writes no report, and these lines say
 * which files it had not finished. Lines: `began PATH` and `ended PATH`.
 */
import { appendFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

export default class FilesUnderWay implements Reporter {
  readonly #file = process.env.TEAMWRIGHT_TEST_FILES_UNDER_WAY;

  onTestModuleStart(module: TestModule): void {
    this.#write('began', module);
  }

  onTestModuleEnd(module: TestModule): void {
    this.#write('ended', module);
  }

  #write(what: 'began' | 'ended', { moduleId }: TestModule): void {
    if (this.#file !== undefined) appendFileSync(this.#file, `${what} ${moduleId}\n`);
  }
}
