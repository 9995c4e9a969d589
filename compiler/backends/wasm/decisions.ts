import type { Decision, Point, Policy } from '../../ir/policy.ts';
import { type FinishedModule, type FunctionHandle, ModuleBuilder } from './binary/module.ts';
import type { ExpressionLowering } from './extension.ts';
import { layoutOf, type RecordLayout } from './layout.ts';
import { lowerDecision } from './lower/decision.ts';
import { type ModuleContext, Operands } from './lower/operands.ts';
import { vocabulariesOf } from './lower/vocabulary.ts';
import { effectCodes } from './result.ts';

/** A module that decides, and what one must know to ask it. */
export interface DecisionModule extends FinishedModule {
  readonly decisions: readonly CompiledDecision[];
}

export interface CompiledDecision {
  /** The function's name in the module. */
  readonly export: string;
  readonly layout: RecordLayout;
  readonly decision: Decision;
}

/** The decisions of one policy, each a function `decide_POINT` of the address of a record. */
export function decisionModule(policy: Policy, extension?: ExpressionLowering): DecisionModule {
  const module = new ModuleBuilder();
  const decisions = policy.decisions.map((decision): CompiledDecision => {
    const context = contextOf(module, decision.point, [decision], extension, false);
    const made = module.declare(exportName('decide', decision.point), ['i32'], 'i32');
    module.export(made);
    lowerDecision(decision, context, made.code);
    return { export: made.name, layout: context.layout, decision };
  });
  return { ...module.finish(), decisions };
}

/** What is asked about one record of many policies at once. */
export interface ManyDecisions extends FinishedModule {
  readonly export: string;
  readonly layout: RecordLayout;
  /** In the order of the answers: those of the policies that decide at the point, and of which policy each is. */
  readonly decisions: readonly { readonly policy: number; readonly decision: Decision }[];
}

/**
 * The decisions of many policies at one point in a function `decide_all_POINT` of the address of a record and of where to
 * write the answers, four bytes each. It gives back how many answers are not `allow`.
 */
export function manyDecisions(
  policies: readonly Policy[],
  point: Point,
  extension?: ExpressionLowering,
): ManyDecisions {
  const decisions = policies.flatMap(({ decisions: own }, policy) =>
    own.filter((decision) => decision.point === point).map((decision) => ({ policy, decision })),
  );
  const module = new ModuleBuilder();
  const context = contextOf(
    module,
    point,
    decisions.map(({ decision }) => decision),
    extension,
    true,
  );
  const { name, code, index } = module.declare(exportName('decide_all', point), ['i32', 'i32'], 'i32');
  module.export({ name, code, index });
  const operands = new Operands(context, code);
  operands.begin();
  for (const [attribute, vocabulary] of context.vocabularies) {
    const unknown = code.block();
    operands.requireKnown(attribute, 'text', unknown);
    operands.pushLookUp(attribute, vocabulary);
    code.setGlobal(vocabulary.shared!);
    code.end();
  }
  const answer = code.local('i32');
  const others = code.local('i32');
  const output = 1;
  for (const [place, { policy, decision }] of decisions.entries()) {
    const own: FunctionHandle = module.declare(`policy_${policy}`, ['i32'], 'i32');
    lowerDecision(decision, context, own.code);
    code.get(output);
    code.get(0);
    code.call(own.index);
    code.tee(answer);
    code.aligned('i32.store', 4 * place);
    code.get(answer);
    code.i32(15);
    code.op('i32.and');
    code.i32(effectCodes.allow);
    code.op('i32.ne');
    code.get(others);
    code.op('i32.add');
    code.set(others);
  }
  code.get(others);
  return { ...module.finish(), export: name, layout: context.layout, decisions };
}

function contextOf(
  module: ModuleBuilder,
  point: Point,
  decisions: readonly Decision[],
  extension: ExpressionLowering | undefined,
  shared: boolean,
): ModuleContext {
  const predicates = decisions.flatMap(({ rules }) => rules.map(({ when }) => when));
  return {
    module,
    point,
    layout: layoutOf(point, decisions, extension),
    vocabularies: vocabulariesOf(predicates, module, shared),
    extension,
    expressions: new Map(),
  };
}

function exportName(verb: string, point: Point): string {
  return `${verb}_${point.replace('-', '_')}`;
}
