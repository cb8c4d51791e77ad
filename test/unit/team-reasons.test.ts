/** Why a team made by hand is proposed, in the user's language. */
import { describe, expect, test } from 'vitest';
import { bodiesFirstTeam } from '../../src/design/bodies-first.ts';
import { soloTeam } from '../../src/design/index.ts';
import { requestKinds } from '../../src/design/kind.ts';
import { morePlaces } from '../../src/design/one-place.ts';
import { teamFor } from '../../src/design/teams.ts';
import { teamReason } from '../../src/editor/panels/team-reasons.ts';
import { difficulties } from '../../src/plan/index.ts';
import { english, german } from '../support/pages/speech.ts';

const germanOf = (reason: string): string => teamReason(reason, german.l10n);
/** Words that no German sentence has. */
const isEnglish = /\b(the|team from|most|with|once|requests?|tests pass|plan left)\b/i;

describe('in German', () => {
  test('each reason of the library and of a solo coder has its sentence', () => {
    const plans = [
      ...requestKinds.flatMap((kind) => difficulties.map((size) => teamFor(kind, size))),
      soloTeam(3, 'easy'),
      soloTeam(1, 'easy', 'part'),
      bodiesFirstTeam(1, 'easy'),
      morePlaces('hard'),
    ];
    for (const { reason } of plans) {
      expect(germanOf(reason)).not.toBe(reason);
      expect(germanOf(reason)).not.toMatch(isEnglish);
    }
  });

  test.each([
    [
      'A team from the library: one function or one file. The team for harder requests of this kind.',
      'Ein Team aus der Bibliothek: eine Funktion oder eine Datei. Das Team für schwerere Anfragen dieser Art.',
    ],
    [
      'One coder: most requests need one call and a test run. The bug-fix plan left sum.test.js > adds: Expected 3. Got 1\nand so on.',
      'Ein Coder: Die meisten Anfragen brauchen einen Aufruf und einen Testlauf. Der Plan bug-fix ließ übrig: sum.test.js > adds: Expected 3. Got 1\nand so on.',
    ],
    [
      'One coder: most requests need one call and a test run. In place of bug-fix, after the remark "too $& dear".',
      'Ein Coder: Die meisten Anfragen brauchen einen Aufruf und einen Testlauf. Anstelle von bug-fix, nach der Bemerkung „too $& dear“.',
    ],
    ['What a model wrote. It stays.', 'What a model wrote. It stays.'],
  ])('%j', (reason, expected) => {
    expect(germanOf(reason)).toBe(expected);
    expect(teamReason(reason, english.l10n)).toBe(reason.replace(/The (\S+) plan left/, 'The plan $1 left'));
  });
});
