import { partsOf } from '../../../grammars/cel/parts.ts';
import type { Expression, Range } from '../../../grammars/cel/syntax-tree.ts';
import { environmentFor } from '../../dialects/kuadrant/cel/environments.ts';
import { check } from '../../expressions/cel/check.ts';
import type { Environment } from '../../expressions/cel/environment.ts';
import { qualifiedName } from '../../expressions/cel/names.ts';
import { parseCel } from '../../expressions/cel/parse.ts';
import { type CelType, formatType } from '../../expressions/cel/types.ts';
import { celAttributeDoc, celFunctionDoc } from '../../tables/cel-docs.ts';
import type { EditorDocument } from '../document.ts';
import { globalCalls, memberCalls, signatureOf } from '../expressions/cel-members.ts';
import { componentOf } from '../expressions/cel-scope.ts';
import type { Embedded } from '../expressions/embedded.ts';
import type { Place } from '../locate.ts';
import { asCode } from '../markdown.ts';
import type { Hover } from './hover.ts';

/** The smallest expression under the cursor, with its type and what is known of its name. */
export function hoverCel(document: EditorDocument, place: Place, embedded: Embedded): Hover | undefined {
  const { expression } = parseCel(embedded.text);
  const environment = environmentFor(componentOf(document, place));
  const { types } = check(expression, environment);
  const found = smallestAt(expression, embedded.at);
  if (found === undefined) return undefined;
  const named = nameIn(found, embedded.at);
  const span = embedded.span(named.start, named.end);
  if (found.kind === 'call') return { span, paragraphs: callText(found, types, environment) };
  const type = types.get(found);
  if (type === undefined) return undefined;
  const path = qualifiedName(found)?.name;
  const doc = path === undefined ? undefined : celAttributeDoc(path);
  const shown = embedded.text.slice(found.range.start, found.range.end).replace(/\s+/g, ' ');
  const text = `${asCode(shown.length > 80 ? `${shown.slice(0, 79)}…` : shown)}: ${typeText(type)}`;
  return { span, paragraphs: [text, ...(doc === undefined ? [] : [doc])] };
}

function smallestAt(expression: Expression, at: number): Expression | undefined {
  if (at < expression.range.start || at > expression.range.end) return undefined;
  for (const part of partsOf(expression)) {
    const found = smallestAt(part, at);
    if (found !== undefined) return found;
  }
  return expression.kind === 'hole' ? undefined : expression;
}

/** The part of an expression that stands for it: the name of a call or field. */
function nameIn(expression: Expression, at: number): Range {
  if (expression.kind === 'call') return expression.nameRange;
  if (expression.kind === 'select' && at >= expression.fieldRange.start) return expression.fieldRange;
  return expression.range;
}

function callText(
  { name, target }: Expression & { readonly kind: 'call' },
  types: ReadonlyMap<Expression, CelType>,
  environment: Environment,
): readonly string[] {
  const space = target === undefined ? undefined : qualifiedName(target)?.name;
  const whole = space === undefined ? name : `${space}.${name}`;
  const known = globalCalls(environment).filter((call) => call.name === whole);
  const targetType = target === undefined ? undefined : types.get(target);
  const calls =
    known.length > 0 || targetType === undefined
      ? known
      : memberCalls(targetType, environment).filter((call) => call.name === name);
  const doc = celFunctionDoc(known.length > 0 ? whole : name);
  return [...calls.map((call) => `\`${signatureOf(call)}\``), ...(doc === undefined ? [] : [doc])];
}

function typeText(type: CelType): string {
  return type.kind === 'object' ? `object with ${Object.keys(type.fields).join(', ')}` : formatType(type);
}
