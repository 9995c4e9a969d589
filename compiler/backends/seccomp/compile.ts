import type { Predicate } from '../../expressions/predicate.ts';
import type { Decision, Effect, Otherwise, Rule } from '../../ir/policy.ts';
import { type Architecture, auditArchitecture, x32Bit } from '../../tables/architectures.ts';
import type { Target } from '../../target.ts';
import { actionOf } from './action.ts';
import { ArgumentCode } from './argument-code.ts';
import { CodeGraph, type CodeNode } from './code-graph.ts';
import { decisionTree, linearChain } from './decision-tree.ts';
import { Diagram } from './diagram.ts';
import { type FormulaId, FormulaTable } from './formula.ts';
import { FormulaDiagrams } from './formula-diagram.ts';
import { hashNamesOf } from './hash-names.ts';
import { dataOffset, type Instruction, opcode } from './instruction.ts';
import { layOut } from './layout.ts';
import { LinearCode } from './linear-code.ts';
import { type NumberRanges, numberRanges, overlay, type SlotTargets } from './number-ranges.ts';
import { type Convention, type NumberSegment, numberSpace, segmentsOf } from './number-space.ts';
import {
  applyRules,
  type ConventionOutcomes,
  type InexpressibleRule,
  type Outcome,
  type OutcomeAlgebra,
  type RuleResiduals,
  residualsOf,
  Trails,
} from './outcomes.ts';
import { type Probe, rulesOfInstructions } from './provenance.ts';
import { type Relocation, Relocations } from './relocations.ts';
import { hotShare, slotWeights } from './weights.ts';

export interface CompileOptions {
  /** How calls are weighed when the tree is laid out. */
  readonly weights: Target['weights'];
  /** Placeholders for the parameters, which whoever uses the program patches; 0 where absent. */
  readonly parameters?: Readonly<Record<string, bigint>>;
  /** False for the form as written: rule by rule, range by range. */
  readonly optimise?: boolean;
}

export interface SyscallProgram {
  readonly instructions: readonly Instruction[];
  readonly relocations: readonly Relocation[];
  /** The first rule (or the `otherwise`) that an instruction serves; undefined for the common beginning. */
  ruleOf(index: number): string | undefined;
  /** All rules that an instruction serves, in the order of the decision. */
  rulesOf(index: number): readonly string[];
  /** Rules that seccomp cannot express; where there are any, the program refuses every call. */
  readonly inexpressible: readonly InexpressibleRule[];
}

/** How much the calls of further architectures weigh beside those of the first, which is the machine's own. */
const furtherShare = 0.02;

/**
 * Compiles a `syscall` decision to one seccomp program.
 *
 * @param architectures those that the program serves; calls of any other are `other` to the rules.
 */
export function compileSyscallDecision(
  decision: Decision,
  architectures: readonly Architecture[],
  options: CompileOptions,
): SyscallProgram {
  return new ProgramCompiler(decision, architectures, options).compile();
}

class ProgramCompiler {
  readonly #rules: readonly Rule[];
  readonly #otherwise: Otherwise;
  readonly #architectures: readonly Architecture[];
  readonly #weights: Target['weights'];
  readonly #optimise: boolean;
  readonly #graph = new CodeGraph();
  readonly #trails = new Trails();
  readonly #relocations: Relocations;
  readonly #inexpressible = new Map<string, InexpressibleRule>();

  constructor(
    decision: Decision,
    architectures: readonly Architecture[],
    options: CompileOptions & Pick<Target, 'weights'>,
  ) {
    this.#rules = firstMatchRules(decision);
    this.#otherwise = decision.otherwise;
    this.#architectures = architectures;
    this.#weights = options.weights;
    this.#optimise = options.optimise ?? true;
    this.#relocations = new Relocations(options.parameters ?? {});
  }

  compile(): SyscallProgram {
    const table = new FormulaTable();
    const atoms = new Map<Predicate, FormulaId>();
    const hashNames = hashNamesOf(this.#rules);
    const residuals = [...this.#architectures, 'other' as const].map((convention) =>
      residualsOf(numberSpace(convention, hashNames), this.#rules, table, atoms, this.#inexpressible),
    );
    if (this.#inexpressible.size > 0) return this.#refuseAll();
    const slots = this.#slotTargets(residuals, table);
    const probes: Probe[] = [];
    const root = this.#dispatch(slots, probes);
    const layout = layOut(this.#graph, root);
    const ids = [...this.#rules, this.#otherwise].map((rule) => rule.id);
    const actions = [...this.#rules, this.#otherwise].map((rule) => actionOf(rule.effect));
    let rules: readonly (readonly string[])[] | undefined;
    const rulesOf = (index: number) => {
      rules ??= rulesOfInstructions(layout.instructions, probes, this.#trails, actions).map((list) =>
        list.map((rule) => ids[rule]!),
      );
      return rules[index] ?? [];
    };
    return {
      instructions: layout.instructions,
      relocations: this.#relocations.list(layout.relocations),
      rulesOf,
      ruleOf: (index) => rulesOf(index)[0],
      inexpressible: [],
    };
  }

  #refuseAll(): SyscallProgram {
    const kill: Effect = { kind: 'kill-process' };
    return {
      instructions: [{ code: opcode.return, jt: 0, jf: 0, k: actionOf(kill) }],
      relocations: [],
      rulesOf: () => [],
      ruleOf: () => undefined,
      inexpressible: [...this.#inexpressible.values()],
    };
  }

  #slotTargets(residuals: readonly RuleResiduals[], table: FormulaTable): ReadonlyMap<Convention, SlotTargets> {
    const byDiagram = this.#optimise ? this.#throughDiagram(residuals, table) : undefined;
    const outcomes = byDiagram ?? this.#asWritten(residuals, table);
    return new Map(
      outcomes.map(({ space, outcomes: targets, trails }) => {
        const weights = slotWeights(space, targets, this.#graph, this.#weights);
        return [space.convention, { space, targets, trails, weights }];
      }),
    );
  }

  #apply(residuals: readonly RuleResiduals[], table: FormulaTable, algebra: OutcomeAlgebra): ConventionOutcomes[] {
    const actions = this.#rules.map((rule) => algebra.always(actionOf(rule.effect)));
    const otherwise = algebra.always(actionOf(this.#otherwise.effect));
    return residuals.map((each) => applyRules(each, actions, otherwise, algebra, table, this.#trails));
  }

  /** Undefined where the conditions are too tangled for a diagram. */
  #throughDiagram(residuals: readonly RuleResiduals[], table: FormulaTable): ConventionOutcomes[] | undefined {
    const diagram = new Diagram();
    const formulas = new FormulaDiagrams(table, diagram);
    const outcomes = this.#apply(residuals, table, {
      always: (action) => diagram.terminal(action),
      choose: (condition, holds, fails) => diagram.choose(formulas.diagramOf(condition), holds, fails),
    });
    if (diagram.exceeded) return undefined;
    const code = new ArgumentCode(diagram, this.#graph, this.#relocations);
    const known = new Map<Outcome, CodeNode>();
    const codeOf = (outcome: Outcome) => {
      let node = known.get(outcome);
      if (node === undefined) {
        node = code.codeOf(outcome);
        known.set(outcome, node);
      }
      return node;
    };
    return outcomes.map((each) => ({ ...each, outcomes: each.outcomes.map(codeOf) }));
  }

  #asWritten(residuals: readonly RuleResiduals[], table: FormulaTable): ConventionOutcomes[] {
    const code = new LinearCode(table, this.#graph, this.#relocations);
    return this.#apply(residuals, table, {
      always: (action) => this.#graph.return(action),
      choose: (condition, holds, fails) => code.choose(condition, holds, fails),
    });
  }

  /** The beginning of the program: by architecture, then by number. */
  #dispatch(slots: ReadonlyMap<Convention, SlotTargets>, probes: Probe[]): CodeNode {
    const audits = [...new Set(this.#architectures.map((architecture) => auditArchitecture[architecture]))];
    const targetOf = new Map<number, CodeNode>();
    for (const audit of audits)
      targetOf.set(audit, this.#numbers(audit, segmentsOf(audit, this.#architectures), slots, probes));
    const otherAudit = 0;
    const other = this.#numbers(otherAudit, [{ low: 0, high: 0xffff_ffff, convention: 'other' }], slots, probes);
    const starts = [0];
    const targets = [other];
    const weights = [0];
    for (const audit of audits.toSorted((left, right) => left - right)) {
      if (starts[starts.length - 1] === audit) {
        starts.pop();
        targets.pop();
        weights.pop();
      }
      starts.push(audit, audit + 1);
      targets.push(targetOf.get(audit)!, other);
      weights.push(audit === audits[0] ? 1 : furtherShare, 0);
    }
    const ranges = { starts, targets, weights, highest: 0xffff_ffff };
    const tree = this.#optimise ? decisionTree(this.#graph, ranges) : linearChain(this.#graph, ranges);
    return this.#graph.step(opcode.loadAbsolute, dataOffset.architecture, tree);
  }

  #numbers(
    audit: number,
    segments: readonly NumberSegment[],
    slots: ReadonlyMap<Convention, SlotTargets>,
    probes: Probe[],
  ): CodeNode {
    const targetsOf = (segment: NumberSegment) => slots.get(segment.convention)!;
    const total = segments.reduce((sum, segment) => sum + totalOf(targetsOf(segment).weights), 0);
    const hot = this.#optimise && total > 0 ? hotShare * total : Number.POSITIVE_INFINITY;
    const ranges = numberRanges(segments, targetsOf, hot);
    ranges.starts.forEach((number, at) => {
      probes.push({ audit, number, trails: ranges.trails[at]! });
    });
    const tree =
      this.#optimise && segments.length > 1 && this.#architectures.includes('x32')
        ? this.#sharedNumbers(segments, targetsOf, hot)
        : this.#tree(ranges);
    return this.#graph.step(opcode.loadAbsolute, dataOffset.number, tree);
  }

  #tree(ranges: NumberRanges, highest = 0xffff_ffff): CodeNode {
    const complete = { starts: ranges.starts, targets: ranges.targets, weights: ranges.weights, highest };
    return this.#optimise ? decisionTree(this.#graph, complete) : linearChain(this.#graph, complete);
  }

  /** x86_64 and x32 give most numbers one meaning: the bit is looked at only where their answers differ. */
  #sharedNumbers(
    segments: readonly NumberSegment[],
    targetsOf: (segment: NumberSegment) => SlotTargets,
    hot: number,
  ): CodeNode {
    const isMarked = (segment: NumberSegment) => (segment.low & x32Bit) !== 0;
    const plain = numberRanges(
      segments.filter((segment) => !isMarked(segment)),
      targetsOf,
      0,
    );
    const marked = numberRanges(segments.filter(isMarked), targetsOf, 0);
    marked.starts.forEach((start, at) => {
      marked.starts[at] = start - x32Bit;
    });
    const ranges = overlay(plain, marked, furtherShare, hot, (without, with32) => {
      const chosen = this.#graph.jump(opcode.jumpSet, x32Bit, with32, without);
      return without === with32 ? without : this.#graph.step(opcode.loadAbsolute, dataOffset.number, chosen);
    });
    return this.#graph.step(opcode.andK, ~x32Bit >>> 0, this.#tree(ranges, 0xbfff_ffff));
  }
}

function totalOf(weights: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < weights.length; at += 1) total += weights[at]!;
  return total;
}

/** The rules in an order in which the first that holds decides, whatever way they combine. */
function firstMatchRules(decision: Decision): readonly Rule[] {
  if (decision.combine !== 'deny-overrides') return decision.rules;
  const denies = (rule: Rule) => rule.effect.kind !== 'allow';
  return [...decision.rules.filter(denies), ...decision.rules.filter((rule) => !denies(rule))];
}
