import type { Token } from '../../../grammars/cel/scan.ts';
import { environmentFor } from '../../dialects/kuadrant/cel/environments.ts';
import { componentAt } from '../../dialects/kuadrant/schema/cel-fields.ts';
import { check } from '../../expressions/cel/check.ts';
import type { Environment } from '../../expressions/cel/environment.ts';
import { macroNames } from '../../expressions/cel/macros.ts';
import { parseCel } from '../../expressions/cel/parse.ts';
import { type CelType, dyn, optionalValue } from '../../expressions/cel/types.ts';
import type { Component } from '../../tables/kuadrant-attributes.ts';
import type { EditorDocument } from '../document.ts';
import { type Place, pathOf } from '../locate.ts';
import { openBrackets, operandStart } from './cel-tokens.ts';

/** The component that evaluates the expression at a place. */
export function componentOf({ source }: EditorDocument, place: Place): Component {
  const path = pathOf(place).filter((step) => typeof step === 'string');
  return componentAt(kindAround(source.text, place.offset), path);
}

/** The kind of the resource around an offset, by its text: that is there too where the tree is not. */
function kindAround(text: string, offset: number): string {
  const start = text.lastIndexOf('\n---', offset);
  const following = text.indexOf('\n---', Math.max(offset, start + 1));
  const document = text.slice(Math.max(start, 0), following === -1 ? text.length : following);
  return /^kind:[ \t]*["']?([A-Za-z]+)/m.exec(document)?.[1] ?? '';
}

/** What may be named at the token `end` of an expression: by the environment, and by the macros around. */
export function scopeAt(text: string, tokens: readonly Token[], end: number, component: Component): Environment {
  let scope = environmentFor(component);
  for (const open of openBrackets(tokens, end)) {
    const variable = tokens[open + 1];
    if (variable?.name !== 'Identifier' || tokens[open + 2]?.name !== 'Comma' || open + 2 >= end) continue;
    const called = tokens[open - 1];
    if (called?.name !== 'Identifier' || tokens[open - 2]?.name !== 'Dot') continue;
    if (!macroNames(scope.macros, true).includes(text.slice(called.start, called.end))) continue;
    const over = operandType(text, tokens, open - 2, scope);
    const name = text.slice(variable.start, variable.end);
    scope = { ...scope, variables: new Map([...scope.variables, [name, elementOf(over ?? dyn)]]) };
  }
  return scope;
}

/** The type of the operand that ends before the token `end`; undefined where none does. */
export function operandType(
  text: string,
  tokens: readonly Token[],
  end: number,
  scope: Environment,
): CelType | undefined {
  const start = operandStart(tokens, end);
  return start === undefined ? undefined : typeOf(text.slice(tokens[start]!.start, tokens[end - 1]!.end), scope);
}

function typeOf(expression: string, scope: Environment): CelType {
  const parsed = parseCel(expression);
  return parsed.problems.length > 0 ? dyn : check(parsed.expression, scope).type;
}

function elementOf(type: CelType): CelType {
  const inner = optionalValue(type);
  if (inner !== undefined) return inner;
  switch (type.kind) {
    case 'list':
      return type.element;
    case 'map':
      return type.key;
    case 'object':
      return { kind: 'string' };
    default:
      return dyn;
  }
}
