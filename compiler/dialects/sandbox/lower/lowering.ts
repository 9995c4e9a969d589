import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { Origin } from '../../../ir/policy.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Span } from '../../../source/span.ts';
import type { SourceText } from '../../../source/text.ts';
import type { Target } from '../../../target.ts';
import type { Layer } from '../resolve.ts';
import type { SandboxDocument } from '../shape.ts';

export interface Lowering {
  readonly layers: readonly Layer[];
  readonly target: Target;
  readonly diagnostics: Diagnostic[];
}

/** A value and the layer that it comes from. */
export interface Picked<T> extends Located<T> {
  readonly by: string | undefined;
  readonly source: SourceText;
}

/** The nearest layer's answer: what a policy says replaces what it extends. */
export function first<T>(
  layers: readonly Layer[],
  pick: (document: SandboxDocument) => Located<T> | undefined,
): Picked<T> | undefined {
  for (const { document, by, source } of layers) {
    const found = pick(document);
    if (found !== undefined) return { ...found, by, source };
  }
  return undefined;
}

/** The strictest answer of the chain, of equal ones the nearest: no policy takes back what it extends asks for. */
export function strictest<T extends string>(
  layers: readonly Layer[],
  pick: (document: SandboxDocument) => Located<T> | undefined,
  rank: Readonly<Record<T, number>>,
): Picked<T> | undefined {
  return each(layers, pick).reduce<Picked<T> | undefined>(
    (best, next) => (best === undefined || rank[next.value] > rank[best.value] ? next : best),
    undefined,
  );
}

export const modeRank = { direct: 0, sandbox: 1, hardened: 2 } as const;
export const levelRank = { low: 0, medium: 1, high: 2 } as const;

export function modeOf(layers: readonly Layer[]): Picked<keyof typeof modeRank> | undefined {
  return strictest(layers, (document) => document.mode, modeRank);
}

/** Every layer's answer, nearest first: what a policy says adds to what it extends. */
export function each<T>(
  layers: readonly Layer[],
  pick: (document: SandboxDocument) => Located<T> | undefined,
): readonly Picked<T>[] {
  return layers.flatMap(({ document, by, source }) => {
    const found = pick(document);
    return found === undefined ? [] : [{ ...found, by, source }];
  });
}

export function origin(span: Span, by: string | undefined): Origin {
  return by === undefined ? { span } : { span, by };
}
