import { report } from '../../diagnostics/report.ts';
import { expectScalar, shorten, text } from '../../schema/scalars.ts';
import type { Shape } from '../../schema/shape.ts';

/**
 * What the API server takes as the value of a label; the empty one, which it takes too, names nobody.
 * Source: Kubernetes, "Labels and Selectors", syntax and character set.
 */
const labelValueSource = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const labelValuePattern = new RegExp(`^${labelValueSource}$`);

/** A name that becomes the value of a label: of a tier, a team or a user. */
export function labelValue(noun: string): Shape<string> {
  return {
    description: {
      kind: 'string',
      noun,
      pattern: labelValueSource,
      patternDoc: 'at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends',
    },
    decode(node, context) {
      const scalar = expectScalar(node, noun, context);
      if (scalar === undefined) return undefined;
      // A number is a good name, whatever YAML makes of it: `007` is what stands in the label.
      if (typeof scalar.value === 'boolean' || scalar.value === null) return text(noun).decode(scalar, context);
      if (labelValuePattern.test(scalar.text)) return scalar.text;
      const why = whyRefused(scalar.text);
      context.diagnostics.push(report('POL4140', scalar.span, { noun, value: shorten(scalar.text) || '""', why }));
      return undefined;
    },
  };
}

const spoken: Readonly<Record<string, string>> = { ' ': 'a space', '\n': 'a line break', '`': 'a backtick' };

function whyRefused(value: string): string {
  if (value === '') return 'it is empty';
  const wrong = [...value].find((character) => !/[-A-Za-z0-9_.]/.test(character));
  if (wrong !== undefined) return `it has ${spoken[wrong] ?? `\`${wrong}\``}`;
  if (value.length > 63) return `it has ${value.length} characters, and 63 are the most`;
  return 'it does not begin and end with a letter or a digit';
}

const prefixSource = '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*';

/** The key of a label or an annotation: `maas/team-id`. */
export const metadataKey = text('the key of a label or annotation', {
  source: `(${prefixSource}/)?${labelValueSource}`,
  doc: 'a name of at most 63 letters, digits, `-`, `_` and `.`, which a domain in small letters and `/` may stand before',
});

/** The value of a label that is not a name. */
export const labelText = text('the value of a label', {
  source: `(${labelValueSource})?`,
  doc: 'at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends',
});

/** A header as filters know it, in small letters (RFC 9110, section 5.1, without what none uses). */
export const headerName = text('the name of a header', {
  source: '[a-z0-9][-_a-z0-9]{0,99}',
  doc: 'at most 100 small letters, digits, `-` and `_`',
});

/** RFC 1123, as Kubernetes has it for namespaces. */
export const namespace = text('a namespace', {
  source: '[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?',
  doc: 'at most 63 small letters, digits and `-`, with a letter or digit at both ends',
});

/** The name of a gateway, a route, a listener or a rule. */
export const objectName = text('the name of an object', {
  source: '(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*',
  doc: 'at most 253 small letters, digits, `-` and `.`, with a letter or digit at both ends',
});
