import { report } from '../../diagnostics/report.ts';
import { hasWildcard, matchesGlob } from '../../expressions/glob.ts';
import { expectScalar, replaceWith, shorten, text } from '../../schema/scalars.ts';
import type { Shape } from '../../schema/shape.ts';
import { instanceTypes, nearestInstanceType } from '../../tables/instance-types.ts';
import { instanceType } from '../template/names.ts';

/** One instance type, or with `*` and `?` every one that fits. */
export const instanceTypePattern: Shape<string> = {
  description: instanceType.description,
  decode(node, context) {
    const scalar = expectScalar(node, 'an instance type', context);
    if (scalar === undefined) return undefined;
    if (!hasWildcard(scalar.text)) return instanceType.decode(node, context);
    for (const { name } of instanceTypes()) if (matchesGlob(name, scalar.text)) return scalar.text;
    // What is meant is the pattern of a family that there is.
    const near = nearestInstanceType(scalar.text.replace('*', 'large'));
    const dot = scalar.text.indexOf('.');
    const better =
      near === undefined || dot < 0 ? undefined : near.slice(0, near.indexOf('.')) + scalar.text.slice(dot);
    context.diagnostics.push(
      report('POL3220', scalar.span, { pattern: shorten(scalar.text) }, replaceWith(scalar, better, false)),
    );
    return undefined;
  },
};

/** A template or an image as launches name it. */
export const launchedName: Shape<string> = text('a template or an image', {
  source: '[^\\u0000-\\u001f]{1,128}',
  doc: 'a name, or a pattern with `*`, of at most 128 characters',
});

/** The name of a part as its policy has it: in small letters, `-` for whatever cannot stand in the name of a folder. */
export function policyName(written: string): string {
  return (
    written
      .toLowerCase()
      .replace(/[^a-z0-9._]+/g, '-')
      .replace(/^-|-$/g, '') || 'launch'
  );
}
