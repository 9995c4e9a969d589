import { report } from '../../diagnostics/report.ts';
import { text } from '../../schema/scalars.ts';
import type { Shape } from '../../schema/shape.ts';

const parameterName = text('the name of an SSM parameter', {
  source: '(?!/?(?:[Aa][Ww][Ss]|[Ss][Ss][Mm]))(?:/[\\w.-]+){1,15}|(?!/?(?:[Aa][Ww][Ss]|[Ss][Ss][Mm]))[\\w.-]+',
  doc: 'letters, digits, `.`, `-` and `_`, a path from `/` with up to 15 levels, and not beginning with `aws` or `ssm`',
});

/** The name of the SSM parameter that holds a webhook's URL. The URL itself is a secret: who has it can post. */
export const webhookParameter: Shape<string> = {
  description: parameterName.description,
  decode(node, context) {
    if (node.kind !== 'scalar' || !/^https?:\/\//i.test(node.text)) return parameterName.decode(node, context);
    context.diagnostics.push(report('POL4068', node.span, {}));
    return undefined;
  },
};
