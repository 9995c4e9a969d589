export interface NaiveLaunchRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

type Told = 'allowed' | 'denied' | 'neither';

/**
 * IAM's evaluation written down once more, for tests, with every operator that a changed document might hold. Undefined
 * where AWS would refuse the document.
 */
export function naiveLaunch(document: unknown): ((request: NaiveLaunchRequest) => Told) | undefined {
  const { Version: version, Statement: statements } = Object(document) as Record<string, unknown>;
  if (version !== '2012-10-17' || !Array.isArray(statements) || statements.length === 0) return undefined;
  const parts = statements.map(statementOf);
  if (parts.includes(undefined)) return undefined;
  return (request) => {
    const about = parts.filter((part) => part?.applies(request)).map((part) => part?.effect);
    if (about.includes('Deny')) return 'denied';
    return about.includes('Allow') ? 'allowed' : 'neither';
  };
}

function statementOf(value: unknown) {
  const { Sid: sid, Effect: effect, Action, NotAction, Resource, NotResource, Condition } = Object(value);
  if (typeof sid !== 'string' || !/^[0-9A-Za-z]*$/.test(sid)) return undefined;
  if (effect !== 'Allow' && effect !== 'Deny') return undefined;
  if ((Action === undefined) === (NotAction === undefined)) return undefined;
  if ((Resource === undefined) === (NotResource === undefined)) return undefined;
  const actions = list(Action ?? NotAction).map((each) => each.toLowerCase());
  const resources = list(Resource ?? NotResource);
  const tests = testsOf(Condition);
  if (actions.length === 0 || resources.length === 0 || tests === undefined) return undefined;
  return {
    effect: effect as 'Allow' | 'Deny',
    applies: ({ action, resource, context }: NaiveLaunchRequest) =>
      isLike(action.toLowerCase(), actions) === (Action !== undefined) &&
      isLike(resource, resources) === (Resource !== undefined) &&
      tests.every((test) => test(context)),
  };
}

type Test = (context: NaiveLaunchRequest['context']) => boolean;

function testsOf(condition: unknown): readonly Test[] | undefined {
  const tests: Test[] = [];
  for (const [operator, block] of Object.entries(Object(condition) as Record<string, unknown>)) {
    const meaning = operators[operator];
    if (meaning === undefined) return undefined;
    for (const [key, values] of Object.entries(Object(block) as Record<string, unknown>)) {
      const wanted = list(values);
      tests.push((context) => {
        const found = Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
        return meaning(found, wanted);
      });
    }
  }
  return tests;
}

type Meaning = (found: string | readonly string[] | undefined, wanted: readonly string[]) => boolean;

const operators: Readonly<Record<string, Meaning>> = {
  Null: (found, wanted) => wanted.includes(found === undefined ? 'true' : 'false'),
  Bool: (found, wanted) => found !== undefined && wanted.includes(String(found)),
  StringEquals: (found, wanted) => found !== undefined && wanted.includes(String(found)),
  StringEqualsIfExists: (found, wanted) => found === undefined || wanted.includes(String(found)),
  StringNotEquals: (found, wanted) => found === undefined || !wanted.includes(String(found)),
  StringLike: (found, wanted) => found !== undefined && isLike(String(found), wanted),
  StringLikeIfExists: (found, wanted) => found === undefined || isLike(String(found), wanted),
  StringNotLike: (found, wanted) => found === undefined || !isLike(String(found), wanted),
  ArnLike: (found, wanted) => found !== undefined && isLike(String(found), wanted),
  ArnNotLike: (found, wanted) => found === undefined || !isLike(String(found), wanted),
  'ForAnyValue:StringLike': (found, wanted) => found !== undefined && list(found).some((each) => isLike(each, wanted)),
  'ForAllValues:StringLike': (found, wanted) => list(found ?? []).every((each) => isLike(each, wanted)),
};

const expressions = new Map<string, RegExp>();

function isLike(text: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    let expression = expressions.get(pattern);
    if (expression === undefined) {
      const source = pattern
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '[^]*')
        .replaceAll('?', '[^]');
      expression = new RegExp(`^${source}$`);
      expressions.set(pattern, expression);
    }
    return expression.test(text);
  });
}

function list(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}
