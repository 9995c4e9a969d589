import { type Environment, evaluate } from '../expressions/evaluate.ts';
import { not, or } from '../expressions/predicate.ts';
import { printPredicate } from '../expressions/print.ts';
import { type Contribution, type Decision, decisionAt, type Obligation, type Policy, type Rule } from './policy.ts';
import { printObligation } from './print-obligation.ts';

/** Whose policies decide a launch together, from the widest to the narrowest. */
export const launchRoles = ['institution', 'profile', 'invitation', 'template', 'image'] as const;
export type LaunchRole = (typeof launchRoles)[number];

/** The steps of a launch's evaluation, in their order; a rule's id begins with the step that it belongs to. */
export const launchSteps = ['source', 'signature', 'resources', 'classification', 'compliance'] as const;
export type LaunchStep = (typeof launchSteps)[number];

export interface LaunchPart {
  readonly role: LaunchRole;
  /** Its decision at `launch` denies what it does not let pass: `deny-overrides`. */
  readonly policy: Policy;
}

/** What became of one rule: it lets the launch pass, refuses it, or cannot tell, which refuses it too. */
export interface StepOutcome {
  readonly step: LaunchStep;
  readonly rule: Rule;
  readonly outcome: 'holds' | 'denied' | 'unknown';
}

/**
 * What all the parts let pass: their rules by step, within a step by role. The ids are `ROLE/NAME/STEP/N`, with `NAME~2`
 * for the second part of one role and name, and `origin.by` begins with the role and the name. A combined policy may be a
 * part in turn: what it holds keeps its place, and a part that two of them share is there once. The combined policy has the
 * name of the narrowest part, and the obligations of all.
 */
export function combineLaunches(parts: readonly LaunchPart[]): Policy {
  const ordered = launchRoles.flatMap((role) => parts.filter((part) => part.role === role));
  const taken = new Map<string, Rule | Obligation>();
  const rules: Rule[] = [];
  const obligations: Obligation[] = [];
  for (const { role, policy } of ordered) {
    const moved = mover(role, policy.name);
    const add = <T extends Rule | Obligation>(nodes: readonly T[], to: T[]) => {
      for (const node of nodes) {
        const placed = withFreeId(moved(node), taken);
        if (placed === undefined) continue;
        taken.set(placed.id, placed);
        to.push(placed);
      }
    };
    const decision = decisionAt(policy, 'launch');
    if (decision !== undefined) add(denials(decision), rules);
    add(policy.obligations, obligations);
  }
  const narrowest = ordered.at(-1)?.policy;
  const origin = narrowest?.decisions[0]?.otherwise.origin ?? { span: { file: '', start: 0, end: 0 } };
  return {
    name: narrowest?.name ?? 'launch',
    decisions: [
      {
        point: 'launch',
        combine: 'deny-overrides',
        rules: launchSteps.flatMap((step) => launchRoles.flatMap((role) => rules.filter(stands(step, role)))),
        otherwise: { id: 'launch/otherwise', topic: 'launch', origin, effect: { kind: 'allow' } },
      },
    ],
    limits: [],
    obligations,
  };
}

/**
 * The step that a rule belongs to, by its id in a policy of its own (`STEP/N`) or in a combined one
 * (`ROLE/NAME/STEP/N`). What names no step belongs to the last: no rule is ever left out of the evaluation.
 */
export function stepOf(ruleId: string): LaunchStep {
  const { at, segments } = place(ruleId);
  return launchSteps.find((step) => step === segments[at]) ?? 'compliance';
}

/** The part that a rule or obligation of a combined policy came from; undefined for an id that names none. */
export function partOf(id: string): { readonly role: LaunchRole; readonly name: string } | undefined {
  const { at, segments } = place(id);
  const role = launchRoles.find((known) => known === segments[0]);
  return at === 0 || role === undefined ? undefined : { role, name: segments[1]!.replace(/~\d+$/, '') };
}

/**
 * What every rule of a launch's decision says, in the order of the steps: nothing is skipped after the first refusal. The
 * launch is allowed exactly where all of them hold.
 */
export function steps(policy: Policy, environment: Environment): readonly StepOutcome[] {
  return launchRules(policy).map((rule): StepOutcome => {
    const holds = evaluate(rule.when, environment);
    const refuses = holds === true && rule.effect.kind !== 'allow';
    return {
      step: stepOf(rule.id),
      rule,
      outcome: holds === undefined ? 'unknown' : refuses ? 'denied' : 'holds',
    };
  });
}

/** The rules of a launch's decision in the order in which they are told of; none where the policy has no such decision. */
export function launchRules(policy: Policy): readonly Rule[] {
  const decision = decisionAt(policy, 'launch');
  const rules = decision === undefined ? [] : denials(decision);
  return launchSteps.flatMap((step) => rules.filter(({ id }) => stepOf(id) === step));
}

/** A decision's rules such that it allows exactly where none of them denies or is unknown. */
function denials({ rules, otherwise }: Decision): readonly Rule[] {
  if (otherwise.effect.kind === 'allow') return rules;
  const allowed = rules.filter((rule) => rule.effect.kind === 'allow').map((rule) => rule.when);
  return [...rules, { ...otherwise, when: not(or(...allowed)) }];
}

function stands(step: LaunchStep, role: LaunchRole) {
  return ({ id }: Rule) => stepOf(id) === step && partOf(id)?.role === role;
}

/** Gives nodes their place; those of a combined policy have theirs. */
function mover(role: LaunchRole, name: string) {
  const idIn = (id: string) => (partOf(id) === undefined ? `${role}/${name}/${id}` : id);
  const by = `${role} ${name}`;
  const placed = <T extends Contribution>(node: T): T => ({
    ...node,
    id: idIn(node.id),
    origin:
      partOf(node.id) !== undefined
        ? node.origin
        : { ...node.origin, by: node.origin.by === undefined ? by : `${by}, ${node.origin.by}` },
    ...(node.overridden === undefined ? {} : { overridden: idIn(node.overridden) }),
  });
  return <T extends Contribution>(node: T): T => {
    const moved = placed(node);
    return node.merged === undefined ? moved : { ...moved, merged: node.merged.map(placed) };
  };
}

/** The node with an id that is not taken; undefined where the same node, of a part that came twice, is there. */
function withFreeId<T extends Rule | Obligation>(
  node: T,
  taken: ReadonlyMap<string, Rule | Obligation>,
): T | undefined {
  const [role, name, ...rest] = node.id.split('/');
  for (let times = 1; ; times += 1) {
    const id = times === 1 ? node.id : [role, `${name}~${times}`, ...rest].join('/');
    const other = taken.get(id);
    if (other === undefined) return times === 1 ? node : { ...node, id };
    if (isCopy(node, other)) return undefined;
  }
}

function isCopy(node: Rule | Obligation, other: Rule | Obligation): boolean {
  const { span } = node.origin;
  if (span.file === '' || span.file !== other.origin.span.file || span.start !== other.origin.span.start) return false;
  return said(node) === said(other);
}

function said(node: Rule | Obligation): string {
  return 'when' in node ? printPredicate(node.when) : printObligation(node);
}

/** Where in an id its step stands. */
function place(id: string): { readonly at: 0 | 2; readonly segments: readonly string[] } {
  const segments = id.split('/');
  return { at: segments.length > 2 && launchRoles.some((role) => role === segments[0]) ? 2 : 0, segments };
}
