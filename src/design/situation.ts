/** What is known of a request before anything is tried: for beliefs of what to try first, and for the outcome bank they are taught from. */
import type { Briefing } from '../briefing/types.ts';
import type { Request } from '../request/types.ts';
import { kindOf } from './kind.ts';

/** Of the source files in the briefing, without tests, and of the tests as they are; a value is absent where the tests were not run. */
export function knownAtStart(request: Request, briefing: Briefing) {
  const { baseline, languages } = briefing;
  const sources = briefing.files.filter((file) => !file.isTest);
  const failures = baseline?.cases.flatMap(({ outcome, message }) => (outcome === 'failed' ? [message ?? ''] : [])) ?? [];
  return {
    language: (languages[0]?.name ?? '').toLowerCase(),
    kind: kindOf(request, briefing),
    files: sources.length,
    bytes: sources.reduce((sum, { bytes }) => sum + bytes, 0),
    lines: sources.reduce((sum, { text }) => sum + text.split('\n').filter((line) => line.trim() !== '').length, 0),
    testsPassed: baseline?.passed,
    testsFailed: baseline?.failed,
    /** They did not end by themselves. */
    testsCutOff: baseline && baseline.ending !== 'finished',
    /** A failing one names an error that is no failed assertion. */
    raises: baseline && failures.some((message) => /\b(?!Assertion)[A-Z]\w*(?:Error|Exception)\b/.test(message)),
  };
}
