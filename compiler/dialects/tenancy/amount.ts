import { number, quantity, shorten } from '../../schema/scalars.ts';
import type { Shape } from '../../schema/shape.ts';

/** More than any model reads, and exact in every engine that counts it. */
export const count = number({ integer: true, minimum: 1, maximum: 1e15 });

/** A part of what the team has, in percent. */
export interface Share {
  readonly percent: number;
}

const percentage = '[0-9]{1,3}(\\.[0-9]{1,4})?%';
const pattern = new RegExp(`^${percentage}$`);

/** A part of something, in percent: more than nothing and at most all of it. */
export const percent: Shape<number> = quantity<number>(
  { kind: 'quantity', noun: 'a percentage', example: '80%', pattern: percentage },
  (text) => percentOf(text) ?? { wrong: 'it must be more than `0%` and at most `100%`' },
);

/** A number, or a share of what the team has. */
export const countOrShare: Shape<number | Share> = {
  description: { kind: 'quantity', noun: 'a number or a share', example: '25%', pattern: `[0-9]+|${percentage}` },
  decode(node, context) {
    if (node.kind !== 'scalar' || !node.text.endsWith('%')) return count.decode(node, context);
    const share = percent.decode(node, context);
    return share === undefined ? undefined : { percent: share };
  },
};

function percentOf(text: string): number | undefined {
  const value = pattern.test(text) ? Number(text.slice(0, -1)) : Number.NaN;
  return value > 0 && value <= 100 ? value : undefined;
}

/** As its author wrote it. */
export function amountText(amount: number | Share): string {
  return typeof amount === 'number' ? String(amount) : shorten(`${amount.percent}%`);
}

/** The whole number that a share of another is; at least 1, since a limit of nothing refuses everything. */
export function shareOf({ percent: part }: Share, whole: number): number {
  return Math.max(1, Math.floor((whole * part) / 100));
}
