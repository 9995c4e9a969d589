import type { Dialect } from '../dialect.ts';
import { isGovernance } from '../governance/governance-keys.ts';
import type * as Chapters from './chapters.ts';
import type * as Lower from './lower/index.ts';
import type * as Resolve from './resolve.ts';
import type * as Shape from './shape.ts';
import type * as Tests from './tests.ts';

/** Loaded only where a sandbox policy is compiled or described. */
const load = {
  resolve: (): typeof Resolve => require('./resolve.ts'),
  lower: (): typeof Lower => require('./lower/index.ts'),
  shape: (): typeof Shape => require('./shape.ts'),
  chapters: (): typeof Chapters => require('./chapters.ts'),
  tests: (): typeof Tests => require('./tests.ts'),
};

const own = ['security', 'resources', 'network', 'performance', 'adaptive', 'runtime'];
/** Keys of a guardrail, which has a mode and may extend another too. */
const foreign = ['policy_id', 'ttl_minutes', 'match', 'scope', 'actions', 'notify', 'exceptions', 'overrides'];

/** Seed 002: system calls, files, network and resources of one program. */
export const sandbox: Dialect = {
  name: 'sandbox',
  summary: 'system calls, files, network and resources of a program',
  platforms: ['linux'],
  recognises: (keys, root) =>
    (keys.has('profile') && !isGovernance(keys, root)) ||
    keys.has('security') ||
    (keys.has('mode') && own.some((key) => keys.has(key))) ||
    (keys.has('mode') && keys.has('extends') && !foreign.some((key) => keys.has(key))),
  get description() {
    return load.shape().shape.description;
  },
  chapters: () => load.chapters().chapters(),
  tests: () => load.tests().tests.shape,
  resolve(root, loader, diagnostics) {
    const resolved = load.resolve().resolveSandbox(root, loader, diagnostics);
    if (resolved === undefined) return undefined;
    return {
      accepted: resolved.accepted,
      lower: (target, found) => load.lower().lowerSandbox(resolved.layers, loader.source.path, target, found),
    };
  },
};
