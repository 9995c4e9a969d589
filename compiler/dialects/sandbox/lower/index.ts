import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import type { EnforcementLevel } from '../../../ir/obligation.ts';
import type { Decision, Obligation, Otherwise, Policy } from '../../../ir/policy.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Target } from '../../../target.ts';
import type { Layer } from '../resolve.ts';
import { checkTriggers, lowerAdaptive } from './adaptive.ts';
import { lowerCapabilities } from './capabilities.ts';
import { lowerHooks } from './hooks.ts';
import { lowerLevels } from './levels.ts';
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
  const policy = lowerAtMode({ layers, target, diagnostics }, path);
  const mode = modeOf(layers);
  if (mode === undefined) return policy;
  const at = (level: EnforcementLevel) =>
    lowerAtMode({ layers: withMode(layers, { ...mode, value: level }), target, diagnostics: [] }, path);
  const adaptive = lowerLevels(policy, mode.value, at);
  if (adaptive === undefined) return policy;
  checkTriggers(policy, mode.value, target, diagnostics);
  return { ...policy, adaptive };
}

/** The layers at another level: the mode is in every one of them, since of all modes the strictest holds. */
export function withMode(layers: readonly Layer[], mode: Located<EnforcementLevel>): readonly Layer[] {
  return layers.map((layer) => ({ ...layer, document: { ...layer.document, mode } }));
}

function lowerAtMode(lowering: Lowering, path: string): Policy {
  const { layers, diagnostics } = lowering;
  checkLoosened(lowering);
  const mode = modeOf(layers);
  const transitions = lowerAdaptive(lowering);
  const hooks = lowerHooks(lowering);
  const asked = hooks.decision ?? letPass(transitions);
  const decisions = [
    lowerSyscalls(lowering),
    lowerPaths(lowering),
    ...lowerNetwork(lowering),
    lowerCapabilities(lowering),
    asked,
  ].filter((decision): decision is Decision => decision !== undefined);
  const limits = lowerResources(lowering);
  const obligations = [...limits.obligations, ...hooks.obligations, ...lowerPerformance(lowering), ...transitions];
  const name = first(layers, (document) => document.profile)?.value ?? fileStem(path);
  if (mode?.value === 'direct') {
    diagnostics.push(report('POL5015', mode.span, {}));
    const syscall = decisions.find((decision) => decision.point === 'syscall');
    const passing = letPass(transitions);
    return {
      name,
      decisions: [...(syscall === undefined ? [] : [auditOnly(syscall)]), ...(passing === undefined ? [] : [passing])],
      limits: [],
      obligations: transitions,
    };
  }
  // What stands under a misspelt key or could not be read is not missing, nor is a hook program that cannot be used.
  const isMisspelt =
    diagnostics.some(({ severity, code }) => severity === 'error' && code !== 'POL2002') ||
    layers.some(({ document }) => document.security?.value.bpf_lsm !== undefined);
  if (decisions.length === 0 && limits.limits.length === 0 && obligations.length === 0 && !isMisspelt) {
    const span = mode?.key ?? layers[0]!.document.profile?.span ?? { file: path, start: 0, end: 0 };
    diagnostics.push(report('POL5016', span, {}));
  }
  return { name, decisions, limits: limits.limits, obligations };
}

/** The decision at hooks that only record. */
function letPass(transitions: readonly Obligation[]): Decision | undefined {
  const recording = transitions.find(({ kind }) => kind === 'audit-calls');
  if (recording === undefined) return undefined;
  const { topic, origin } = recording;
  const otherwise: Otherwise = { id: 'hook/otherwise', topic, origin, effect: { kind: 'allow' } };
  return { point: 'hook', combine: 'first-match', rules: [], otherwise };
}

function fileStem(path: string): string {
  return (path.split('/').at(-1) ?? path).replace(/\.[^.]*$/, '') || 'policy';
}
