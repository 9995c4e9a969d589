import type { Dialect } from '../dialect.ts';
import type * as Tests from '../launch-tests.ts';
import type * as Chapters from './chapters.ts';
import { isGovernance } from './governance-keys.ts';
import type * as Resolve from './resolve.ts';
import type * as Shape from './shape.ts';

/** Loaded only where such a policy is compiled or described: most runs see none. */
const load = {
  resolve: (): typeof Resolve => require('./resolve.ts'),
  shape: (): typeof Shape => require('./shape.ts'),
  chapters: (): typeof Chapters => require('./chapters.ts'),
  tests: (): typeof Tests => require('../launch-tests.ts'),
};

/** Seed 001: what an institution, a profile and an invitation let people launch. */
export const governance: Dialect = {
  name: 'governance',
  summary: 'what an institution, a profile and an invitation let people launch',
  platforms: ['aws'],
  recognises: isGovernance,
  get description() {
    return load.shape().shape.description;
  },
  chapters: () => load.chapters().chapters(),
  tests: () => load.tests().tests.shape,
  resolve: (root, loader, diagnostics) => load.resolve().resolveGovernance(root, loader, diagnostics),
};
