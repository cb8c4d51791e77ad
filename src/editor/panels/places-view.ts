/** The places that a repair suspects, with what came of each. Pure. */
import type { RunState } from '../../trace/index.ts';
import type { RunModel } from '../../webviews/run-types.ts';
import { placeWords } from '../words.ts';
import { count, type Speech } from './words.ts';

type Place = RunModel['places'][number];

/** Of the repair that is under way, or was the last; those that the user pointed at come first. */
export function placesView(state: RunState, speech: Speech): Place[] {
  const { l10n } = speech;
  const repair = state.repairs.at(-1);
  if (repair === undefined) return [];
  const { places, tried } = repair;
  const others = tried.filter(({ file, line }) => !places.some((place) => place.path === file && place.line === line));
  const all = [
    ...others.map(({ file, line }) => ({ path: file, line, endLine: line, because: [] })),
    ...places.map(({ path, line, endLine, because }) => ({ path, line, endLine, because })),
  ];
  return all.map(({ path, line, endLine, because }): Place => {
    const own = tried.find((one) => one.file === path && one.line === line);
    const why = own?.pointed === true ? l10n.t('you pointed at it') : placeWords(because, l10n);
    const place = { path, line, label: `${path}:${line === endLine ? line : `${line}–${endLine}`}`, why };
    if (own === undefined) return { ...place, tone: 'plain', said: l10n.t('not tried yet') };
    if (own.failed === undefined) return { ...place, tone: 'plain', said: l10n.t('nothing new to try') };
    if (own.failed === 0) return { ...place, tone: 'good', said: l10n.t('another text here makes the tests pass') };
    const texts = own.tries === 1 ? l10n.t('one text tried') : l10n.t('{0} texts tried', count(own.tries, speech));
    return { ...place, tone: 'bad', said: l10n.t('{0}, tests failing at best: {1}', texts, count(own.failed, speech)) };
  });
}
