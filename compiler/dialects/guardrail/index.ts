import type { Dialect } from '../dialect.ts';
import type * as Chapters from './chapters.ts';
import type * as Descriptions from './description.ts';
import type * as Resolve from './resolve.ts';
import type * as Tests from './tests.ts';

/** Loaded only where a guardrail is compiled or described: most runs see none. */
const load = {
  resolve: (): typeof Resolve => require('./resolve.ts'),
  description: (): typeof Descriptions => require('./description.ts'),
  chapters: (): typeof Chapters => require('./chapters.ts'),
  tests: (): typeof Tests => require('./tests.ts'),
};

const own = ['ttl_minutes', 'match', 'scope', 'actions', 'notify', 'exceptions'];

/** Seed 003: what a cost event calls for, of whom, and how far a response goes by itself. */
export const guardrail: Dialect = {
  name: 'guardrail',
  summary: 'which cost events call for a response, and what it restricts',
  platforms: ['aws'],
  recognises: (keys) =>
    keys.has('policy_id') ||
    keys.has('overrides') ||
    own.filter((key) => keys.has(key)).length >= (keys.has('extends') || keys.has('mode') ? 1 : 2),
  get description() {
    return load.description().description;
  },
  get reference() {
    return load.description().reference;
  },
  chapters: () => load.chapters().chapters(),
  tests: () => load.tests().tests.shape,
  resolve: (root, loader, diagnostics) => load.resolve().resolveGuardrail(root, loader, diagnostics),
};
