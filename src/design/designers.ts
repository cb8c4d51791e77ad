/**
 * The table of designers, in the order lists show them. Adding one is a file beside this one and an entry here: settings, command line, manifest
 * and docs follow. What only names them loads none of them.
 */
import type { Designer } from './types.ts';

interface DesignerEntry {
  /** For lists, help, settings and docs: the rest of a sentence that begins with its name. */
  readonly does: string;
  load(): Promise<Designer>;
}

const designers = {
  auto: {
    does: 'for bugs that tests show what attempts speak for, else one coder first; a team from the library, then one the model designs, only when the tests still fail',
    load: async () => (await import('./auto.ts')).autoDesigner,
  },
  learned: {
    does: 'as auto, also where learning.schedule is off, and without teams that proved themselves',
    load: async () => (await import('./learned.ts')).learnedDesigner,
  },
  debate: {
    does: 'several coders who see, rate and improve on each other’s changes, without roles that contributed nothing in earlier runs',
    load: async () => (await import('./debate.ts')).debateDesigner,
  },
  router: {
    does: 'a small trained policy chooses topology, number of agents, roles and models, for bugs that tests show; else as auto',
    load: async () => (await import('./router.ts')).routerDesigner,
  },
  solo: { does: 'always one coder', load: async () => (await import('./solo.ts')).soloDesigner() },
  library: {
    does: 'the team that the library has for this kind of request',
    load: async () => (await import('./library.ts')).libraryDesigner,
  },
  model: { does: 'the strong model designs a team for this very request', load: async () => (await import('./model.ts')).modelDesigner },
} as const satisfies Readonly<Record<string, DesignerEntry>>;

export type DesignerName = keyof typeof designers;

export const designerNames = Object.keys(designers) as [DesignerName, ...DesignerName[]];

export const isDesigner = (name: string): name is DesignerName => Object.hasOwn(designers, name);

/** What a designer does, in a few words. */
export const whatDesignerDoes = (name: DesignerName): string => designers[name].does;

/** The designer, loaded when it designs. */
export const designerNamed = (name: DesignerName): Designer => ({
  name,
  design: async (input, signal) => (await designers[name].load()).design(input, signal),
});
