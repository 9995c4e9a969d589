import type { Expression } from '../../../../grammars/cel/syntax-tree.ts';
import { parseCel } from '../../../expressions/cel/parse.ts';
import {
  type AttributeNames,
  counterOfCel,
  opaqueCondition,
  predicateOfCel,
} from '../../../expressions/cel/to-predicate.ts';
import { attribute, type Predicate, type Term } from '../../../expressions/predicate.ts';
import { type Component, wellKnownAttributes } from '../../../tables/kuadrant-attributes.ts';
import { pathOf } from '../cel/walk.ts';
import type { Written } from '../effective/rules.ts';

const short: Readonly<Record<string, string>> = {
  'request.method': 'method',
  'request.host': 'host',
  'request.url_path': 'path',
};

/** How the paths of a component are called in the IR: `auth` is another thing in the authoriser than in the filter. */
function namesFor(component: Component): AttributeNames {
  return {
    text(expression: Expression) {
      const path = pathOf(expression);
      if (path === undefined || path.length < 2) return undefined;
      const name = path.join('.');
      const own = short[name];
      if (own !== undefined) return own;
      const [root, field, key] = path;
      if (root === 'request' && field === 'headers') {
        return key === undefined || path.length > 3 ? undefined : `header:${key.toLowerCase()}`;
      }
      if (root === 'auth') {
        if (component === 'filter') return name;
        return field === 'identity' && path.length > 2 ? `identity.${path.slice(2).join('.')}` : undefined;
      }
      return texts().has(name) ? name : undefined;
    },
  };
}

let known: ReadonlySet<string> | undefined;

/** The well-known attributes of the request and its sender that are texts. */
function texts(): ReadonlySet<string> {
  known ??= new Set(
    wellKnownAttributes()
      .filter(({ path, type }) => type === 'string' && /^(request|source)\./.test(path))
      .map(({ path }) => path),
  );
  return known;
}

/** A condition; one that cannot be read has been reported, and is opaque. */
export function loweredCondition({ text }: Written, component: Component): Predicate {
  const { expression, problems } = parseCel(text);
  return problems.length > 0 ? opaqueCondition(text) : predicateOfCel(expression, namesFor(component));
}

export function loweredCounter({ text }: Written): Term {
  const { expression, problems } = parseCel(text);
  return problems.length > 0 ? attribute(`value:${text}`) : counterOfCel(expression, namesFor('filter'));
}
