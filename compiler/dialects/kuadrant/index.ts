import type { Dialect } from '../dialect.ts';
import { isTierConfigMap } from '../tenancy/tier-keys.ts';
import type * as Chapters from './chapters.ts';
import type * as Descriptions from './description.ts';
import type * as Resolve from './resolve.ts';

/** Loaded only where such a file is checked or the dialect described: most runs see none. */
const load = {
  resolve: (): typeof Resolve => require('./resolve.ts'),
  description: (): typeof Descriptions => require('./description.ts'),
  chapters: (): typeof Chapters => require('./chapters.ts'),
};

/** Kuadrant's own YAML: AuthPolicy, RateLimitPolicy, TokenRateLimitPolicy and PlanPolicy, with what stands around them. */
export const kuadrant: Dialect = {
  name: 'kuadrant',
  summary: "Kuadrant's own resources, checked before a cluster sees them",
  platforms: [],
  several: true,
  // A ConfigMap of tiers has those keys too.
  recognises: (keys, root) => keys.has('apiVersion') && keys.has('kind') && !isTierConfigMap(root),
  get description() {
    return load.description().description;
  },
  get reference() {
    return load.description().reference;
  },
  chapters: () => load.chapters().chapters(),
  resolve: (_, loader, diagnostics, documents) => load.resolve().resolveKuadrant(documents, loader, diagnostics),
};
