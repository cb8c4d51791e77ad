/** The shape of source text: its statements and definitions, and small changes of it. */
export { mutationsOf } from './mutations.ts';
export { shapeOf } from './statements.ts';
