/** The shape of source text: its statements and parts, small changes of it, and a part put into its file. */
export { isDescribed } from './bodies.ts';
export { mutationsOf } from './mutations.ts';
export { placesOfName } from './names.ts';
export { partAt, partsOf } from './parts.ts';
export { splicePart } from './splice.ts';
export { shapeOf } from './statements.ts';
