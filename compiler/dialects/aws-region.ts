import { report } from '../diagnostics/report.ts';
import { expectScalar, replaceWith, shorten } from '../schema/scalars.ts';
import type { Shape } from '../schema/shape.ts';
import { isRegion, nearestRegion, regionsOf } from '../tables/aws-regions.ts';

/** A region of any partition; whether it is one of the target's is asked later. */
export const region: Shape<string> = {
  description: {
    kind: 'enumeration',
    noun: 'an AWS region',
    values: () =>
      (['aws', 'aws-cn', 'aws-us-gov'] as const).flatMap((partition) =>
        regionsOf(partition).map((name) => ({ name, doc: partition === 'aws' ? '' : `of the partition ${partition}` })),
      ),
  },
  decode(node, context) {
    const scalar = expectScalar(node, 'a region', context);
    if (scalar === undefined) return undefined;
    if (isRegion(scalar.text)) return scalar.text;
    const suggestion = nearestRegion(scalar.text);
    context.diagnostics.push(
      report('POL3064', scalar.span, { name: shorten(scalar.text) }, replaceWith(scalar, suggestion)),
    );
    return undefined;
  },
};
