import type { Component } from '../../../tables/kuadrant-attributes.ts';

/** The fields of Kuadrant's kinds that hold CEL. Source: the operator's CustomResourceDefinitions. */
export const celFields: ReadonlySet<string> = new Set(['predicate', 'expression', 'urlExpression']);

/**
 * Which component evaluates the expression at a path.
 *
 * @param kind of the resource
 * @param path the keys that lead to it, list items left out
 */
export function componentAt(kind: string, path: readonly string[]): Component {
  // The conditions of a whole AuthPolicy are decided in the gateway, before the authoriser is called.
  const inRules = path.includes('rules');
  return isOfLimits(kind) || (kind === 'AuthPolicy' && !inRules) ? 'filter' : 'authoriser';
}

export function isOfLimits(kind: string): boolean {
  return kind === 'RateLimitPolicy' || kind === 'TokenRateLimitPolicy';
}
