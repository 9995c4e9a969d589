import type { Decision, Effect } from '../../ir/policy.ts';
import { UnsoundModule } from './module.ts';

/** How `decisions.json` says that a decision is asked. */
export interface ReadDecision {
  readonly point: string;
  readonly function: string;
  readonly size: number;
  readonly slots: readonly ReadSlot[];
}

export interface ReadSlot {
  readonly attribute: string;
  readonly type: string;
  readonly offset: number;
  readonly known: number;
  /** Of a value: the variable that it is read from, and the keys that lead to it. */
  readonly path?: readonly string[];
}

const sizes: Readonly<Record<string, number>> = { text: 8, integer: 8, number: 8, boolean: 8, address: 16, value: 16 };

/**
 * Reads the layout of the records and holds what it says of the rules against the policy: a host that trusts it says the
 * right rule and the right error.
 */
export function readLayout(
  text: string,
  decisions: readonly Decision[],
): { readonly layouts: readonly ReadDecision[]; readonly fingerprint: unknown } {
  const { abi, fingerprint, decisions: entries } = JSON.parse(text);
  if (abi !== 1 || !Array.isArray(entries)) throw new UnsoundModule('decisions.json is not of ABI 1');
  if (entries.length !== decisions.length) throw new UnsoundModule(`${entries.length} decisions in decisions.json`);
  const layouts = decisions.map((decision, index) => {
    const { point, function: name, size, slots, rules } = entries[index];
    if (point !== decision.point) throw new UnsoundModule(`the point ${point} in the place of ${decision.point}`);
    compareRules(decision, rules);
    return { point, function: String(name), size: natural(size), slots: readSlots(slots, size) };
  });
  return { layouts, fingerprint };
}

/** The same of a module of many policies, of which each decides at the point. */
export function readJoined(
  text: string,
  point: string,
  wanted: readonly { readonly name: string; readonly decision: Decision }[],
): ReadDecision & { readonly fingerprint: unknown } {
  const { abi, fingerprint, function: name, size, slots, policies, ...rest } = JSON.parse(text);
  if (abi !== 1 || rest.point !== point) throw new UnsoundModule(`decisions.json is not of ABI 1 at ${point}`);
  const entries = list(policies);
  if (entries.length !== wanted.length) throw new UnsoundModule(`${entries.length} policies in decisions.json`);
  for (const [index, { name: policy, decision }] of wanted.entries()) {
    const entry = entries[index]!;
    if (entry.policy !== policy) throw new UnsoundModule(`the policy ${entry.policy} in the place of ${policy}`);
    compareRules(decision, entry.rules);
  }
  return { point, function: String(name), size: natural(size), slots: readSlots(slots, size), fingerprint };
}

function compareRules({ point, rules, otherwise }: Decision, said: unknown): void {
  const wanted = [...rules, otherwise].map(({ id, effect }) =>
    [id, effect.kind, carried(effect), 'audit' in effect && effect.audit === true].join(' '),
  );
  const is = list(said).map((rule) => [rule.id, rule.effect, rule.data ?? 0, rule.audit ?? false].join(' '));
  if (wanted.join('\n') === is.join('\n')) return;
  const at = wanted.findIndex((rule, index) => rule !== is[index]);
  throw new UnsoundModule(`${point}: the rule ${is[at] ?? 'none'} in the place of ${wanted[at] ?? 'none'}`);
}

function carried(effect: Effect): number {
  return effect.kind === 'errno' ? effect.errno : effect.kind === 'trap' || effect.kind === 'trace' ? effect.data : 0;
}

function readSlots(said: unknown, size: number): readonly ReadSlot[] {
  const slots = list(said).map(({ attribute, type, offset, known, path }) => ({
    attribute: String(attribute),
    type: String(type),
    offset: natural(offset),
    known: natural(known),
    ...(Array.isArray(path) ? { path: path.map(String) } : {}),
  }));
  if (size % 8 !== 0) throw new UnsoundModule(`a record of ${size} bytes`);
  const taken = new Map<number, string>();
  const take = (at: number, name: string) => {
    if (taken.has(at) || at >= size) throw new UnsoundModule(`the slot of ${name} lies over another or outside`);
    taken.set(at, name);
  };
  for (let at = 0; at < 8 * Math.ceil(slots.length / 64); at += 1) take(at, 'what is known');
  const bits = new Set(slots.map(({ known }) => known));
  if (bits.size !== slots.length || slots.some(({ known }) => known >= slots.length)) {
    throw new UnsoundModule('two slots share the bit that says what is known');
  }
  for (const { attribute, type, offset } of slots) {
    const length = sizes[type];
    if (length === undefined || offset % 8 !== 0) throw new UnsoundModule(`the slot of ${attribute} is a ${type}`);
    for (let at = offset; at < offset + length; at += 1) take(at, attribute);
  }
  return slots;
}

function list(value: unknown): readonly Record<string, unknown>[] {
  if (!Array.isArray(value)) throw new UnsoundModule('a list is missing in decisions.json');
  return value;
}

function natural(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new UnsoundModule(`${JSON.stringify(value)} for a number in decisions.json`);
  }
  return value;
}
