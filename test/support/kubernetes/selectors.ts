import { badRequest } from './failure.ts';
import { at, type JsonObject, objectAt, textAt } from './json.ts';
import type { ResourceKind } from './kinds.ts';

export type Selector = (object: JsonObject) => boolean;

/** `tier=gold,team!=a,env in (x, y),env notin (z),key,!key`. */
function labelSelector(text: string): Selector {
  const parts = text.match(/[^,(]+(?:\([^)]*\))?/g) ?? [];
  const tests = parts.map((part) => labelTest(part.trim()));
  return (object) => {
    const labels = objectAt(object, 'metadata', 'labels');
    return tests.every((test) => test(labels));
  };
}

function labelTest(part: string): (labels: JsonObject) => boolean {
  const within = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(part);
  if (within !== null) {
    const [, key = '', operator, list = ''] = within;
    const values = list.split(',').map((value) => value.trim());
    const has = (labels: JsonObject) => Object.hasOwn(labels, key) && values.includes(textAt(labels, key));
    return operator === 'in' ? has : (labels) => !has(labels);
  }
  const compared = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/.exec(part);
  if (compared !== null) {
    const [, key = '', operator, value] = compared;
    return (labels) => (Object.hasOwn(labels, key) && labels[key] === value) === (operator !== '!=');
  }
  const presence = /^(!?)\s*([\w./-]+)$/.exec(part);
  if (presence === null) throw badRequest(`unable to parse requirement: ${part}`);
  const [, not, key = ''] = presence;
  return (labels) => Object.hasOwn(labels, key) === (not === '');
}

/** `metadata.name=x,metadata.namespace!=y`; kinds of the API server itself can be selected by other fields, too. */
function fieldSelector(text: string, kind: ResourceKind): Selector {
  const tests = text.split(',').map((part) => {
    const parsed = /^([\w.]+)(==|=|!=)(.*)$/.exec(part.trim());
    if (parsed === null) throw badRequest(`invalid selector: '${part}'; can't understand '${part}'`);
    const [, path = '', operator, value] = parsed;
    if (kind.custom && path !== 'metadata.name' && path !== 'metadata.namespace') {
      throw badRequest(`field label not supported: ${path}`);
    }
    return (object: JsonObject) => (String(at(object, ...path.split('.')) ?? '') === value) === (operator !== '!=');
  });
  return (object) => tests.every((test) => test(object));
}

/** Both selectors of a list or a watch. */
export function selectorOf(query: URLSearchParams, kind: ResourceKind): Selector {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const tests = [
    ...(labels === '' ? [] : [labelSelector(labels)]),
    ...(fields === '' ? [] : [fieldSelector(fields, kind)]),
  ];
  return (object) => tests.every((test) => test(object));
}
