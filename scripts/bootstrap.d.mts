/** What `bootstrap.mjs` gives to the programs in TypeScript. */
export const root: string;
export function node24(): string;
export function toolEnvironment(extra?: Readonly<Record<string, string>>): NodeJS.ProcessEnv;
export function bootstrap(): void;
