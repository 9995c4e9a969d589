import { decide } from '../../ir/evaluate.ts';
import type { Decision } from '../../ir/policy.ts';
import { denies, type IamRequest } from './evaluate-documents.ts';
import type { ReadStatement } from './read-document.ts';
import { requestClasses } from './request-classes.ts';

export interface Comparison {
  /** How many requests were asked of both, each for all that are like it. */
  readonly compared: number;
  /** How many known actions those stand for, besides the one that nobody mentions. */
  readonly actions: number;
  /** Whether resources were tried by samples. */
  readonly sampled: boolean;
  /** A request on which the two differ. */
  readonly counterexample?: string;
}

/** Nobody: the documents name principals only where they bind some and not others. */
const somebody = 'arn:aws:iam::000000000000:role/polc-unmentioned';

/**
 * Compares what the documents deny with what the decision denies, over every class of requests.
 *
 * @param principals those whom the decision binds where the documents name them; absent, everybody
 */
export function compareDenials(
  decision: Decision,
  statements: readonly ReadStatement[],
  principals?: readonly string[],
): Comparison {
  if (statements.some(({ effect }) => effect === 'Allow')) {
    return { compared: 0, actions: 0, sampled: false, counterexample: 'a statement allows' };
  }
  const classes = requestClasses(decision, statements);
  const asked = principalsAsked(statements, principals);
  let compared = 0;
  let actions = 0;
  for (const { action, size } of classes.actions) {
    actions += size;
    for (const resource of classes.resourcesOf(action)) {
      for (const region of classes.regions) {
        const denied = isDenied(decision, action, region, resource);
        for (const principal of asked) {
          const request = { action, region, resource, principal };
          const wanted = denied && (principals === undefined || principals.includes(principal));
          const said = denies(statements, request);
          compared += 1;
          if (said !== wanted) {
            const counterexample = `${describe(request)}: the documents ${verb(said)}, the policy ${verb(wanted)}`;
            return { compared, actions, sampled: classes.sampled, counterexample };
          }
        }
      }
    }
  }
  return { compared, actions, sampled: classes.sampled };
}

/** Those that either side names, with one that stands for all others. */
function principalsAsked(
  statements: readonly ReadStatement[],
  principals: readonly string[] | undefined,
): readonly string[] {
  const named = new Set(principals);
  for (const { principals: patterns } of statements) for (const pattern of patterns ?? []) named.add(pattern);
  return [...named, somebody];
}

/**
 * The reference meaning. A request without a region is undecided where a region matters, and IAM's conditions are then
 * not met: AWS gives every request that is made in a region one.
 */
function isDenied(decision: Decision, action: string, region: string | undefined, resource: string): boolean {
  const verdict = decide(decision, {
    attribute: (name) => {
      if (name === 'action') return action;
      if (name === 'region') return region;
      return name === 'resource' ? resource : undefined;
    },
    parameter: () => undefined,
  });
  return verdict?.effect.kind === 'deny';
}

function describe({ action, region, resource, principal }: IamRequest): string {
  const who = principal === somebody ? '' : ` by ${principal}`;
  const where = resource.includes('polc:::any') ? '' : ` on ${resource}`;
  return `${action} in ${region ?? 'no region'}${where}${who}`;
}

function verb(isDenied: boolean): string {
  return isDenied ? 'deny it' : 'do not deny it';
}
