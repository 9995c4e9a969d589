import { expectScalar } from '../../schema/scalars.ts';
import type { Shape } from '../../schema/shape.ts';
import { checkWindow, windowMilliseconds } from '../kuadrant/schema/window.ts';

/** A window as Kuadrant takes it, in milliseconds: `30s`, `1h30m`. */
export const window: Shape<number> = {
  description: { kind: 'quantity', noun: 'a window', example: '1m', pattern: '([0-9]{1,5}(h|m|s|ms)){1,4}' },
  decode(node, context) {
    const scalar = expectScalar(node, 'a window', context);
    if (scalar === undefined) return undefined;
    checkWindow(scalar, context.diagnostics);
    const length = windowMilliseconds(scalar.text);
    // The rate limiter counts whole seconds: what is less is no window at all.
    return length === undefined || length < 1000 ? undefined : length - (length % 1000);
  },
};
