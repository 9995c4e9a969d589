import { partsOf } from '../../../../grammars/cel/parts.ts';
import type { Expression } from '../../../../grammars/cel/syntax-tree.ts';
import { type Environment, environmentOf } from '../../../expressions/cel/environment.ts';
import { standardLibrary, stringLibrary } from '../../../expressions/cel/libraries.ts';
import { parseCel } from '../../../expressions/cel/parse.ts';
import { type CelType, dyn } from '../../../expressions/cel/types.ts';
import type { ExpressionLowering } from '../extension.ts';
import { type CelLowering, lowerCel } from './lowering.ts';

const prefixes = [
  ['condition:', 'condition'],
  ['value:', 'text'],
] as const;

/** An expression that an attribute is, and the environment in which it has its value. */
export interface AttributeExpression {
  readonly kind: 'condition' | 'text';
  readonly expression: Expression;
  readonly environment: Environment;
}

/** The expression that an attribute is by its name: `condition:request.size > 10`; undefined where it is none. */
export function expressionOf(attribute: string): AttributeExpression | undefined {
  for (const [prefix, kind] of prefixes) {
    if (!attribute.startsWith(prefix)) continue;
    const { expression, problems } = parseCel(attribute.slice(prefix.length));
    if (problems.length > 0) return undefined;
    return { kind, expression, environment: environmentFor(expression) };
  }
  return undefined;
}

/** Every name may be a variable: what a request has is up to the gateway. */
function environmentFor(expression: Expression): Environment {
  const variables: Record<string, CelType> = {};
  const open = [expression];
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    if (each.kind === 'identifier') variables[each.name] = dyn;
    open.push(...partsOf(each));
  }
  return environmentOf({ libraries: [standardLibrary, stringLibrary], variables });
}

/** Makes functions of the attributes at the point `request` that are expressions in CEL. */
export function celExtension(): ExpressionLowering {
  const known = new Map<string, CelLowering | undefined>();
  return {
    of(attribute, point) {
      if (point !== 'request') return undefined;
      if (!known.has(attribute)) known.set(attribute, loweringOf(attribute));
      const lowered = known.get(attribute);
      return lowered === undefined || 'obstacle' in lowered ? undefined : lowered;
    },
  };
}

function loweringOf(attribute: string): CelLowering | undefined {
  const found = expressionOf(attribute);
  return found && lowerCel(found.expression, found.environment, found.kind);
}

/** Why an attribute that is an expression has no function in a module; undefined where it has one. */
export function obstacleOf(attribute: string): string | undefined {
  const lowered = loweringOf(attribute);
  if (lowered === undefined) return 'it cannot be read';
  return 'obstacle' in lowered ? lowered.obstacle : undefined;
}
