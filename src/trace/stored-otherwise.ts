/** Files that copies have as git stores them: in sentences, and those that a change touches. */
import type { BodyOf, RunState } from './state.ts';

type StoredOtherwise = NonNullable<BodyOf<'snapshot.taken'>['storedOtherwise']>[number];

const mostNamed = 5;

/** A sentence for each form, for people who decide about a plan or a change. */
export function storedOtherwiseText(files: readonly StoredOtherwise[]): string[] {
  return [...Map.groupBy(files, ({ how, by }) => `${how} ${by}`).values()].map((alike) => {
    const names = alike.slice(0, mostNamed).map(({ path }) => path);
    const list = names.join(', ') + (alike.length > names.length ? ` and ${alike.length - names.length} more` : '');
    const { how, by } = alike[0] as StoredOtherwise;
    return `${list}: ${what[how](by)}`;
  });
}

const what: { readonly [K in StoredOtherwise['how']]: (by: string) => string } = {
  lfs: () => 'kept in Git LFS. Copies have the pointers, not the content: tests that read them see the pointers.',
  filter: (by) =>
    `changed by the git filter "${by}" at a checkout, which is not run here. Copies have what git stores, and so have the tests.`,
  encoding: (by) => `kept by git in UTF-8, and as ${by} on the disk. A change may not fit: look at it before you apply it.`,
};

/** Those that the change of the chosen candidate touches. */
export function changedAsStored({ snapshot, result, candidates }: Pick<RunState, 'snapshot' | 'result' | 'candidates'>): StoredOtherwise[] {
  const changed = new Set(candidates.find(({ id }) => id === result?.candidate)?.changed);
  return (snapshot?.storedOtherwise ?? []).filter(({ path }) => changed.has(path));
}
