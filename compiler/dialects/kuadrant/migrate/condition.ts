import { quoted } from '../../../expressions/cel/quote.ts';

/** A condition of older versions, and of Authorino's pattern matching: a selector, an operator and a value. */
export interface Condition {
  readonly selector: string;
  readonly operator: string;
  readonly value: string;
}

/** The operators that are read, each as a predicate over a subject and a text literal. */
const operators: Readonly<Record<string, (subject: string, value: string) => string | undefined>> = {
  eq: (subject, value) => `${subject} == ${literalFor(subject, value)}`,
  neq: (subject, value) => `${subject} != ${literalFor(subject, value)}`,
  incl: (subject, value) => `${quoted(value)} in ${subject}`,
  excl: (subject, value) => `!(${quoted(value)} in ${subject})`,
  matches: (subject, value) => `${subject}.matches(${quoted(value)})`,
  startswith: (subject, value) => `${subject}.startsWith(${quoted(value)})`,
  endswith: (subject, value) => `${subject}.endsWith(${quoted(value)})`,
  gt: (subject, value) => ordered(subject, '>', value),
  lt: (subject, value) => ordered(subject, '<', value),
  gte: (subject, value) => ordered(subject, '>=', value),
  lte: (subject, value) => ordered(subject, '<=', value),
};

/**
 * The predicate in CEL that says what the condition said; undefined where that cannot be told: an operator that is
 * unknown, a selector with modifiers or queries of GJSON.
 */
export function predicateOf({ selector, operator, value }: Condition): string | undefined {
  const subject = expressionOf(selector);
  const write = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
  return subject === undefined || write === undefined ? undefined : write(subject, value);
}

/** The attributes whose values are no texts. Source: Kuadrant's RFC 0002, well-known attributes. */
const numbers = new Set(['request.size', 'source.port', 'destination.port', 'connection.id', 'ratelimit.hits_addend']);

function literalFor(subject: string, value: string): string {
  const isNumber = numbers.has(subject) && /^-?[0-9]+$/.test(value);
  const isFlag = subject === 'connection.mtls' && /^(true|false)$/.test(value);
  return isNumber || isFlag ? value : quoted(value);
}

function ordered(subject: string, operator: string, value: string): string | undefined {
  if (!/^-?[0-9]+(\.[0-9]+)?$/.test(value)) return undefined;
  if (numbers.has(subject)) return `${subject} ${operator} ${value}`;
  const number = value.includes('.') ? value : `${value}.0`;
  return subject.includes('double(') ? `${subject} ${operator} ${number}` : `double(${subject}) ${operator} ${number}`;
}

/** Names of Envoy's check request, which conditions of Authorino were first written over, as attributes of today. */
const envoyNames: readonly (readonly [from: string, to: string])[] = [
  ['context.request.http.headers.', 'request.headers.'],
  ['context.request.http.', 'request.'],
];

/**
 * The CEL expression for a selector: a dotted path in which `\.` is a dot of the name, or an expression that was written
 * in a selector's place. Parts that are no identifiers get brackets, which label keys need.
 */
export function expressionOf(selector: string): string | undefined {
  const trimmed = selector.trim();
  if (trimmed === '') return undefined;
  // GJSON's queries and modifiers have no counterpart.
  if (/[@#|]/.test(trimmed.replace(/(["'])[^"']*\1/g, ''))) return undefined;
  if (/[()+*]| [/-] /.test(trimmed)) return callsOf(trimmed);
  if (/[{}"'!]/.test(trimmed)) return undefined;
  const envoy = envoyNames.find(([from]) => trimmed.startsWith(from));
  const path = envoy === undefined ? trimmed : envoy[1] + trimmed.slice(envoy[0].length);
  return pathOf(path);
}

/** Words that are no names. Source: the CEL language definition, Syntax. */
const reserved = new Set(
  'in true false null as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

function pathOf(path: string): string | undefined {
  // `\.` does not end a part.
  const parts = path.split(/(?<!\\)\./).map((part) => part.replaceAll('\\.', '.'));
  let text = '';
  for (const [index, part] of parts.entries()) {
    if (part === '') return undefined;
    const name = /^([^[\]]*)((?:\[\d+\])*)$/.exec(part);
    if (name === null) return undefined;
    const [, key = '', indices = ''] = name;
    if (/^[A-Za-z_]\w*$/.test(key) && !reserved.has(key)) text += (index === 0 ? '' : '.') + key + indices;
    else if (/^\d+$/.test(key) && index > 0) text += `[${key}]${indices}`;
    else if (index > 0) text += `[${quoted(key)}]${indices}`;
    else return undefined;
  }
  return text;
}

/**
 * Repairs paths in an expression that was written as if label keys were fields, `float` a function, and the argument of
 * `requestBodyJSON` a name (the seed of this dialect did all three).
 */
function callsOf(text: string): string {
  return text
    .replace(/\bfloat\(/g, 'double(')
    .replace(
      /\b(requestBodyJSON|responseBodyJSON)\((["'])(?!\/)([^"']*)\2\)/g,
      (_, name, _quote, key) => `${name}('/${key}')`,
    )
    .replace(/\b[A-Za-z_]\w*(?:\.[\w-]+)*\.(?:labels|annotations)\.[\w\\.-]+(?:\/[\w.-]+)?/g, keyed);
}

function keyed(path: string): string {
  const at = path.search(/\.(labels|annotations)\./);
  const map = path.slice(0, path.indexOf('.', at + 1));
  const key = path.slice(map.length + 1).replaceAll('\\.', '.');
  return `${map}[${quoted(key)}]`;
}

/** A text as a YAML scalar: plain where nothing in it would be read as something else. */
export function yamlScalar(text: string): string {
  const plain =
    /^[A-Za-z_(]/.test(text) && !/: |:$| #|[\n\t]|\s$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}
