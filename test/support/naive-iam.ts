export interface NaiveRequest {
  readonly action: string;
  readonly region: string | undefined;
  readonly resource: string;
  readonly principal?: string;
}

/**
 * IAM's evaluation written down once more, for tests, as plainly as it can be: regular expressions, and every element
 * that a changed document might hold. Undefined where AWS would refuse the document.
 */
export function naiveDenier(document: unknown): ((request: NaiveRequest) => boolean) | undefined {
  const { Version: version, Statement: statements } = Object(document) as Record<string, unknown>;
  if (version !== '2012-10-17' || !Array.isArray(statements) || statements.length === 0) return undefined;
  const parts = statements.map(statementDenier);
  if (parts.includes(undefined)) return undefined;
  return (request) => parts.some((denies) => denies?.(request));
}

function statementDenier(statement: Record<string, unknown>): ((request: NaiveRequest) => boolean) | undefined {
  const { Sid: sid, Effect: effect, Action: actions, NotAction, Resource: resources, Condition: condition } = statement;
  if (typeof sid === 'string' && !/^[0-9A-Za-z]*$/.test(sid)) return undefined;
  if (effect !== 'Deny' && effect !== 'Allow') return undefined;
  if ((actions === undefined) === (NotAction === undefined) || resources === undefined) return undefined;
  const named = list(actions ?? NotAction);
  const isMet = conditionOf(condition);
  if (named.length === 0 || list(resources).length === 0 || isMet === undefined) return undefined;
  const isNamed = likeAny(named.map((pattern) => pattern.toLowerCase()));
  const isOn = likeAny(list(resources));
  return (request) =>
    effect === 'Deny' &&
    isMet(request) &&
    isOn(request.resource) &&
    isNamed(request.action.toLowerCase()) === (actions !== undefined);
}

function conditionOf(condition: unknown): ((request: NaiveRequest) => boolean) | undefined {
  const tests: ((request: NaiveRequest) => boolean)[] = [];
  for (const [operator, block] of Object.entries(Object(condition) as Record<string, unknown>)) {
    for (const [key, values] of Object.entries(Object(block) as Record<string, unknown>)) {
      const lower = key.toLowerCase();
      if (lower !== 'aws:requestedregion' && lower !== 'aws:principalarn') return undefined;
      const given = (request: NaiveRequest) => (lower === 'aws:requestedregion' ? request.region : request.principal);
      const wanted = list(values);
      const isLike = likeAny(wanted);
      switch (operator) {
        case 'StringEquals':
          tests.push((request) => wanted.includes(given(request) ?? ''));
          break;
        case 'StringNotEquals':
          tests.push((request) => !wanted.includes(given(request) ?? ''));
          break;
        case 'StringLike':
        case 'ArnLike':
          tests.push((request) => isLike(given(request) ?? ''));
          break;
        default:
          return undefined;
      }
    }
  }
  return (request) => tests.every((holds) => holds(request));
}

/** Remembers what it was asked: a sample asks the same of many requests. */
function likeAny(patterns: readonly string[]): (text: string) => boolean {
  const expressions = patterns.map(expressionOf);
  const known = new Map<string, boolean>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const is = expressions.some((expression) => expression.test(text));
    known.set(text, is);
    return is;
  };
}

function expressionOf(pattern: string): RegExp {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]');
  return new RegExp(`^${source}$`);
}

function list(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}
