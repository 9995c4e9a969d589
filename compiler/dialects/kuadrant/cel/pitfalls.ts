import type { Expression, Range } from '../../../../grammars/cel/syntax-tree.ts';
import { isFieldName } from '../../../expressions/cel/field-name.ts';
import { printCel } from '../../../expressions/cel/print.ts';
import { quoted } from '../../../expressions/cel/quote.ts';
import type { CelFix, CelProblem } from '../../../expressions/cel/syntax-problems.ts';
import { type Component, knowsFunction } from '../../../tables/kuadrant-attributes.ts';
import { pathOf, walk } from './walk.ts';

/** Where an expression stands, as far as it decides what may be written. */
export interface Place {
  readonly component: Component;
  /** A counter: the operator puts its text between double quotes. */
  readonly counter: boolean;
  /** A condition of a TokenRateLimitPolicy. */
  readonly tokenCondition: boolean;
}

/**
 * What is well-formed CEL and means something else than its author thought, or something else to one of Kuadrant's
 * components. Each finding covers a range; what the type checker says inside such a range follows from it.
 */
export function pitfallsIn(text: string, expression: Expression, place: Place): readonly CelProblem[] {
  const problems: CelProblem[] = [];
  walk(expression, (each) => {
    if (each.kind === 'call') problems.push(...callPitfalls(text, each, place));
    if (each.kind === 'index' && place.component === 'filter') problems.push(...bracketPitfalls(each));
    if (each.kind === 'binary') problems.push(...divisionPitfalls(each), ...numberPitfalls(each, place));
    return undefined;
  });
  if (place.counter) problems.push(...quotePitfalls(text, expression));
  return problems;
}

type Call = Expression & { readonly kind: 'call' };

function callPitfalls(text: string, call: Call, place: Place): readonly CelProblem[] {
  const { name, nameRange, target } = call;
  const [first] = call.arguments;
  if (name === 'float' && target === undefined) {
    const edits = [{ range: nameRange, newText: 'double' }];
    const fixes = [{ title: 'change to `double`', edits, certain: true }];
    return [{ code: 'POL5156', range: nameRange, holes: {}, fixes }];
  }
  if (target === undefined && name === 'has' && first?.kind === 'index') return [hasIndex(text, call, first)];
  if (target === undefined && (name === 'requestBodyJSON' || name === 'responseBodyJSON')) {
    return bodyPitfalls(call, place);
  }
  const full = target?.kind === 'identifier' ? `${target.name}.${name}` : name;
  const known = knowsFunction(place.component, full) ?? knowsFunction(place.component, name);
  if (known === false) {
    return [{ code: 'POL5154', range: nameRange, holes: { name: full, where: placeName(place.component) } }];
  }
  return [];
}

function placeName(component: Component): string {
  return component === 'filter' ? "the gateway's filter" : 'the authoriser';
}

/** `has(m['k'])` is refused by cel-go's macro and by cel-rust; `'k' in m` says it. */
function hasIndex(text: string, call: Call, index: Expression & { readonly kind: 'index' }): CelProblem {
  const { range } = call;
  const test = printCel({
    kind: 'binary',
    range,
    operator: 'in',
    operatorRange: range,
    left: index.index,
    right: index.operand,
  });
  const fixed = standsAlone(text, range) ? test : `(${test})`;
  return {
    code: 'POL5155',
    range: call.range,
    holes: { fixed },
    fixes: [{ title: `write \`${fixed}\``, edits: [{ range: call.range, newText: fixed }], certain: true }],
  };
}

/** Whether only logic, brackets and commas are around it, which bind less than `in`. */
function standsAlone(text: string, { start, end }: Range): boolean {
  return (
    /(?:^|[(,?:[{]|&&|\|\|)\s*$/.test(text.slice(Math.max(0, start - 100), start)) &&
    /^\s*(?:$|[),?:\]}]|&&|\|\|)/.test(text.slice(end))
  );
}

function noBody(name: string, range: Range): CelProblem {
  const help = 'decide by the body in a limit, or give the authoriser a header to decide by';
  return { code: 'POL5154', range, holes: { name, where: 'the authoriser' }, help };
}

function bodyPitfalls(call: Call, { component, tokenCondition }: Place): readonly CelProblem[] {
  const { name, nameRange } = call;
  const [first] = call.arguments;
  if (component === 'authoriser') return [noBody(name, nameRange)];
  if (name === 'responseBodyJSON' && tokenCondition) return [{ code: 'POL5138', range: call.range, holes: {} }];
  if (first === undefined) return [];
  if (first.kind !== 'literal' || first.value.type !== 'string') {
    return [{ code: 'POL5152', range: first.range, holes: { name, why: 'is not a text that stands here' } }];
  }
  const pointer = first.value.value;
  if (pointer === '' || pointer.startsWith('/')) {
    return /~(?![01])/.test(pointer)
      ? [{ code: 'POL5152', range: first.range, holes: { name, why: 'has a `~` that is neither `~0` nor `~1`' } }]
      : [];
  }
  const fixed = quoted(`/${pointer.replace(/^\$\./, '').replaceAll('.', '/')}`);
  return [
    {
      code: 'POL5152',
      range: first.range,
      holes: { name, why: 'does not begin with `/`' },
      help: `write a JSON pointer: \`${name}(${fixed})\``,
      fixes: [{ title: `write \`${fixed}\``, edits: [{ range: first.range, newText: fixed }], certain: true }],
    },
  ];
}

/** The filter learns from the text `auth.` that a limit has to wait for the authoriser. */
function bracketPitfalls(index: Expression & { readonly kind: 'index' }): readonly CelProblem[] {
  const { operand, index: key } = index;
  if (operand.kind !== 'identifier' || operand.name !== 'auth') return [];
  if (key.kind !== 'literal' || key.value.type !== 'string' || !isFieldName(key.value.value)) return [];
  const fixed = `auth.${key.value.value}`;
  const fixes = [{ title: `write \`${fixed}\``, edits: [{ range: index.range, newText: fixed }], certain: true }];
  return [{ code: 'POL5153', range: index.range, holes: { fixed }, fixes }];
}

/** A division of whole numbers drops what is left: `spent / budget < 0.9` holds at 9 of 10. */
function divisionPitfalls(expression: Expression & { readonly kind: 'binary' }): readonly CelProblem[] {
  const { operator, left, right } = expression;
  if (!['<', '<=', '>', '>=', '==', '!='].includes(operator)) return [];
  const quotient = isDivision(left) ? left : isDivision(right) ? right : undefined;
  const other = quotient === left ? right : left;
  if (quotient === undefined || other.kind !== 'literal' || other.value.type !== 'double') return [];
  if (isDouble(quotient.left) || isDouble(quotient.right)) return [];
  const wrap = ({ range }: Expression) => [
    { range: { start: range.start, end: range.start }, newText: 'double(' },
    { range: { start: range.end, end: range.end }, newText: ')' },
  ];
  const edits = [...wrap(quotient.left), ...wrap(quotient.right)];
  const fixes = [{ title: 'divide doubles', edits, certain: false }];
  return [{ code: 'POL5158', range: quotient.range, holes: {}, fixes }];
}

const arithmetic = new Set(['+', '-', '*', '/', '%']);

/**
 * Numbers of JSON have another type in each component: the filter makes `uint` of whole ones, the authoriser `double` of
 * all. CEL has no arithmetic between types, so that `auth.identity.n * 2` fails in both.
 */
function numberPitfalls(
  expression: Expression & { readonly kind: 'binary' },
  { component }: Place,
): readonly CelProblem[] {
  const { operator, left, right } = expression;
  if (!arithmetic.has(operator)) return [];
  const literal = isInt(left) ? left : isInt(right) ? right : undefined;
  const other = literal === left ? right : left;
  if (literal === undefined || pathOf(other)?.[0] !== 'auth') return [];
  const written = printCel(literal);
  const edits =
    component === 'authoriser'
      ? [{ range: literal.range, newText: `${written}.0` }]
      : [
          { range: { start: other.range.start, end: other.range.start }, newText: 'int(' },
          { range: { start: other.range.end, end: other.range.end }, newText: ')' },
        ];
  const type = component === 'authoriser' ? 'double' : 'uint';
  const fixes = [
    { title: component === 'authoriser' ? `write \`${written}.0\`` : 'convert to `int`', edits, certain: false },
  ];
  return [{ code: 'POL5157', range: expression.range, holes: { type, where: placeName(component) }, fixes }];
}

function isInt(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.value.type === 'int';
}

function isDivision(expression: Expression): expression is Expression & { readonly kind: 'binary' } {
  return expression.kind === 'binary' && expression.operator === '/';
}

function isDouble(expression: Expression): boolean {
  if (expression.kind === 'literal') return expression.value.type === 'double';
  return expression.kind === 'call' && (expression.name === 'double' || expression.name === 'float');
}

/** The operator writes `descriptors[0]["<counter>"]`, and escapes nothing. */
function quotePitfalls(text: string, expression: Expression): readonly CelProblem[] {
  if (!text.includes('"')) return [];
  const fixes: CelFix[] = [];
  const edits: { range: Range; newText: string }[] = [];
  let all = true;
  walk(expression, (each) => {
    if (each.kind !== 'literal' || each.value.type !== 'string') return undefined;
    const { range, value } = each;
    const written = text.slice(range.start, range.end);
    if (!written.includes('"')) return undefined;
    if (/["'\\\n]/.test(value.value)) all = false;
    else edits.push({ range, newText: `'${value.value}'` });
    return undefined;
  });
  if (all && edits.length > 0) fixes.push({ title: 'use single quotes', edits, certain: true });
  const at = text.indexOf('"');
  return [{ code: 'POL5151', range: { start: at, end: at + 1 }, holes: {}, fixes }];
}
