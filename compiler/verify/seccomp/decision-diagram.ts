import { evaluate } from '../../expressions/evaluate.ts';
import type { Predicate, Term, Value } from '../../expressions/predicate.ts';
import type { Decision, Rule } from '../../ir/policy.ts';
import { ArgumentDiagrams } from './argument-diagrams.ts';
import { argumentSlot } from './argument-slot.ts';
import type { Diagrams } from './diagram.ts';
import type { NumberSpace, Point } from './number-space.ts';
import { returnOfEffect } from './return-values.ts';
import { Unsupported } from './unsupported.ts';

/** Points for which a predicate holds, and for which it does not, whatever the arguments are: one bit a point. */
interface Truth {
  readonly yes: Int32Array;
  readonly no: Int32Array;
}

/** For each point of a space, the diagram of the decision over the arguments. */
export type DecisionDiagrams = { readonly nodes: Int32Array } | { readonly unsupported: string };

/**
 * Puts a decision, as it stands for one architecture, into diagrams: rules that the number decides are settled for all
 * points at once; only rules whose answer depends on arguments are put, point by point, over what they leave open.
 */
export function decisionDiagrams(
  diagrams: Diagrams,
  decision: Decision,
  space: NumberSpace,
  parameters: Readonly<Record<string, bigint>>,
): DecisionDiagrams {
  try {
    return { nodes: new Builder(diagrams, space, parameters).build(decision) };
  } catch (problem) {
    if (problem instanceof Unsupported) return { unsupported: problem.reason };
    throw problem;
  }
}

/** The rules as a first-match list: in deny-overrides any rule that does not allow comes before all that do. */
function firstMatch(decision: Decision): readonly Rule[] {
  if (decision.combine !== 'deny-overrides') return decision.rules;
  return [
    ...decision.rules.filter((rule) => rule.effect.kind !== 'allow'),
    ...decision.rules.filter((rule) => rule.effect.kind === 'allow'),
  ];
}

class Builder {
  private readonly words: number;
  /** Truths of the parts of rules that depend on arguments. */
  private readonly truths = new Map<Predicate, Truth>();
  private readonly arguments: ArgumentDiagrams;
  private readonly diagrams: Diagrams;
  private readonly space: NumberSpace;
  private readonly parameters: Readonly<Record<string, bigint>>;

  constructor(diagrams: Diagrams, space: NumberSpace, parameters: Readonly<Record<string, bigint>>) {
    this.diagrams = diagrams;
    this.space = space;
    this.parameters = parameters;
    this.arguments = new ArgumentDiagrams(diagrams, parameters);
    this.words = (space.points.length + 31) >>> 5;
  }

  build(decision: Decision): Int32Array {
    const { diagrams, space, words } = this;
    const open = this.all();
    const nodes = new Int32Array(space.points.length).fill(
      diagrams.terminal(returnOfEffect(decision.otherwise.effect)),
    );
    const residual: (Rule[] | undefined)[] = new Array(space.points.length).fill(undefined);
    for (const rule of firstMatch(decision)) {
      const truth = this.truthOf(rule.when);
      let verdict = -1;
      for (let word = 0; word < words; word += 1) {
        const relevant = open[word]! & ~truth.no[word]!;
        for (let bits = relevant; bits !== 0; bits &= bits - 1) {
          const bit = 31 - Math.clz32(bits & -bits);
          const point = word * 32 + bit;
          if (((truth.yes[word]! >>> bit) & 1) === 1) {
            if (verdict < 0) verdict = diagrams.terminal(returnOfEffect(rule.effect));
            nodes[point] = verdict;
          } else {
            const rules = residual[point];
            if (rules === undefined) residual[point] = [rule];
            else rules.push(rule);
          }
        }
        open[word]! &= ~truth.yes[word]!;
      }
    }
    for (let point = 0; point < nodes.length; point += 1) {
      const rules = residual[point];
      if (rules === undefined) continue;
      let node = nodes[point]!;
      for (let at = rules.length - 1; at >= 0 && !diagrams.exhausted; at -= 1) {
        const rule = rules[at]!;
        node = this.put(rule.when, point, diagrams.terminal(returnOfEffect(rule.effect)), node);
      }
      nodes[point] = node;
    }
    return nodes;
  }

  private all(): Int32Array {
    const bits = new Int32Array(this.words).fill(-1);
    const rest = this.space.points.length & 31;
    if (rest !== 0) bits[this.words - 1] = (1 << rest) - 1;
    return bits;
  }

  private none(): Int32Array {
    return new Int32Array(this.words);
  }

  private truthOf(predicate: Predicate): Truth {
    switch (predicate.kind) {
      case 'constant':
        return this.everywhere(predicate.value);
      case 'not': {
        const inner = this.truthOf(predicate.of);
        return this.kept(predicate, { yes: inner.no, no: inner.yes });
      }
      case 'and':
        return this.kept(predicate, this.junction(predicate.of, false));
      case 'or':
        return this.kept(predicate, this.junction(predicate.of, true));
      case 'in-set':
        return this.textTruth(predicate, predicate.term, predicate.values);
      case 'compare':
        return this.comparisonTruth(predicate);
      case 'in-ranges':
        return argumentSlot(predicate.term) === undefined
          ? this.byPoint(predicate, predicate.term)
          : this.unknown(predicate);
      case 'glob':
      case 'beneath':
      case 'in-network':
        return this.byPoint(predicate, predicate.term);
      default: {
        const unreachable: never = predicate;
        return unreachable;
      }
    }
  }

  private everywhere(value: boolean): Truth {
    return value ? { yes: this.all(), no: this.none() } : { yes: this.none(), no: this.all() };
  }

  private unknown(predicate: Predicate): Truth {
    return this.kept(predicate, { yes: this.none(), no: this.none() });
  }

  private kept(predicate: Predicate, truth: Truth): Truth {
    this.truths.set(predicate, truth);
    return truth;
  }

  /** `and` where `decisive` is false, `or` where it is true. */
  private junction(of: readonly Predicate[], decisive: boolean): Truth {
    const everything = this.all();
    const nothing = this.none();
    for (const operand of of) {
      const truth = this.truthOf(operand);
      const decided = decisive ? truth.yes : truth.no;
      const passed = decisive ? truth.no : truth.yes;
      for (let word = 0; word < this.words; word += 1) {
        nothing[word]! |= decided[word]!;
        everything[word]! &= passed[word]!;
      }
    }
    return decisive ? { yes: nothing, no: everything } : { yes: everything, no: nothing };
  }

  /** Membership of `arch` or `syscall` in a set of texts. */
  private textTruth(predicate: Predicate, term: Term, values: readonly string[]): Truth {
    if (term.kind !== 'attribute') throw new Unsupported('a set is compared with something that is not an attribute');
    if (term.name === 'arch') return this.kept(predicate, this.everywhere(values.includes(this.space.architecture)));
    if (term.name !== 'syscall') throw new Unsupported(`the attribute ${term.name} is compared with a set of texts`);
    const yes = this.none();
    const no = this.all();
    for (const value of values) {
      const point = this.space.pointOf.get(value);
      if (point === undefined) continue;
      yes[point >>> 5]! |= 1 << (point & 31);
      no[point >>> 5]! &= ~(1 << (point & 31));
    }
    return this.kept(predicate, { yes, no });
  }

  private comparisonTruth(predicate: Extract<Predicate, { kind: 'compare' }>): Truth {
    const { left, right, operator } = predicate;
    if (argumentSlot(left) !== undefined || argumentSlot(right) !== undefined) return this.unknown(predicate);
    if (left.kind === 'attribute' && right.kind === 'literal' && typeof right.value === 'string') {
      if (operator === '==') return this.textTruth(predicate, left, [right.value]);
      if (operator === '!=') {
        const equal = this.textTruth(predicate, left, [right.value]);
        return this.kept(predicate, { yes: equal.no, no: equal.yes });
      }
    }
    if (left.kind === 'attribute' && left.name === 'newer' && operator === '==' && right.kind === 'literal') {
      return this.kept(predicate, this.newerTruth(right.value));
    }
    return this.byPoint(predicate, left, right);
  }

  /** Where `newer` is `value`: few points are newer than the table. */
  private newerTruth(value: Value): Truth {
    if (typeof value !== 'boolean') return this.everywhere(false);
    const newer = this.none();
    const older = this.all();
    const { points } = this.space;
    for (let point = 0; point < points.length; point += 1) {
      if (!points[point]!.newer) continue;
      newer[point >>> 5]! |= 1 << (point & 31);
      older[point >>> 5]! &= ~(1 << (point & 31));
    }
    return value ? { yes: newer, no: older } : { yes: older, no: newer };
  }

  /** Asks the reference evaluator at every point, for predicates that are rare in syscall decisions. */
  private byPoint(predicate: Predicate, ...terms: readonly Term[]): Truth {
    const byName = terms.some((term) => mentions(term, 'syscall'));
    const yes = this.none();
    const no = this.none();
    this.space.points.forEach((point, at) => {
      if (byName && point.name === undefined && !failsOnUnnamed(predicate)) {
        throw new Unsupported('a pattern or an order is asked of system calls without a name');
      }
      const value = evaluate(predicate, {
        attribute: (name) => this.attributeAt(point, name),
        parameter: (name) => this.parameters[name],
      });
      if (value === undefined) throw new Unsupported('a rule asks for an attribute that a system call does not have');
      (value ? yes : no)[at >>> 5]! |= 1 << (at & 31);
    });
    return this.kept(predicate, { yes, no });
  }

  private attributeAt(point: Point, name: string): Value | undefined {
    if (name === 'arch') return this.space.architecture;
    if (name === 'syscall') return point.name ?? '#';
    return name === 'newer' ? point.newer : undefined;
  }

  /** `whenTrue` where the predicate holds at a point, `whenFalse` elsewhere. */
  private put(predicate: Predicate, point: number, whenTrue: number, whenFalse: number): number {
    const truth = this.truths.get(predicate);
    if (truth !== undefined) {
      if (((truth.yes[point >>> 5]! >>> (point & 31)) & 1) === 1) return whenTrue;
      if (((truth.no[point >>> 5]! >>> (point & 31)) & 1) === 1) return whenFalse;
    }
    switch (predicate.kind) {
      case 'constant':
        return predicate.value ? whenTrue : whenFalse;
      case 'not':
        return this.put(predicate.of, point, whenFalse, whenTrue);
      case 'and': {
        let node = whenTrue;
        for (let at = predicate.of.length - 1; at >= 0; at -= 1)
          node = this.put(predicate.of[at]!, point, node, whenFalse);
        return node;
      }
      case 'or': {
        let node = whenFalse;
        for (let at = predicate.of.length - 1; at >= 0; at -= 1)
          node = this.put(predicate.of[at]!, point, whenTrue, node);
        return node;
      }
      case 'compare':
      case 'in-ranges':
        return this.arguments.put(predicate, whenTrue, whenFalse);
      case 'in-set':
      case 'glob':
      case 'beneath':
      case 'in-network':
        throw new Unsupported(`a predicate of the kind ${predicate.kind} over arguments`);
      default: {
        const unreachable: never = predicate;
        return unreachable;
      }
    }
  }
}

function mentions(term: Term, name: string): boolean {
  if (term.kind === 'mask') return mentions(term.term, name);
  return term.kind === 'attribute' && term.name === name;
}

/** True for a glob that no `#N` matches, by its first character. */
function failsOnUnnamed(predicate: Predicate): boolean {
  return predicate.kind === 'glob' && predicate.pattern !== '' && !'#*?'.includes(predicate.pattern[0]!);
}
