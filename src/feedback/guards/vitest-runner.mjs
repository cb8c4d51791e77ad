import { createRequire } from 'node:module';

/** What vitest imports, by its own ways, gets what Node loaded in the beginning. */
export default await createRequire(import.meta.url)('./vitest.cjs').runnerClass();
