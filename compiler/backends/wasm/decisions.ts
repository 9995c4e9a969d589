import type { Decision, Point, Policy } from '../../ir/policy.ts';
import { type FinishedModule, ModuleBuilder } from './binary/module.ts';
import type { ExpressionLowering } from './extension.ts';
import { fingerprintOf } from './fingerprint.ts';
import { layoutOf, type RecordLayout } from './layout.ts';
import { lowerDecision } from './lower/decision.ts';
import type { ModuleContext } from './lower/operands.ts';
import { vocabulariesOf } from './lower/vocabulary.ts';

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
  return { ...module.finish(fingerprint(decisions)), decisions };
}

/** Of the module of one policy. */
export function fingerprint(decisions: readonly CompiledDecision[]): number {
  return fingerprintOf(decisions.map(({ decision, ...asked }) => ({ ...asked, decided: [{ decision }] })));
}

/** @param shared whether several functions decide about the same record */
export function contextOf(
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

/** A point's name without what names in C do not have. */
export function exportName(verb: string, point: Point): string {
  return `${verb}_${point.replace('-', '_')}`;
}
