import type { Artifact, Validation } from '../../backends/backend.ts';
import { evaluate } from '../../expressions/evaluate.ts';
import { mentionedValues } from '../../expressions/mentioned-values.ts';
import type { Value } from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import type { Decision, Policy } from '../../ir/policy.ts';
import { Trap } from './arithmetic.ts';
import { type Bindings, ExpressionInputs } from './expressions.ts';
import { environmentOf, inputsOf, type Known } from './inputs.ts';
import { Interpreter } from './interpreter.ts';
import { decodeModule, isUnsound, UnsoundModule } from './module.ts';
import { type ReadDecision, type ReadSlot, readLayout } from './read-layout.ts';
import { RecordWriter } from './write-record.ts';

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
    const { layouts, fingerprint } = readLayout(textOf(contentOf(artifacts, 'decisions.json')), policy.decisions);
    requireHeader(interpreter, fingerprint);
    const asked = { interpreter, records: new RecordWriter(interpreter) };
    let all = true;
    for (const [index, decision] of policy.decisions.entries()) {
      const layout = layouts[index]!;
      const expressions = expressionsOf(decision, layout);
      const inputs = inputsOf(decision, expressions === undefined ? layout.slots : expressions.slots);
      all &&= inputs.all && expressions === undefined;
      let whole = expressions === undefined ? 0 : 3;
      for (const input of [...(expressions === undefined ? [] : [usual(layout)]), ...inputs.known]) {
        // With the first inputs every request that is made up is asked about.
        for (const { known, bindings } of expressions?.inputs.of(input, whole > 0) ?? [
          { known: input, bindings: {} },
        ]) {
          compare(asked, layout, decision, known, bindings);
          compared += 1;
        }
        whole -= 1;
      }
    }
    return { status: 'tested', method: all ? 'interpreted on every combination of values' : method, compared };
  } catch (problem) {
    if (!isUnsound(problem)) throw problem;
    return { status: 'refused', method, compared, counterexample: problem.message };
  }
}

/** Whether the module says what it is, and that it belongs to its `decisions.json`. */
export function requireHeader(interpreter: Interpreter, fingerprint: unknown): void {
  if (interpreter.global('abi') !== 1) throw new UnsoundModule('the module is not of ABI 1');
  if (interpreter.global('fingerprint') !== fingerprint)
    throw new UnsoundModule('decisions.json has another fingerprint');
}

/** Of a decision with expressions that the module works out: what they give, and the slots with them instead of what they read. */
export function expressionsOf(
  { rules }: Decision,
  { slots }: Pick<ReadDecision, 'slots'>,
): { readonly inputs: ExpressionInputs; readonly slots: readonly ReadSlot[] } | undefined {
  if (!slots.some(({ type }) => type === 'value')) return undefined;
  const others = slots.filter(({ type }) => type !== 'value');
  const asSlots = new Set(others.map(({ attribute }) => attribute));
  const names = [...mentionedValues(rules.map(({ when }) => when)).keys()].filter(
    (name) => /^(condition|value):/.test(name) && !asSlots.has(name),
  );
  const pseudo = names.map((attribute) => ({
    attribute,
    type: attribute.startsWith('condition:') ? 'boolean' : 'text',
    offset: 0,
    known: 0,
  }));
  return { inputs: new ExpressionInputs(names, slots), slots: [...others, ...pseudo] };
}

/** What else than expressions is known, as no rule asks for it. */
function usual({ slots }: ReadDecision): Known {
  const values: Readonly<Record<string, Value>> = { text: 'b', integer: 1n, number: 1, boolean: false, address: '::1' };
  return new Map(slots.map(({ attribute, type }) => [attribute, values[type]]));
}

/** The module, and what writes into its memory. */
interface Asked {
  readonly interpreter: Interpreter;
  readonly records: RecordWriter;
}

function compare(asked: Asked, layout: ReadDecision, decision: Decision, known: Known, bindings: Bindings): void {
  const wanted = expected(decision, known);
  const is = answer(asked, layout, decision, known, bindings);
  if (is !== wanted) {
    throw new UnsoundModule(`${decision.point}: the module says ${is}, the policy ${wanted}, for ${shown(known)}`);
  }
}

/** What the policy says. */
export function expected(decision: Decision, known: Known): string {
  const environment = environmentOf(known);
  const verdict = decide(decision, environment);
  if (verdict !== undefined) return `${verdict.effect.kind} by ${verdict.by.id}`;
  return `unknown by ${decision.rules.find(({ when }) => evaluate(when, environment) === undefined)?.id}`;
}

function answer(
  { interpreter, records }: Asked,
  layout: ReadDecision,
  decision: Decision,
  known: Known,
  bindings: Bindings,
): string {
  const address = Number(interpreter.global('input'));
  if (address + layout.size + 4096 > interpreter.memory.length) throw new UnsoundModule('no room for a record');
  records.write(layout, known, bindings, address);
  try {
    return said(decision, Number(interpreter.call(layout.function, [address])) >>> 0);
  } catch (problem) {
    if (problem instanceof Trap) return `nothing (${problem.message})`;
    throw problem;
  }
}

/** What an answer says, in the words of `expected`. */
export function said({ rules, otherwise }: Decision, result: number): string {
  const place = result >>> 4;
  const by = place === rules.length ? otherwise : rules[place];
  return `${kinds[result & 15]} by ${by?.id}`;
}

export function contentOf(artifacts: readonly Artifact[], path: string): Uint8Array | string {
  const found = artifacts.find((artifact) => artifact.path === path);
  if (found === undefined) throw new UnsoundModule(`no ${path}`);
  return found.content;
}

export function textOf(content: Uint8Array | string): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content);
}

export function shown(known: Known): string {
  const parts = [...known].flatMap(([name, value]) => {
    if (value === undefined) return [];
    return `${name} = ${typeof value === 'string' ? JSON.stringify(value) : value}`;
  });
  return parts.length === 0 ? 'nothing known' : parts.join(', ');
}
