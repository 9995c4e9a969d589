import type { Predicate, Term } from '../expressions/predicate.ts';
import type { Span } from '../source/span.ts';
import type { EnforcementLevel, ObligationBody } from './obligation.ts';

/**
 * The typed intermediate representation: what a policy means, whatever it was written in.
 * Nodes are immutable plain objects in discriminated unions; every switch over them ends in a `never` check.
 */
export interface Policy {
  /** Names the output folder: letters, digits, `-`, `_` and `.`. */
  readonly name: string;
  readonly decisions: readonly Decision[];
  readonly limits: readonly Limit[];
  readonly obligations: readonly Obligation[];
  /** What requests may use; absent where the policy is not about requests. */
  readonly quotas?: readonly Quota[];
  /** The levels between which the obligations of the kind `transition` move; absent where there are none. */
  readonly adaptive?: Adaptive;
}

/** The level in which a program starts, whose rules are the policy's own, and those that it can be moved to while it runs. */
export interface Adaptive {
  readonly start: EnforcementLevel;
  /** Stricter than `start`, the strictest last. */
  readonly levels: readonly PolicyLevel[];
}

/**
 * What a level says otherwise than the level of the start. A decision of it replaces the one at the same point; those of its
 * rules that are also the start's have the same ids.
 */
export interface PolicyLevel {
  readonly level: EnforcementLevel;
  readonly decisions: readonly Decision[];
  readonly limits: readonly Limit[];
  readonly obligations: readonly Obligation[];
}

/** Where a node comes from: the span a message about it points at. */
export interface Origin {
  readonly span: Span;
  /** What put it there when the author did not write it: `preset medium`, `@file-system`. */
  readonly by?: string;
}

/** What coverage, source maps, `accept:` and the audit log name. Unique within a policy. */
export interface Enforceable {
  /** `syscall/3`, `path/0`, `limit/memory`: stable for the same source. */
  readonly id: string;
  /** The dotted path of the field in the policy, as the author would name it: `resources.disk`. */
  readonly topic: string;
  readonly origin: Origin;
  /**
   * What an optimisation took into this node, without `merged` of their own: whoever enforces this node enforces them
   * too, except those that are `overridden`. So every id of the lowered policy is still in the optimised one.
   */
  readonly merged?: readonly Contribution[];
}

/** A node that was taken into another. With `when` it decides, through the other, where that holds; without, nowhere. */
export interface Contribution extends Enforceable {
  readonly when?: Predicate;
  /** The id of the rule that decides otherwise wherever this one holds: nobody enforces this one. */
  readonly overridden?: string;
}

/** The question that a decision answers; its attributes are declared in points.ts. */
export type Point =
  | 'syscall'
  | 'path'
  | 'socket'
  | 'signal'
  | 'capability'
  | 'hook'
  | 'cost-event'
  | 'aws-request'
  | 'launch'
  | 'request';

/**
 * How rules combine. `first-match`: the first rule whose predicate holds decides. `union-of-allows`: allowed when any
 * rule holds (order is meaningless). `deny-overrides`: a deny that holds wins over every allow.
 */
export type Combination = 'first-match' | 'union-of-allows' | 'deny-overrides';

export interface Decision {
  readonly point: Point;
  readonly combine: Combination;
  readonly rules: readonly Rule[];
  /** The effect when no rule holds. It is enforceable like a rule: coverage speaks of it too. */
  readonly otherwise: Otherwise;
}

export interface Rule extends Enforceable {
  readonly when: Predicate;
  readonly effect: Effect;
  /** What the rule speaks of may be absent where the policy is enforced: a path that only some machines have. */
  readonly optional?: boolean;
}

export interface Otherwise extends Enforceable {
  readonly effect: Effect;
}

/**
 * `deny` leaves the manner to the enforcer (EACCES from Landlock, a refused launch); the others are the verdicts of
 * seccomp(2). `errno` and `data` are unsigned 16-bit. At a cost event `allow` lets the spending go on, and `deny` calls
 * for the policy's response: its obligations. With `audit`, at a hook only, each call that is decided so is recorded.
 */
export type Effect =
  | { readonly kind: 'allow'; readonly audit?: true }
  | { readonly kind: 'deny'; readonly audit?: true }
  | { readonly kind: 'log' }
  | { readonly kind: 'errno'; readonly errno: number; readonly audit?: true }
  | { readonly kind: 'trap'; readonly data: number }
  | { readonly kind: 'trace'; readonly data: number }
  | { readonly kind: 'notify' }
  | { readonly kind: 'kill-thread' }
  | { readonly kind: 'kill-process' };

/**
 * What the requests for which `when` holds may use within a window, counted apart for each combination of the counters'
 * values. A request is admitted where no quota that speaks of it is used up. One whose `when` or counters are unknown is
 * not counted and not bound.
 */
export interface Quota extends Enforceable {
  /** `requests` counts each as one when it is made; `tokens` adds what a model used when its answer is there. */
  readonly resource: 'requests' | 'tokens';
  /** Whole, 0 or more. */
  readonly amount: number;
  /** The length of a fixed window that begins with the first request counted in it. */
  readonly windowMilliseconds: number;
  readonly when: Predicate;
  /** Attributes of the point `request`. */
  readonly counters: readonly Term[];
}

/** A ceiling with a unit. */
export interface Limit extends Enforceable {
  readonly resource: Resource;
  readonly ceiling: Quantity;
}

/** `rlimit:NAME` is setrlimit(2)'s resource in lower case without the prefix: `rlimit:nofile`. */
export type Resource =
  | 'memory'
  | 'cpu'
  | 'pids'
  | 'disk'
  | 'timeout'
  | `rlimit:${string}`
  /** The requests that each team, or user, for which the field holds may have open at once. */
  | 'open-requests'
  /** What each of them may spend in a month. */
  | 'spending';

/** `cpus` and `dollars` may be fractional; the others are whole. `unlimited` is written Infinity. */
export type Quantity =
  | { readonly unit: 'bytes'; readonly amount: number }
  | { readonly unit: 'cpus'; readonly amount: number }
  | { readonly unit: 'count'; readonly amount: number }
  | { readonly unit: 'dollars'; readonly amount: number }
  | { readonly unit: 'milliseconds'; readonly amount: number };

/** What must happen besides deciding and limiting. */
export type Obligation = Enforceable & ObligationBody;

/** The node and what was merged into it. */
export function contributors(node: Enforceable): readonly Contribution[] {
  return node.merged === undefined ? [node] : [node, ...node.merged];
}

/** Every node that a backend can enforce or lose, in source order of the IR; what was merged into one is not listed. */
export function enforceables(policy: Policy): readonly Enforceable[] {
  const nodes = [...nodesOf(policy), ...(policy.quotas ?? [])];
  return policy.adaptive === undefined ? nodes : [...nodes, ...levelNodes(policy.adaptive, nodes)];
}

/** What the levels say that is not said before them: a rule of the start that is one of theirs too is the same node. */
function levelNodes({ levels }: Adaptive, start: readonly Enforceable[]): readonly Enforceable[] {
  const known = new Set(start.flatMap((node) => contributors(node).map(({ id }) => id)));
  return levels.flatMap((level) =>
    nodesOf(level).filter(({ id }) => {
      const isNew = !known.has(id);
      known.add(id);
      return isNew;
    }),
  );
}

function nodesOf({ decisions, limits, obligations }: Omit<PolicyLevel, 'level'>): readonly Enforceable[] {
  return [...decisions.flatMap((decision) => [...decision.rules, decision.otherwise]), ...limits, ...obligations];
}

export function decisionAt(policy: Policy, point: Point): Decision | undefined {
  return policy.decisions.find((decision) => decision.point === point);
}

/** The ids of a decision's rules, and of what it says otherwise. */
export function idsOf(decision: Decision | undefined): readonly string[] {
  return decision === undefined ? [] : [...decision.rules.map(({ id }) => id), decision.otherwise.id];
}
