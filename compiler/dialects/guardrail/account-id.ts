import { report } from '../../diagnostics/report.ts';
import { expectScalar, shorten } from '../../schema/scalars.ts';
import type { Shape } from '../../schema/shape.ts';
import { isAccountId } from './arn.ts';

/** An AWS account id: text of 12 digits. As a number it would lose leading zeros in whatever else reads the file. */
export const accountId: Shape<string> = {
  description: { kind: 'string', noun: 'an account id', pattern: '[0-9]{12}', patternDoc: '12 digits in quotes' },
  decode(node, context) {
    const scalar = expectScalar(node, 'an account id', context);
    if (scalar === undefined) return undefined;
    const { text, span, value } = scalar;
    // The console shows ids in three groups.
    const digits = text.replace(/[- ]/g, '');
    const fixes = isAccountId(digits)
      ? [{ title: `write \`"${digits}"\``, certain: true, edits: [{ span, newText: `"${digits}"` }] }]
      : [];
    if (typeof value !== 'string' && isAccountId(text)) {
      context.diagnostics.push(report('POL4060', span, { value: shorten(text) }, { fixes }));
    } else if (typeof value === 'string' && isAccountId(text)) {
      return text;
    } else {
      context.diagnostics.push(report('POL4061', span, { value: shorten(text) }, { fixes }));
    }
    return undefined;
  },
};
