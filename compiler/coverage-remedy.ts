import type { BackendName } from './backends/backend.ts';
import type { BackendAnswer, DeployedCoverage } from './coverage.ts';
import { deployments, holdersIn } from './deployments.ts';
import { enforceables, type Policy } from './ir/policy.ts';

/** What was not emitted since the caller chose backends. */
export interface LeftOut {
  /** The backends that were chosen. */
  readonly chosen: readonly BackendName[];
  /** What the others of the platform say; they run only where something is lost. */
  readonly answers: () => readonly BackendAnswer[];
}

/** Backends with which rules that are lost would be enforced in full. */
export interface Remedy {
  /** The chosen ones and those to add. */
  readonly emit: readonly BackendName[];
  /** The ids of the rules that they enforce, of those that are lost. */
  readonly rules: ReadonlySet<string>;
}

/**
 * The backends to add for the deployment that then enforces most of what is lost; of two that enforce as much, the first.
 * They enforce the rest of the policy too, as far as the deployment can: else the advice would trade one loss for another.
 * Undefined where others would enforce nothing of what is lost.
 */
export function remedyOf(
  policy: Policy,
  lost: readonly DeployedCoverage[],
  answers: readonly BackendAnswer[],
  leftOut: LeftOut,
): Remedy | undefined {
  const holdersOf = new Map<string, BackendName[]>();
  for (const { rule, status, backend } of [...answers, ...leftOut.answers()]) {
    if (status !== 'full') continue;
    const known = holdersOf.get(rule);
    if (known === undefined) holdersOf.set(rule, [backend]);
    else known.push(backend);
  }
  const lostRules = new Set(lost.map(({ node }) => node.id));
  let best: Remedy | undefined;
  for (const deployment of deployments) {
    const backends = holdersIn(deployment);
    const rules = new Set<string>();
    const added = new Set<BackendName>();
    for (const { id } of enforceables(policy)) {
      const holders = (holdersOf.get(id) ?? []).filter((name) => backends.includes(name));
      const [first] = holders;
      if (first === undefined) continue;
      if (lostRules.has(id)) rules.add(id);
      if (!holders.some((name) => leftOut.chosen.includes(name))) added.add(first);
    }
    if (added.size > 0 && rules.size > (best?.rules.size ?? 0)) best = { emit: [...leftOut.chosen, ...added], rules };
  }
  return best;
}
