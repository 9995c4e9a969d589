import { NotStrictJson, parseStrictJson } from '../strict-json.ts';

/** Thrown and caught within the validator: AWS would refuse the document, or it means something else than the policy. */
export class IamDifference extends Error {}

/** A statement as IAM takes it: it holds where all of its parts do. */
export interface ReadStatement {
  readonly effect: 'Allow' | 'Deny';
  /** Patterns in lower case. */
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Values of `aws:RequestedRegion`; undefined where the statement does not ask. */
  readonly regions: readonly string[] | undefined;
  /** Patterns of `aws:PrincipalArn`; undefined where the statement does not ask. */
  readonly principals: readonly string[] | undefined;
}

/**
 * Reads a policy document that is attached to an identity or an organisation, in the part of IAM's grammar that polc
 * writes (IAM User Guide, "Grammar of the IAM JSON policy language"). What is outside is refused, also where AWS would
 * take it: nothing that the evaluator does not know may decide.
 *
 * @param most characters without white space
 */
export function readDocument(text: string, most: number): readonly ReadStatement[] {
  if (text.replace(/\s/g, '').length > most) throw new IamDifference(`longer than ${most} characters`);
  const document = record(parse(text), ['Version', 'Statement'], 'the document');
  if (document.Version !== '2012-10-17') throw new IamDifference(`the version ${JSON.stringify(document.Version)}`);
  const sids = new Set<string>();
  const statements = document.Statement;
  if (!Array.isArray(statements) || statements.length === 0) throw new IamDifference('no list of statements');
  return statements.map((statement) => readStatement(statement, sids));
}

/** @throws IamDifference where the text is no JSON, or could be read in two ways */
export function parse(text: string): unknown {
  try {
    return parseStrictJson(text);
  } catch (problem) {
    throw new IamDifference(problem instanceof NotStrictJson ? problem.message : 'not JSON');
  }
}

function readStatement(value: unknown, sids: Set<string>): ReadStatement {
  const statement = record(value, ['Sid', 'Effect', 'Action', 'Resource', 'Condition'], 'a statement');
  const { Sid: sid, Effect: effect } = statement;
  if (sid !== undefined) {
    if (typeof sid !== 'string' || !/^[0-9A-Za-z]+$/.test(sid)) throw new IamDifference(`the Sid ${String(sid)}`);
    if (sids.has(sid)) throw new IamDifference(`the Sid ${sid} is there twice`);
    sids.add(sid);
  }
  if (effect !== 'Deny' && effect !== 'Allow') throw new IamDifference(`the effect ${String(effect)}`);
  const actions = texts(statement.Action, 'Action').map((action) => action.toLowerCase());
  for (const action of actions) {
    if (action !== '*' && !/^[a-z0-9-]+:[a-z0-9*?-]+$/.test(action)) throw new IamDifference(`the action ${action}`);
  }
  const resources = texts(statement.Resource, 'Resource');
  for (const resource of resources) {
    if (resource !== '*' && !/^arn:[^:]+(:[^:]*){3}:.+$/.test(resource)) {
      throw new IamDifference(`the resource ${resource}`);
    }
  }
  return { effect, actions, resources, ...readCondition(statement.Condition) };
}

function readCondition(value: unknown): Pick<ReadStatement, 'regions' | 'principals'> {
  if (value === undefined) return { regions: undefined, principals: undefined };
  const condition = record(value, ['StringEquals', 'ArnLike'], 'Condition');
  const inner = (operator: string, key: string) => {
    const block = condition[operator];
    if (block === undefined) return undefined;
    return texts(record(block, [key], operator)[key], `${operator} ${key}`);
  };
  const regions = inner('StringEquals', 'aws:RequestedRegion');
  const principals = inner('ArnLike', 'aws:PrincipalArn');
  if (regions === undefined && principals === undefined) throw new IamDifference('an empty Condition');
  return { regions, principals };
}

/** One text or a list of them, none twice. */
export function texts(value: unknown, what: string): readonly string[] {
  const list = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(list) || list.length === 0) throw new IamDifference(`${what} is empty or no list`);
  const found = new Set<string>();
  for (const text of list) {
    if (typeof text !== 'string' || text === '') throw new IamDifference(`${what} holds ${JSON.stringify(text)}`);
    if (found.has(text)) throw new IamDifference(`${what} holds ${text} twice`);
    found.add(text);
  }
  return [...found];
}

/** @param keys those that it may have; absent, any */
export function record(
  value: unknown,
  keys: readonly string[] | undefined,
  what: string,
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new IamDifference(`${what} is no object`);
  }
  for (const key of Object.keys(value)) {
    if (keys !== undefined && !keys.includes(key)) throw new IamDifference(`${what} has \`${key}\``);
  }
  return value as Readonly<Record<string, unknown>>;
}
