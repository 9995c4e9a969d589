import type { Expression } from '../../../../grammars/cel/syntax-tree.ts';
import { pathOf, walk } from '../../../dialects/kuadrant/cel/walk.ts';
import type { Written } from '../../../dialects/kuadrant/effective/rules.ts';
import { parseCel } from '../../../expressions/cel/parse.ts';
import type { Bindings } from '../../../expressions/cel/running.ts';
import { CelError, Uint, type Value } from '../../../expressions/cel/value.ts';
import type { Span } from '../../../source/span.ts';
import { Engine } from '../engine.ts';
import type { GivenRequest } from './given.ts';
import { pointersOf } from './given.ts';

/** What an expression comes to for a request. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: Value }
  /** It asks for what the request does not say. */
  | { readonly kind: 'unknown'; readonly asks: string }
  /** It fails at run time. */
  | { readonly kind: 'error'; readonly message: string };

export interface Evaluated {
  readonly text: string;
  readonly span: Span;
  readonly outcome: Outcome;
}

/** What is known where an expression is evaluated. */
export interface Scene {
  readonly bindings: Bindings;
  /** Whether a path of names, such as `auth metadata user`, asks for what is not known. */
  isUnknown(path: readonly string[]): boolean;
}

/** Evaluates the expressions of one request. */
export class RequestEvaluator {
  readonly #engine: Engine;
  readonly #body: Readonly<Record<string, Value>>;
  readonly #hasBody: boolean;

  constructor({ body }: GivenRequest) {
    this.#hasBody = body !== undefined;
    this.#body = body === undefined ? {} : pointersOf(body);
    this.#engine = new Engine({ body: this.#hasBody ? 'known' : 'unknown' });
  }

  evaluate({ text, span }: Written, scene: Scene): Evaluated {
    return { text, span, outcome: this.#outcome(text, scene) };
  }

  #outcome(text: string, scene: Scene): Outcome {
    const { expression, problems } = parseCel(text);
    if (problems.length > 0) return { kind: 'error', message: 'the expression cannot be read' };
    const result = this.#engine.evaluator(text)(scene.bindings, this.#body);
    if (!(result instanceof CelError)) return { kind: 'value', value: result };
    const asks = this.#unknownIn(expression, scene);
    return asks === undefined ? { kind: 'error', message: result.message } : { kind: 'unknown', asks };
  }

  /** The first thing that the expression asks for and nobody said. */
  #unknownIn(expression: Expression, { isUnknown }: Scene): string | undefined {
    let asks: string | undefined;
    walk(expression, (each) => {
      if (each.kind === 'call' && each.target === undefined && /^(request|response)BodyJSON$/.test(each.name)) {
        if (each.name === 'responseBodyJSON') asks ??= 'responseBodyJSON';
        else if (!this.#hasBody) asks ??= 'body';
        return false;
      }
      const path = pathOf(each);
      if (path === undefined || each.kind === 'call') return undefined;
      if (isUnknown(path)) asks ??= path.join('.');
      return false;
    });
    return asks;
  }
}

/** Whether conditions hold together: the first that does not decides. */
export type Holding =
  | { readonly kind: 'true' }
  | { readonly kind: 'false'; readonly by: Evaluated }
  | { readonly kind: 'unknown'; readonly by: Evaluated }
  | { readonly kind: 'error'; readonly by: Evaluated };

/** In their order, as the filter asks; one that is certainly false decides also behind an unknown one. */
export function holding(conditions: readonly Evaluated[]): Holding {
  let unknown: Evaluated | undefined;
  for (const each of conditions) {
    const { outcome } = each;
    if (outcome.kind === 'unknown') unknown ??= each;
    else if (outcome.kind === 'error' || typeof outcome.value !== 'boolean') {
      return unknown === undefined ? { kind: 'error', by: each } : { kind: 'unknown', by: unknown };
    } else if (!outcome.value) return { kind: 'false', by: each };
  }
  return unknown === undefined ? { kind: 'true' } : { kind: 'unknown', by: unknown };
}

/** How a value is shown. */
export function shownOutcome(outcome: Outcome): string {
  if (outcome.kind === 'unknown') return 'unknown';
  return outcome.kind === 'error' ? 'error' : shownValue(outcome.value);
}

function shownValue(value: Value): string {
  return JSON.stringify(plainValue(value)) ?? String(value);
}

function plainValue(value: Value): unknown {
  if (value instanceof Uint) return Number(value.value);
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plainValue(each)]));
  }
  return value;
}
