import { decisionAt, type Policy } from '../ir/policy.ts';
import type { GuestRules } from './guard/guard.ts';
import { unrestricted } from './guard/paths.ts';
import { hardenModule } from './harden.ts';
import { allowsSockets, descriptorCount, meterOf, mostMemoryPages } from './limits.ts';
import { isReadable, pathAutomaton } from './path-automaton.ts';
import { type Engine, type GuestProblem, readGuest } from './problems.ts';
import { Malformed } from './reader.ts';

export interface HardenOptions extends Engine {
  /** The units that the whole run may use, beside the policy's time. */
  readonly fuel?: bigint;
}

export type Hardened =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly problems: readonly (GuestProblem | { readonly kind: 'paths' })[] };

/** A guest of WASI preview 1 with the policy compiled into it. */
export function hardenGuest(bytes: Uint8Array, policy: Policy, options: HardenOptions): Hardened {
  const memoryPages = mostMemoryPages(policy);
  const guest = readGuest(bytes, options, memoryPages);
  if (!guest.ok) return guest;
  const rules = rulesOf(policy, options.fuel);
  if (rules === undefined) return { ok: false, problems: [{ kind: 'paths' }] };
  try {
    return { ok: true, bytes: hardenModule(guest.module, rules, { memoryPages }) };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { ok: false, problems: [{ kind: 'unknown-feature', what: error.message, at: error.at }] };
  }
}

/** Undefined where the policy's paths make no automaton. */
function rulesOf(policy: Policy, fuel: bigint | undefined): GuestRules | undefined {
  const decision = decisionAt(policy, 'path');
  if (decision !== undefined && !decision.rules.every(({ when }) => isReadable(when))) return undefined;
  const paths = decision === undefined ? unrestricted : pathAutomaton(decision);
  if (paths === undefined) return undefined;
  return {
    paths,
    descriptors: descriptorCount(policy),
    sockets: allowsSockets(policy),
    meter: meterOf(policy, fuel),
  };
}
