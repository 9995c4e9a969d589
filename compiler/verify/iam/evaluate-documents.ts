import { matchesGlob } from '../../expressions/glob.ts';
import type { ReadStatement } from './read-document.ts';

/** A request as IAM sees it. */
export interface IamRequest {
  /** In lower case. */
  readonly action: string;
  /** `aws:RequestedRegion`; undefined where the request has none. */
  readonly region: string | undefined;
  readonly resource: string;
  /** `aws:PrincipalArn`. */
  readonly principal: string;
}

/**
 * Whether the statements deny a request, by IAM's evaluation logic: one deny that applies is enough. A condition on a
 * key that the request does not have is not met (`StringEquals` and `ArnLike` without `IfExists`).
 */
export function denies(statements: readonly ReadStatement[], request: IamRequest): boolean {
  return statements.some((statement) => statement.effect === 'Deny' && applies(statement, request));
}

function applies({ actions, resources, regions, principals }: ReadStatement, request: IamRequest): boolean {
  const { region } = request;
  return (
    (regions === undefined || (region !== undefined && regions.includes(region))) &&
    actions.some((pattern) => matchesGlob(request.action, pattern)) &&
    resources.some((pattern) => matchesGlob(request.resource, pattern)) &&
    (principals === undefined || principals.some((pattern) => matchesArn(request.principal, pattern)))
  );
}

/** `ArnLike`: each of the six parts is matched by itself. */
export function matchesArn(arn: string, pattern: string): boolean {
  const parts = arnParts(arn);
  const patterns = arnParts(pattern);
  return parts.length === patterns.length && parts.every((part, index) => matchesGlob(part, patterns[index]!));
}

function arnParts(arn: string): readonly string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
