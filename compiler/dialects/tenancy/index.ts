import type { Dialect } from '../dialect.ts';
import type * as Chapters from './chapters.ts';
import type * as Reference from './reference.ts';
import type * as Resolve from './resolve.ts';
import type * as Shape from './shape.ts';
import type * as Tests from './tests.ts';
import { isTierConfigMap } from './tier-keys.ts';

/** Loaded only where such a policy is compiled or described: most runs see none. */
const load = {
  resolve: (): typeof Resolve => require('./resolve.ts'),
  shape: (): typeof Shape => require('./shape.ts'),
  reference: (): typeof Reference => require('./reference.ts'),
  chapters: (): typeof Chapters => require('./chapters.ts'),
  tests: (): typeof Tests => require('./tests.ts'),
};

const own = ['tiers', 'teams', 'platform_default'];

/** Seed 004: which models the teams of a platform may use, and how much of them. */
export const tenancy: Dialect = {
  name: 'tenancy',
  summary: 'which models teams may use, and how much of them, by tier',
  platforms: ['kubernetes'],
  several: true,
  recognises: (keys, root) =>
    keys.has('apiVersion')
      ? isTierConfigMap(root)
      : own.some((key) => keys.has(key)) || (keys.has('include') && keys.has('targets')),
  get description() {
    return load.shape().shape.description;
  },
  get reference() {
    return load.reference().reference;
  },
  chapters: () => load.chapters().chapters(),
  tests: () => load.tests().tests.shape,
  resolve: (_, loader, diagnostics, documents) => load.resolve().resolveTenancy(documents, loader, diagnostics),
};
