import { report } from '../../diagnostics/report.ts';
import { expectScalar, shorten } from '../../schema/scalars.ts';
import type { Shape } from '../../schema/shape.ts';
import { checkWindow, windowMilliseconds } from '../kuadrant/schema/window.ts';

/** A window as Kuadrant takes it, in milliseconds: `30s`, `1h30m`. */
export const window: Shape<number> = {
  description: {
    kind: 'quantity',
    noun: 'a window',
    example: '1m',
    pattern: '([0-9]{1,5}(h|m|s|ms)){1,4}',
    means: 'window',
  },
  decode(node, context) {
    const scalar = expectScalar(node, 'a window', context);
    if (scalar === undefined) return undefined;
    const length = windowMilliseconds(scalar.text);
    if (length !== undefined && length < 1000) {
      const why = 'the rate limiter counts whole seconds, of which it has none';
      context.diagnostics.push(report('POL2074', scalar.span, { value: shorten(scalar.text), why }));
      return undefined;
    }
    checkWindow(scalar, context.diagnostics);
    return length === undefined ? undefined : length - (length % 1000);
  },
};
