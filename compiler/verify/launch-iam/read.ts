import { IamDifference, parse, record, texts } from '../iam/read-document.ts';

/** A condition of a statement, with the operator and key in lower case. */
export interface ReadCondition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

export interface ReadStatement {
  readonly effect: 'Allow' | 'Deny';
  /** In lower case, without wildcards: what could mean more than it names is refused. */
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions: readonly ReadCondition[];
}

/**
 * Reads a policy document as strictly as AWS would, in the part of IAM's grammar that polc writes for launches (IAM User
 * Guide, "Grammar of the IAM JSON policy language"). What is outside is refused, also where AWS would take it.
 *
 * @param sids those of the documents before, in which none may come twice
 */
export function readStatements(text: string, sids: Set<string>): readonly ReadStatement[] {
  const document = record(parse(text), ['Version', 'Statement'], 'the document');
  if (document.Version !== '2012-10-17') throw new IamDifference(`the version ${JSON.stringify(document.Version)}`);
  const statements = document.Statement;
  if (!Array.isArray(statements) || statements.length === 0) throw new IamDifference('no list of statements');
  return statements.map((each) => readStatement(each, sids));
}

function readStatement(value: unknown, sids: Set<string>): ReadStatement {
  const statement = record(value, ['Sid', 'Effect', 'Action', 'Resource', 'Condition'], 'a statement');
  const { Sid: sid, Effect: effect } = statement;
  if (typeof sid !== 'string' || !/^[0-9A-Za-z]+$/.test(sid)) throw new IamDifference(`the Sid ${String(sid)}`);
  if (sids.has(sid)) throw new IamDifference(`the Sid ${sid} is there twice`);
  sids.add(sid);
  if (effect !== 'Deny' && effect !== 'Allow') throw new IamDifference(`the effect ${String(effect)}`);
  const actions = texts(statement.Action, 'Action').map((action) => action.toLowerCase());
  for (const action of actions) {
    if (!/^[a-z0-9-]+:[a-z0-9]+$/.test(action)) throw new IamDifference(`the action ${action}`);
  }
  const resources = texts(statement.Resource, 'Resource');
  for (const resource of resources) {
    if (resource !== '*' && !/^arn:[^:]+(:[^:]*){3}:.+$/.test(resource)) {
      throw new IamDifference(`the resource ${resource}`);
    }
  }
  return { effect, actions, resources, conditions: readConditions(statement.Condition) };
}

const operators = new Set([
  'ArnNotLike',
  'Bool',
  'ForAnyValue:StringLike',
  'Null',
  'StringEquals',
  'StringEqualsIfExists',
  'StringLike',
  'StringLikeIfExists',
  'StringNotEquals',
  'StringNotLike',
]);

function readConditions(value: unknown): readonly ReadCondition[] {
  if (value === undefined) return [];
  const blocks = Object.entries(record(value, [...operators], 'Condition'));
  if (blocks.length === 0) throw new IamDifference('an empty Condition');
  return blocks.flatMap(([operator, block]) => {
    const tests = Object.entries(record(block, undefined, operator));
    if (tests.length === 0) throw new IamDifference(`an empty ${operator}`);
    // IAM takes no notice of the case of keys, so that one may not come in two cases either.
    const keys = new Set(tests.map(([key]) => key.toLowerCase()));
    if (keys.size !== tests.length) throw new IamDifference(`${operator} has a key twice`);
    return tests.map(([key, values]) => {
      if (!/^[a-z0-9-]+:[^${}*?]+$/i.test(key)) throw new IamDifference(`the key ${key}`);
      return { operator, key: key.toLowerCase(), values: valuesOf(operator, key, values) };
    });
  });
}

function valuesOf(operator: string, key: string, value: unknown): readonly string[] {
  const values = texts(value, `${operator} ${key}`);
  for (const each of values) {
    if (each.includes('${')) throw new IamDifference(`${key} asks for a variable`);
    const isFlag = operator === 'Bool' || operator === 'Null';
    if (isFlag && each !== 'true' && each !== 'false') throw new IamDifference(`${key} is compared with ${each}`);
  }
  return values;
}
