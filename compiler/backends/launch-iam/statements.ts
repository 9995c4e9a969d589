import type { Enforceable } from '../../ir/policy.ts';
import type { Test } from './tests.ts';

/** A statement that allows, before it is written. */
export interface Statement {
  /** Letters; a number is added where there are several of one name. */
  readonly name: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly tests: readonly Test[];
}

/**
 * Tests such that no two are of one operator and key, which JSON has room for once. `contradiction` where no request meets
 * them all; undefined where more than two lists of patterns for one key stay apart.
 */
export function joinTests(tests: readonly Test[]): readonly Test[] | 'contradiction' | undefined {
  const found = new Map<string, Test>();
  for (const test of tests) {
    const place = `${test.operator} ${test.key}`;
    const other = found.get(place);
    const joined = other === undefined ? test : join(other, test);
    if (joined === undefined) {
      if (test.operator !== 'StringLike') return undefined;
      // Another operator of the same meaning where the key is there, and the first one says that it is.
      const second = `StringLikeIfExists ${test.key}`;
      if (found.has(second)) return undefined;
      found.set(second, { ...test, operator: 'StringLikeIfExists' });
    } else if (joined.values.length === 0) return 'contradiction';
    else found.set(place, joined);
  }
  return [...found.values()];
}

/** One test that holds where both do: of no values where none can. Undefined where no list of values says it. */
function join(one: Test, other: Test): Test | undefined {
  const both = [...new Set([...one.for, ...other.for])];
  const isSame = one.values.length === other.values.length && one.values.every((value) => other.values.includes(value));
  if (isSame) return { ...one, for: both };
  if (one.operator === 'StringNotEquals' || one.operator === 'StringNotLike') {
    return { ...one, values: [...new Set([...one.values, ...other.values])].sort(), for: both };
  }
  if (one.operator !== 'StringEquals') return undefined;
  return { ...one, values: one.values.filter((value) => other.values.includes(value)), for: both };
}

export interface RoleDocument {
  readonly text: string;
  readonly places: readonly { readonly pointer: string; readonly node: Enforceable }[];
}

export interface RoleDocuments {
  readonly documents: readonly RoleDocument[];
  /** What does not fit into a document even in parts. */
  readonly tooLong: readonly Enforceable[];
}

const head = '{"Version":"2012-10-17","Statement":[';
const tail = ']}';

/** Room for the longest number that a name is given. */
const numbers = 3;

/**
 * The statements in as few documents as filling them in order gives, each of at most `most` characters. Whatever one
 * statement of several allows is allowed, so a long list is cut in two.
 */
export function packStatements(statements: readonly Statement[], most: number): RoleDocuments {
  const documents: RoleDocument[] = [];
  const tooLong: Enforceable[] = [];
  const counts = new Map<string, number>();
  let open: Statement[] = [];
  let length = head.length + tail.length;
  const close = () => {
    if (open.length > 0) documents.push(write(open, counts));
    open = [];
    length = head.length + tail.length;
  };
  const rest = [...statements];
  for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
    const own = textOf(next, next.name).length + numbers + 1;
    if (head.length + tail.length + own > most) {
      const halves = cut(next);
      if (halves === undefined) tooLong.push(...next.tests.flatMap((test) => test.for));
      else rest.unshift(...halves);
      continue;
    }
    if (length + own > most) close();
    open.push(next);
    length += own;
  }
  close();
  return { documents, tooLong: [...new Set(tooLong)] };
}

/** Two statements that together allow the same, by the longest list of which one value is enough. */
function cut(statement: Statement): readonly Statement[] | undefined {
  const lists = statement.tests.filter(({ operator, values }) => isPositive(operator) && values.length > 1);
  const [longest] = lists.sort((left, right) => right.values.length - left.values.length);
  if (longest === undefined) return undefined;
  const middle = Math.ceil(longest.values.length / 2);
  return [longest.values.slice(0, middle), longest.values.slice(middle)].map((values) => ({
    ...statement,
    tests: statement.tests.map((test) => (test === longest ? { ...test, values } : test)),
  }));
}

function isPositive(operator: Test['operator']): boolean {
  return operator === 'StringEquals' || operator === 'StringLike' || operator === 'StringLikeIfExists';
}

function write(statements: readonly Statement[], counts: Map<string, number>): RoleDocument {
  const places: { pointer: string; node: Enforceable }[] = [];
  const texts = statements.map((statement, index) => {
    const count = (counts.get(statement.name) ?? 0) + 1;
    counts.set(statement.name, count);
    for (const { operator, key, for: nodes } of statement.tests) {
      const pointer = `/Statement/${index}/Condition/${operator}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      for (const node of nodes) places.push({ pointer, node });
    }
    return textOf(statement, count === 1 ? statement.name : `${statement.name}${count}`);
  });
  return { text: `${head}${texts.join(',')}${tail}`, places };
}

function textOf({ actions, resources, tests }: Statement, sid: string): string {
  return JSON.stringify({
    Sid: sid,
    Effect: 'Allow',
    Action: actions,
    Resource: resources,
    ...(tests.length === 0 ? {} : { Condition: conditionOf(tests) }),
  });
}

function conditionOf(tests: readonly Test[]): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const condition: Record<string, Record<string, unknown>> = {};
  for (const { operator, key, values } of tests) {
    condition[operator] ??= {};
    condition[operator][key] = values.length === 1 ? values[0] : values;
  }
  return condition;
}
