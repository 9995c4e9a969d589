import { isList, isMap, under } from './json.ts';
import type { Json, KubernetesObject } from './port.ts';

/** How far the operator is with a policy. */
export interface Readiness {
  readonly accepted: boolean;
  readonly enforced: boolean;
  /** Whether the operator has seen the specification that is there. */
  readonly current: boolean;
  readonly ready: boolean;
  /** The operator has looked at this specification and will not have it. */
  readonly refused: boolean;
  /** Why it is not ready, in the operator's words where it has some; empty where it is. */
  readonly reason: string;
}

/**
 * Ready is Accepted and Enforced, both true, for the generation that is there. What is enforced for some of the routes only
 * has a true condition too, and says so in its message (kuadrant-operator, `EnforcedCondition`).
 */
export function readinessOf(object: KubernetesObject): Readiness {
  const { generation = 0 } = object.metadata;
  const overall = under(object, 'status', 'observedGeneration');
  const accepted = conditionOf(object, 'Accepted');
  const enforced = conditionOf(object, 'Enforced');
  const seen = (condition: Json | undefined) => {
    const of = under(condition, 'observedGeneration') ?? overall;
    return of === undefined ? false : of === generation;
  };
  const current = seen(accepted) && (enforced === undefined || seen(enforced));
  const isAccepted = under(accepted, 'status') === 'True';
  const partly = /partially/i.test(words(enforced));
  const isEnforced = under(enforced, 'status') === 'True' && !partly;
  const ready = current && isAccepted && isEnforced && seen(enforced);
  const refused = seen(accepted) && under(accepted, 'status') === 'False';
  const reason = ready ? '' : reasonOf(accepted, enforced, current, isAccepted);
  return { accepted: isAccepted, enforced: isEnforced, current, ready, refused, reason };
}

function reasonOf(
  accepted: Json | undefined,
  enforced: Json | undefined,
  current: boolean,
  isAccepted: boolean,
): string {
  if (accepted === undefined) return 'the operator has said nothing about it';
  if (!current) return 'the operator has not looked at this version of it';
  if (!isAccepted) return `it is not accepted${said(accepted)}`;
  if (enforced === undefined) return 'it is accepted, and the operator has not said whether it is enforced';
  return `it is ${under(enforced, 'status') === 'True' ? 'only partly' : 'not'} enforced${said(enforced)}`;
}

function said(condition: Json | undefined): string {
  const text = words(condition);
  return text === '' ? '' : `: ${text}`;
}

function words(condition: Json | undefined): string {
  const reason = under(condition, 'reason');
  const message = under(condition, 'message');
  const texts = [message, typeof reason === 'string' ? `(${reason})` : undefined];
  return texts.filter((text) => typeof text === 'string' && text !== '').join(' ');
}

function conditionOf(object: KubernetesObject, type: string): Json | undefined {
  const conditions = under(object, 'status', 'conditions');
  return isList(conditions) ? conditions.find((each) => isMap(each) && each.type === type) : undefined;
}
