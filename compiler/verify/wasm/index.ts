import type { Artifact, Validation } from '../../backends/backend.ts';
import { evaluate } from '../../expressions/evaluate.ts';
import { parseAddress } from '../../expressions/network.ts';
import type { Value } from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import type { Decision, Policy } from '../../ir/policy.ts';
import { Trap } from './arithmetic.ts';
import { environmentOf, inputsOf, type Known } from './inputs.ts';
import { Interpreter } from './interpreter.ts';
import { decodeModule, UnsoundModule } from './module.ts';
import { type ReadDecision, type ReadSlot, readLayout } from './read-layout.ts';

const kinds = ['unknown', 'allow', 'deny', 'log', 'errno', 'trap', 'trace', 'notify', 'kill-thread', 'kill-process'];

/**
 * Decodes the emitted module, runs it with an interpreter of its own on inputs around every constant of the policy, and
 * compares each answer with the reference evaluator: the effect, and the rule that decided or is unknown.
 */
export function validateDecisions(policy: Policy, artifacts: readonly Artifact[]): Validation {
  const method = 'interpreted on inputs around every constant of the policy';
  let compared = 0;
  try {
    const bytes = contentOf(artifacts, 'decisions.wasm');
    if (typeof bytes === 'string') throw new UnsoundModule('decisions.wasm is a text');
    const interpreter = new Interpreter(decodeModule(bytes));
    const layouts = readLayout(textOf(contentOf(artifacts, 'decisions.json')), policy.decisions);
    if (interpreter.global('abi') !== 1) throw new UnsoundModule('the module is not of ABI 1');
    let all = true;
    for (const [index, decision] of policy.decisions.entries()) {
      const inputs = inputsOf(decision, layouts[index]!.slots);
      all &&= inputs.all;
      for (const known of inputs.known) {
        compare(interpreter, layouts[index]!, decision, known);
        compared += 1;
      }
    }
    return { status: 'tested', method: all ? 'interpreted on every combination of values' : method, compared };
  } catch (problem) {
    if (!(problem instanceof UnsoundModule || problem instanceof SyntaxError)) throw problem;
    return { status: 'refused', method, compared, counterexample: problem.message };
  }
}

function compare(interpreter: Interpreter, layout: ReadDecision, decision: Decision, known: Known): void {
  const wanted = expected(decision, known);
  const is = answer(interpreter, layout, decision, known);
  if (is !== wanted) {
    throw new UnsoundModule(`${decision.point}: the module says ${is}, the policy ${wanted}, for ${shown(known)}`);
  }
}

function expected(decision: Decision, known: Known): string {
  const environment = environmentOf(known);
  const verdict = decide(decision, environment);
  if (verdict !== undefined) return `${verdict.effect.kind} by ${verdict.by.id}`;
  return `unknown by ${decision.rules.find(({ when }) => evaluate(when, environment) === undefined)?.id}`;
}

function answer(interpreter: Interpreter, layout: ReadDecision, decision: Decision, known: Known): string {
  const address = Number(interpreter.global('input'));
  if (address + layout.size + 4096 > interpreter.memory.length) throw new UnsoundModule('no room for a record');
  write(interpreter, layout, known, address);
  try {
    const result = Number(interpreter.call(layout.function, [address])) >>> 0;
    const by = [...decision.rules, decision.otherwise][result >>> 4];
    return `${kinds[result & 15]} by ${by?.id}`;
  } catch (problem) {
    if (problem instanceof Trap) return `nothing (${problem.message})`;
    throw problem;
  }
}

/** Writes a record as docs/webassembly.md says; what was there before stays where nothing is known. */
function write({ memory, view }: Interpreter, { slots, size }: ReadDecision, known: Known, record: number): void {
  const encoder = new TextEncoder();
  const words = new Uint32Array(2 * Math.ceil(slots.length / 64));
  let free = record + size;
  for (const slot of slots) {
    const value = known.get(slot.attribute);
    if (value === undefined) continue;
    const text = typeof value === 'string' ? encoder.encode(value) : undefined;
    if (text !== undefined && slot.type === 'text') {
      memory.set(text, free);
      view.setUint32(record + slot.offset, free, true);
      view.setUint32(record + slot.offset + 4, text.length, true);
      free += text.length;
    } else if (!writeScalar(view, slot, value, record)) continue;
    words[slot.known >> 5]! |= 1 << (slot.known & 31);
  }
  for (const [index, word] of words.entries()) view.setUint32(record + 4 * index, word, true);
}

/** @returns false where the value is none of the slot's type, which is then unknown */
function writeScalar(view: DataView, { type, offset }: ReadSlot, value: Value, record: number): boolean {
  const at = record + offset;
  if (type === 'integer' && typeof value === 'bigint') view.setBigUint64(at, value, true);
  else if (type === 'number' && typeof value === 'number') view.setFloat64(at, value, true);
  else if (type === 'boolean' && typeof value === 'boolean') view.setUint32(at, value ? 1 : 0, true);
  else {
    const address = type === 'address' && typeof value === 'string' ? parseAddress(value) : undefined;
    if (address === undefined) return false;
    const bits = address.family === 4 ? (0xffffn << 32n) | address.bits : address.bits;
    view.setBigUint64(at, bits >> 64n);
    view.setBigUint64(at + 8, bits & 0xffff_ffff_ffff_ffffn);
  }
  return true;
}

function contentOf(artifacts: readonly Artifact[], path: string): Uint8Array | string {
  const found = artifacts.find((artifact) => artifact.path === path);
  if (found === undefined) throw new UnsoundModule(`no ${path}`);
  return found.content;
}

function textOf(content: Uint8Array | string): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content);
}

function shown(known: Known): string {
  const parts = [...known].flatMap(([name, value]) => {
    if (value === undefined) return [];
    return `${name} = ${typeof value === 'string' ? JSON.stringify(value) : value}`;
  });
  return parts.length === 0 ? 'nothing known' : parts.join(', ');
}
