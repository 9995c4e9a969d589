import type * as SecondScript from './second-script.ts';

/**
 * The parts of the command line that most starts do without, each a chunk in a script of its own or of its kind
 * (scripts/command-line.js).
 */
export const secondScript = (): typeof SecondScript => require('./second-script.ts');
