import type { EnforcementLevel } from '../../ir/obligation.ts';
import type { Policy } from '../../ir/policy.ts';
import type { Target } from '../../target.ts';
import { lowerSandbox, withMode } from './lower/index.ts';
import { modeOf } from './lower/lowering.ts';
import type { Layer } from './resolve.ts';

/** A policy at each of the levels that `adaptive` moves between. */
export interface Levels {
  /** The policy's mode, in which it starts. */
  readonly start: EnforcementLevel;
  readonly at: Readonly<Record<EnforcementLevel, Policy>>;
}

/** Undefined where no layer has a mode. */
export function sandboxLevels(layers: readonly Layer[], path: string, target: Target): Levels | undefined {
  const mode = modeOf(layers);
  if (mode === undefined) return undefined;
  const at = (level: EnforcementLevel) => lowerSandbox(withMode(layers, { ...mode, value: level }), path, target, []);
  return { start: mode.value, at: { direct: at('direct'), sandbox: at('sandbox'), hardened: at('hardened') } };
}
