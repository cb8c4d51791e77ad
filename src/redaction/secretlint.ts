/** The rules of secretlint (https://github.com/secretlint/secretlint), run on a text in this process. Loaded when first needed. */
import type { lintSource as Lint } from '@secretlint/core';

type Config = Parameters<typeof Lint>[0]['options']['config'];

export interface RuleMatch {
  readonly start: number;
  readonly end: number;
  /** `npm`, `github`, … */
  readonly rule: string;
}

/**
 * Left out: comments in a text must not switch rules off; the Google rule reports a whole file, and its key block is found by our own
 * pattern; the rule for logins in addresses takes `REDACTED:REDACTED` for one, and finds less than ours.
 */
const leftOut = ['@secretlint/secretlint-rule-basicauth', '@secretlint/secretlint-rule-filter-comments', '@secretlint/secretlint-rule-gcp'];

type FindMatches = (text: string) => Promise<RuleMatch[]>;
let loaded: Promise<FindMatches> | undefined;

export async function secretlintMatches(text: string): Promise<RuleMatch[]> {
  loaded ??= load();
  return await (await loaded)(text);
}

async function load(): Promise<FindMatches> {
  const [{ lintSource }, { rules }] = await Promise.all([
    import('@secretlint/core'),
    import('@secretlint/secretlint-rule-preset-recommend'),
  ]);
  // One by one: `disabled` has no effect on the rules of a preset.
  const wanted = rules.filter((rule) => !leftOut.includes(rule.meta.id));
  const config = { rules: wanted.map((rule) => ({ id: rule.meta.id, rule })) } as Config;
  return async (text) => {
    const { messages } = await lintSource({
      source: { filePath: 'text.txt', content: text, ext: '.txt', contentType: 'text' },
      options: { config, noPhysicFilePath: true },
    });
    return messages.map(({ range, ruleId }) => ({
      start: range[0],
      end: clip(text, range[0], range[1]),
      rule: ruleId.replace(/^.*secretlint-rule-/, ''),
    }));
  };
}

/** Some rules take the rest of the line, closing quotes and all; a secret in a document must not take the document with it. */
function clip(text: string, start: number, end: number): number {
  const found = text.slice(start, end);
  if (found.startsWith('-----BEGIN')) return end;
  const body = /^[^=:]{0,60}[=:][ \t]{0,3}["'`]/.exec(found)?.[0].length ?? 0;
  const stop = found.slice(body).search(/["'`<>\s\\]/);
  return stop < 0 ? end : start + body + stop;
}
