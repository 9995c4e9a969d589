import type * as SecondScript from './second-script.ts';

/**
 * The parts of the command line that most starts do without. They are a script of their own with a code cache of its own
 * (scripts/build.js), since V8 spends its time on a whole cache, however little of it is wanted: some 12 ms with the
 * compiler and the backends in it.
 */
export const secondScript = (): typeof SecondScript => require('./second-script.ts');
