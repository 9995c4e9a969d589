import type { Dialect } from '../dialect.ts';
import { chapters } from './chapters.ts';
import { lowerSandbox } from './lower/index.ts';
import { resolveSandbox } from './resolve.ts';
import { shape } from './shape.ts';

const own = ['security', 'resources', 'network', 'performance', 'adaptive', 'runtime'];
/** Keys of a guardrail, which has a mode and may extend another too. */
const foreign = ['policy_id', 'ttl_minutes', 'match', 'scope', 'actions', 'notify', 'exceptions', 'overrides'];

/** Seed 002: system calls, files, network and resources of one program. */
export const sandbox: Dialect = {
  name: 'sandbox',
  summary: 'system calls, files, network and resources of a program',
  platforms: ['linux'],
  recognises: (keys) =>
    keys.has('profile') ||
    keys.has('security') ||
    (keys.has('mode') && own.some((key) => keys.has(key))) ||
    (keys.has('mode') && keys.has('extends') && !foreign.some((key) => keys.has(key))),
  description: shape.description,
  chapters,
  resolve(root, loader, diagnostics) {
    const resolved = resolveSandbox(root, loader, diagnostics);
    if (resolved === undefined) return undefined;
    return {
      accepted: resolved.accepted,
      lower: (target, found) => lowerSandbox(resolved.layers, loader.source.path, target, found),
    };
  },
};
