import { quoted } from '../../expressions/cel/quote.ts';
import type { EnforceAt } from '../../ir/obligation.ts';
import { numbers, type Sources } from './condition.ts';

/** Attributes that the AuthPolicy exports, in the order in which they are written: most are of the key's Secret. */
export const identityAttributes = ['team', 'user', 'tier', 'spent', 'budget', 'model'] as const;

/**
 * In the authoriser the identity is the Secret of the API key. Reading a label that it does not have is an error there,
 * and an error refuses the request, as a condition that is not known to hold does.
 */
export function authoriserSources(place: EnforceAt): Sources {
  return {
    text: (attribute) => {
      const key = keyOf(place, attribute);
      if (key !== undefined) return `auth.identity.metadata.${key.in}[${quoted(key.name)}]`;
      if (attribute === 'model' && place.modelHeader !== undefined) return headerText(place.modelHeader.name);
      // Here the path comes with the query.
      return attribute === 'path' ? "request.path.split('?')[0]" : `request.${attribute}`;
    },
    unknown: (attribute) => (keyOf(place, attribute) === undefined && attribute !== 'model' ? [] : ["''"]),
  };
}

/** What the body holds where it names no model: JSON's values that cannot be made into a text (wasm-shim, json_body_parser). */
const noModels = ['null', '[true, false]'] as const;

/**
 * In the gateway's filter the identity has what the AuthPolicy exports, and the body of the request can be read.
 *
 * @param known attributes of every request that are known: only texts, of which the export is as they are
 */
export function filterSources(place: EnforceAt | undefined, known: ReadonlySet<string>): Sources {
  const isExported = (attribute: string) =>
    attribute === 'model' ? place?.modelHeader !== undefined : identityAttributes.some((name) => name === attribute);
  return {
    text: (attribute) => {
      if (isExported(attribute)) return `auth.identity.${attribute}`;
      if (attribute === 'model') return "requestBodyJSON('/model')";
      return attribute === 'path' ? 'request.url_path' : `request.${attribute}`;
    },
    unknown: (attribute) => {
      if (!isExported(attribute)) return attribute === 'model' ? noModels : [];
      return known.has(attribute) && !numbers.has(attribute) ? [] : ["''"];
    },
    isLoose: (attribute) => attribute === 'model' && !isExported(attribute),
  };
}

/**
 * What the AuthPolicy exports for an attribute: always a text, empty where the attribute is unknown, so that no
 * expression of the filter fails. One that fails there lets the request through.
 */
export function exported(place: EnforceAt, attribute: string): string {
  const key = keyOf(place, attribute);
  if (attribute === 'model' && place.modelHeader !== undefined) {
    const { name } = place.modelHeader;
    return `${quoted(name)} in request.headers ? ${headerText(name)} : ''`;
  }
  if (key === undefined) return "''";
  const map = `auth.identity.metadata.${key.in}`;
  const name = quoted(key.name);
  const there = `${key.in === 'annotations' ? `has(${map}) && ` : ''}${name} in ${map}`;
  const number = numbers.has(attribute) ? ` && ${map}[${name}].matches('^[0-9]+([.][0-9]+)?$')` : '';
  return `${there}${number} ? ${map}[${name}] : ''`;
}

function headerText(name: string): string {
  return `request.headers[${quoted(name)}]`;
}

function keyOf({ labels, annotations }: EnforceAt, attribute: string) {
  switch (attribute) {
    case 'team':
    case 'user':
    case 'tier':
      return { in: 'labels', name: labels[attribute] } as const;
    case 'spent':
    case 'budget':
      return { in: 'annotations', name: annotations[attribute] } as const;
    default:
      return undefined;
  }
}
