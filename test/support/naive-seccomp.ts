import type { Predicate, Term } from '../../compiler/expressions/predicate.ts';
import type { Decision, Effect } from '../../compiler/ir/policy.ts';
import { type Architecture, auditArchitecture } from '../../compiler/tables/architectures.ts';
import { newestNumber, syscallName, syscallNumber, syscallNumbers } from '../../compiler/tables/syscalls.ts';
import { encode, type Instruction } from './seccomp-program.ts';

/** A place that jumps name before it is known. */
interface Label {
  at: number;
}

interface Line {
  readonly code: number;
  readonly k: number;
  readonly to?: Label;
}

const loadWord = 0x20;
const always = 0x05;
const equal = 0x15;
const greater = 0x25;
const anyBit = 0x45;
const and = 0x54;
const give = 0x06;
const toIndex = 0x07;
const withIndex = 0x08;

/**
 * The most straightforward correct compiler of syscall decisions: every rule tested in turn, every test spelt out, no
 * sharing. An oracle for the validator and for the real backend.
 */
export function naiveProgram(
  decision: Decision,
  served: readonly Architecture[],
  parameters: Readonly<Record<string, bigint>> = {},
): Uint8Array {
  const emitter = new Emitter(parameters);
  for (const audit of new Set(served.map((architecture) => auditArchitecture[architecture]))) {
    const next = emitter.label();
    const here = emitter.label();
    emitter.load(4);
    emitter.test(equal, audit, here, next);
    emitter.place(here);
    const own = served.filter((architecture) => auditArchitecture[architecture] === audit);
    if (audit === auditArchitecture.x86_64) {
      const marked = emitter.label();
      const plain = emitter.label();
      emitter.load(0);
      emitter.test(anyBit, 0x4000_0000, marked, plain);
      emitter.place(plain);
      emitter.decision(decision, own.includes('x86_64') ? 'x86_64' : 'other');
      emitter.place(marked);
      emitter.decision(decision, own.includes('x32') ? 'x32' : 'other');
    } else {
      emitter.decision(decision, own[0]!);
    }
    emitter.place(next);
  }
  emitter.decision(decision, 'other');
  return encode(emitter.assemble());
}

class Emitter {
  private readonly lines: Line[] = [];
  private readonly parameters: Readonly<Record<string, bigint>>;
  private architecture: Architecture | 'other' = 'other';

  constructor(parameters: Readonly<Record<string, bigint>>) {
    this.parameters = parameters;
  }

  label(): Label {
    return { at: -1 };
  }

  place(label: Label): void {
    label.at = this.lines.length;
  }

  load(offset: number): void {
    this.lines.push({ code: loadWord, k: offset });
  }

  /** A condition and two long jumps, so that no distance is too far. */
  test(code: number, k: number, whenTrue: Label, whenFalse: Label): void {
    this.lines.push({ code, k }, { code: always, k: 0, to: whenTrue }, { code: always, k: 0, to: whenFalse });
  }

  decision(decision: Decision, architecture: Architecture | 'other'): void {
    this.architecture = architecture;
    const denials = decision.rules.filter((rule) => rule.effect.kind !== 'allow');
    const allows = decision.rules.filter((rule) => rule.effect.kind === 'allow');
    for (const rule of decision.combine === 'deny-overrides' ? [...denials, ...allows] : decision.rules) {
      const yes = this.label();
      const no = this.label();
      this.predicate(rule.when, yes, no);
      this.place(yes);
      this.lines.push({ code: give, k: returned(rule.effect) });
      this.place(no);
    }
    this.lines.push({ code: give, k: returned(decision.otherwise.effect) });
  }

  assemble(): Instruction[] {
    return this.lines.map(({ code, k, to }, at) => {
      if (to !== undefined) return { code, jt: 0, jf: 0, k: to.at - at - 1 };
      return (code & 7) === 5 ? { code, jt: 0, jf: 1, k } : { code, jt: 0, jf: 0, k };
    });
  }

  private goto(label: Label): void {
    this.lines.push({ code: always, k: 0, to: label });
  }

  private predicate(predicate: Predicate, yes: Label, no: Label): void {
    switch (predicate.kind) {
      case 'constant':
        this.goto(predicate.value ? yes : no);
        break;
      case 'not':
        this.predicate(predicate.of, no, yes);
        break;
      case 'and':
        for (const part of predicate.of) {
          const next = this.label();
          this.predicate(part, next, no);
          this.place(next);
        }
        this.goto(yes);
        break;
      case 'or':
        for (const part of predicate.of) {
          const next = this.label();
          this.predicate(part, yes, next);
          this.place(next);
        }
        this.goto(no);
        break;
      case 'in-set':
        this.names(predicate.term, predicate.values, yes, no);
        break;
      case 'compare': {
        const { left, right } = predicate;
        if (right.kind === 'literal' && typeof right.value === 'string') {
          const [hit, miss] = predicate.operator === '==' ? [yes, no] : [no, yes];
          this.names(left, [right.value], hit, miss);
        } else if (right.kind === 'literal' && typeof right.value === 'boolean') {
          const same = (predicate.operator === '==') === right.value;
          this.newer(same ? yes : no, same ? no : yes);
        } else if (right.kind === 'literal' || right.kind === 'parameter') {
          this.compare(left, predicate.operator, this.value(right), yes, no);
        } else {
          this.relate(left, predicate.operator, right, yes, no);
        }
        break;
      }
      case 'in-ranges':
        for (const { low, high } of predicate.ranges) {
          const next = this.label();
          const upper = this.label();
          this.compare(predicate.term, '>=', low, upper, next);
          this.place(upper);
          this.compare(predicate.term, '<=', high, yes, next);
          this.place(next);
        }
        this.goto(no);
        break;
      default:
        throw new Error(`not for syscalls: ${predicate.kind}`);
    }
  }

  private names(term: Term, values: readonly string[], yes: Label, no: Label): void {
    if (term.kind === 'attribute' && term.name === 'arch') {
      this.goto(values.includes(this.architecture) ? yes : no);
      return;
    }
    const { architecture } = this;
    this.load(0);
    for (const value of values) {
      let number = architecture === 'other' ? undefined : syscallNumber(architecture, value);
      if (value.startsWith('#')) {
        number = Number(value.slice(1));
        if (architecture !== 'other' && syscallName(architecture, number) !== undefined) continue;
      }
      if (number === undefined) continue;
      const next = this.label();
      this.test(equal, number, yes, next);
      this.place(next);
    }
    this.goto(no);
  }

  private newer(yes: Label, no: Label): void {
    const { architecture } = this;
    if (architecture === 'other') {
      this.goto(no);
      return;
    }
    const above = this.label();
    this.load(0);
    this.test(greater, newestNumber(architecture), above, no);
    this.place(above);
    for (const number of syscallNumbers(architecture).values()) {
      if (number <= newestNumber(architecture)) continue;
      const next = this.label();
      this.test(equal, number, no, next);
      this.place(next);
    }
    this.goto(yes);
  }

  private value(term: Term): bigint {
    const value = term.kind === 'parameter' ? this.parameters[term.name] : term.kind === 'literal' ? term.value : 0;
    if (typeof value !== 'bigint') throw new Error('not an integer');
    return value;
  }

  private compare(term: Term, operator: string, value: bigint, yes: Label, no: Label): void {
    switch (operator) {
      case '==':
        this.equal(term, value, yes, no);
        break;
      case '!=':
        this.equal(term, value, no, yes);
        break;
      case '>':
        this.greater(term, value, yes, no);
        break;
      case '<=':
        this.greater(term, value, no, yes);
        break;
      case '>=':
        if (value === 0n) this.goto(yes);
        else this.greater(term, value - 1n, yes, no);
        break;
      default:
        if (value === 0n) this.goto(no);
        else this.greater(term, value - 1n, no, yes);
    }
  }

  /** Compares two arguments, the right one's words in the index register. */
  private relate(left: Term, operator: string, right: Term, yes: Label, no: Label): void {
    const both = (half: 'high' | 'low') => {
      this.half(right, half);
      this.lines.push({ code: toIndex, k: 0 });
      this.half(left, half);
    };
    const differ = this.label();
    const alike = this.label();
    both('high');
    this.test(equal | withIndex, 0, alike, differ);
    this.place(alike);
    both('low');
    this.test(equal | withIndex, 0, ['==', '<=', '>='].includes(operator) ? yes : no, differ);
    this.place(differ);
    // X and A hold the first pair of words that differ, or the low ones.
    if (operator === '==' || operator === '!=') this.goto(operator === '==' ? no : yes);
    else if (operator.startsWith('>')) this.test(greater | withIndex, 0, yes, no);
    else this.test(greater | withIndex, 0, no, yes);
  }

  /** Loads one masked half of an argument. */
  private half(term: Term, half: 'high' | 'low'): void {
    let mask = 0xffff_ffff_ffff_ffffn;
    let inner = term;
    while (inner.kind === 'mask') {
      mask &= inner.mask;
      inner = inner.term;
    }
    const index = inner.kind === 'attribute' ? Number(inner.name.slice(3)) : 0;
    this.load(16 + 8 * index + (half === 'high' ? 4 : 0));
    const bits = Number(half === 'high' ? mask >> 32n : mask & 0xffff_ffffn);
    if (bits !== 0xffff_ffff) this.lines.push({ code: and, k: bits });
  }

  private equal(term: Term, value: bigint, yes: Label, no: Label): void {
    const low = this.label();
    this.half(term, 'high');
    this.test(equal, Number(value >> 32n), low, no);
    this.place(low);
    this.half(term, 'low');
    this.test(equal, Number(value & 0xffff_ffffn), yes, no);
  }

  private greater(term: Term, value: bigint, yes: Label, no: Label): void {
    const notAbove = this.label();
    const low = this.label();
    this.half(term, 'high');
    this.test(greater, Number(value >> 32n), yes, notAbove);
    this.place(notAbove);
    this.lines.push({ code: equal, k: Number(value >> 32n) });
    this.goto(low);
    this.goto(no);
    this.place(low);
    this.half(term, 'low');
    this.test(greater, Number(value & 0xffff_ffffn), yes, no);
  }
}

function returned(effect: Effect): number {
  switch (effect.kind) {
    case 'allow':
      return 0x7fff_0000;
    case 'log':
      return 0x7ffc_0000;
    case 'errno':
      return 0x0005_0000 + effect.errno;
    case 'trap':
      return 0x0003_0000 + effect.data;
    case 'trace':
      return 0x7ff0_0000 + effect.data;
    case 'notify':
      return 0x7fc0_0000;
    case 'kill-thread':
      return 0;
    default:
      return 0x8000_0000;
  }
}
