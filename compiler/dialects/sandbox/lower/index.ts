import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import type { Decision, Policy } from '../../../ir/policy.ts';
import type { Target } from '../../../target.ts';
import type { Layer } from '../resolve.ts';
import { lowerAdaptive } from './adaptive.ts';
import { lowerCapabilities } from './capabilities.ts';
import { lowerHooks } from './hooks.ts';
import { checkLoosened } from './loosened.ts';
import { first, type Lowering, modeOf } from './lowering.ts';
import { lowerNetwork } from './network.ts';
import { lowerPaths } from './paths.ts';
import { lowerPerformance } from './performance.ts';
import { lowerResources } from './resources.ts';
import { auditOnly, lowerSyscalls } from './syscalls.ts';

/**
 * The meaning of a sandbox policy. What the policy itself says comes before what it extends, except that the strictest
 * mode and level of all hold.
 */
export function lowerSandbox(
  layers: readonly Layer[],
  path: string,
  target: Target,
  diagnostics: Diagnostic[],
): Policy {
  const lowering: Lowering = { layers, target, diagnostics };
  checkLoosened(lowering);
  const mode = modeOf(layers);
  const hooks = lowerHooks(lowering);
  const decisions = [
    lowerSyscalls(lowering),
    lowerPaths(lowering),
    ...lowerNetwork(lowering),
    lowerCapabilities(lowering),
    hooks.decision,
  ].filter((decision): decision is Decision => decision !== undefined);
  const limits = lowerResources(lowering);
  const obligations = [
    ...limits.obligations,
    ...hooks.obligations,
    ...lowerPerformance(lowering),
    ...lowerAdaptive(lowering),
  ];
  const name = first(layers, (document) => document.profile)?.value ?? fileStem(path);
  if (mode?.value === 'direct') {
    diagnostics.push(report('POL5015', mode.span, {}));
    const syscall = decisions.find((decision) => decision.point === 'syscall');
    return { name, decisions: syscall === undefined ? [] : [auditOnly(syscall)], limits: [], obligations: [] };
  }
  // What stands under a misspelt key is not missing, nor is a hook program that cannot be used.
  const isMisspelt =
    diagnostics.some(({ code }) => code === 'POL2001') ||
    layers.some(({ document }) => document.security?.value.bpf_lsm !== undefined);
  if (decisions.length === 0 && limits.limits.length === 0 && obligations.length === 0 && !isMisspelt) {
    const span = mode?.key ?? layers[0]!.document.profile?.span ?? { file: path, start: 0, end: 0 };
    diagnostics.push(report('POL5016', span, {}));
  }
  return { name, decisions, limits: limits.limits, obligations };
}

function fileStem(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.[^.]*$/, '') || 'policy';
}
