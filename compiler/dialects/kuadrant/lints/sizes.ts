import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { type KuadrantPolicy, limitsOf } from '../policy.ts';
import { fieldOf } from '../resource.ts';
import type { Workspace } from '../workspace.ts';

/** An object in etcd, which also bounds what the operator makes of a policy (kuadrant-operator #2051), in bytes. */
const objectLimit = 1.5 * 1024 * 1024;

/** What one limit takes, measured on what the operator makes of policies; for each match of the routes where it says so. */
const limitadorBytes = 251;
const tokenFilterBytes = 2_850;
const requestFilterBytes = 460;

interface Prediction {
  readonly what: string;
  readonly bytes: number;
}

/** Predicts the sizes of what a policy becomes, from below: other policies share some of the objects. */
export function checkSizes(policy: KuadrantPolicy, workspace: Workspace, diagnostics: Diagnostic[]): void {
  const limits = limitsOf(policy).length;
  if (limits === 0) return;
  const matches = matchesOf(policy, workspace);
  const { start, end } = policy.resource.node.span;
  const token = policy.kind === 'TokenRateLimitPolicy';
  const predictions: readonly Prediction[] = [
    // Of the text about as much is left as JSON adds in quotes and brackets.
    { what: 'the policy itself', bytes: end - start },
    { what: "the rate limiter's configuration", bytes: limits * matches * limitadorBytes },
    {
      what: "the gateway's filter configuration",
      bytes: limits * matches * (token ? tokenFilterBytes : requestFilterBytes),
    },
  ];
  const worst = predictions.reduce((most, each) => (each.bytes > most.bytes ? each : most));
  if (worst.bytes < 0.8 * objectLimit) return;
  const key = policy.body.entries.find((entry) => entry.value === fieldOf(policy.body, 'limits'))?.key;
  const holes = {
    what: worst.what,
    size: `${(worst.bytes / 1024 / 1024).toFixed(2)} MiB`,
    percent: Math.round((100 * worst.bytes) / objectLimit),
  };
  const span = key?.span ?? policy.spec.span;
  diagnostics.push(worst.bytes > objectLimit ? report('POL5141', span, holes) : report('POL5140', span, holes));
}

/** How many matches of routes the limits are enforced at: those that are known, and one where none is. */
function matchesOf({ target }: KuadrantPolicy, { routesOf, targetsNamed }: Workspace): number {
  if (target === undefined || target.section !== '') return 1;
  const routes = target.kind === 'Gateway' ? routesOf(target.name) : targetsNamed(target.kind, target.name);
  return routes.reduce((sum, { matches }) => sum + matches, 0) || 1;
}
