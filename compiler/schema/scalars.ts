import { report } from '../diagnostics/report.ts';
import type { ScalarNode, YamlNode } from '../source/tree.ts';
import { meantName } from './meant-name.ts';
import { kindOf } from './node-kind.ts';
import type { DecodeContext, Description, EnumerationValue, Meaning, Shape } from './shape.ts';

/**
 * A text scalar. Numbers and booleans are refused with the quotes that would make them text.
 *
 * @param means what editors know of such texts
 */
export function text(
  noun: string,
  pattern?: { readonly source: string; readonly doc: string },
  means?: Meaning,
): Shape<string> {
  const expression = pattern === undefined ? undefined : new RegExp(`^(?:${pattern.source})$`);
  return {
    description: {
      kind: 'string',
      noun,
      ...(pattern === undefined ? {} : { pattern: pattern.source, patternDoc: pattern.doc }),
      ...(means === undefined ? {} : { means }),
    },
    decode(node, context) {
      const scalar = expectScalar(node, noun, context);
      if (scalar === undefined) return undefined;
      if (typeof scalar.value !== 'string') return refuseUnquoted(scalar, noun, context);
      if (expression !== undefined && !expression.test(scalar.value)) {
        context.diagnostics.push(
          report('POL2006', scalar.span, { value: shorten(scalar.value), noun, expected: pattern!.doc }),
        );
        return undefined;
      }
      return scalar.value;
    },
  };
}

/**
 * One of a set of names; another is an error with the one that was probably meant.
 *
 * @param synonyms words that people write for a name, in small letters, words joined with `-`
 */
export function enumeration<Name extends string>(
  noun: string,
  values: Readonly<Record<Name, string>>,
  synonyms: Readonly<Record<string, NoInfer<Name>>> = {},
): Shape<Name> {
  const list: readonly EnumerationValue[] = Object.entries<string>(values).map(([name, doc]) => ({ name, doc }));
  return {
    description: { kind: 'enumeration', noun, values: () => list },
    decode(node, context) {
      const scalar = expectScalar(node, noun, context);
      if (scalar === undefined) return undefined;
      if (Object.hasOwn(values, scalar.text)) return scalar.text as Name;
      const names = list.map((value) => value.name);
      const meant = meantName(scalar.text, names, synonyms);
      context.diagnostics.push(
        report(
          'POL3001',
          scalar.span,
          { value: shorten(scalar.text), noun, expected: names.map((name) => `\`${name}\``).join(', ') },
          replaceWith(scalar, meant?.name, meant?.certain),
        ),
      );
      return undefined;
    },
  };
}

export const flag: Shape<boolean> = {
  description: { kind: 'boolean' },
  decode(node, context) {
    const scalar = expectScalar(node, '`true` or `false`', context);
    if (scalar === undefined) return undefined;
    if (typeof scalar.value === 'boolean') return scalar.value;
    // YAML 1.1 read these as booleans; YAML 1.2 reads them as text, which no reader of the file expects.
    const meant = { yes: 'true', on: 'true', no: 'false', off: 'false' }[scalar.text.toLowerCase()];
    context.diagnostics.push(
      report(
        'POL2004',
        scalar.span,
        { expected: '`true` or `false`', found: kindOf(scalar) },
        replaceWith(scalar, meant),
      ),
    );
    return undefined;
  },
};

export function number(range: { integer: boolean; minimum?: number; maximum?: number }): Shape<number> {
  const noun = range.integer ? 'a whole number' : 'a number';
  return {
    description: { kind: 'number', ...range },
    decode(node, context) {
      const scalar = expectScalar(node, noun, context);
      if (scalar === undefined) return undefined;
      if (typeof scalar.value !== 'number' || (range.integer && !Number.isSafeInteger(scalar.value))) {
        const meant = typeof scalar.value === 'string' && scalar.value !== '' ? Number(scalar.value) : Number.NaN;
        const better = Number.isNaN(meant) || scalar.style === 'plain' ? undefined : scalar.value;
        context.diagnostics.push(
          report(
            'POL2004',
            scalar.span,
            { expected: noun, found: kindOf(scalar) },
            replaceWith(scalar, better?.toString()),
          ),
        );
        return undefined;
      }
      const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = range;
      if (scalar.value < minimum || scalar.value > maximum || Number.isNaN(scalar.value)) {
        context.diagnostics.push(
          report('POL7101', scalar.span, { value: scalar.text, expected: describeRange(range.minimum, range.maximum) }),
        );
        return undefined;
      }
      return scalar.value;
    },
  };
}

const largestUnsigned64 = 0xffff_ffff_ffff_ffffn;

/** A whole number from 0 to 2^64 - 1, every digit of it: beyond 2^53 a `number` would round. */
export const unsigned64: Shape<bigint> = {
  description: { kind: 'number', integer: true, minimum: 0 },
  decode(node, context) {
    const noun = 'a whole number';
    const scalar = expectScalar(node, noun, context);
    if (scalar === undefined) return undefined;
    const { value } = scalar;
    if (typeof value !== 'bigint' && !(typeof value === 'number' && Number.isSafeInteger(value))) {
      context.diagnostics.push(report('POL2004', scalar.span, { expected: noun, found: kindOf(scalar) }));
      return undefined;
    }
    const exact = BigInt(value);
    if (exact < 0n || exact > largestUnsigned64) {
      const expected = `from 0 to ${largestUnsigned64}`;
      context.diagnostics.push(report('POL7101', scalar.span, { value: shorten(scalar.text), expected }));
      return undefined;
    }
    return exact;
  },
};

/**
 * A scalar that `parse` reads: a number with a unit, a small expression. `parse` gets the text and returns the value,
 * or a sentence that says what is wrong with it.
 */
export function quantity<T>(
  description: Extract<Description, { kind: 'quantity' }>,
  parse: (text: string, scalar: ScalarNode, context: DecodeContext) => T | Misread,
): Shape<T> {
  return {
    description,
    decode(node, context) {
      const scalar = expectScalar(node, description.noun, context);
      if (scalar === undefined) return undefined;
      const parsed = parse(scalar.text, scalar, context);
      if (!isMisread(parsed)) return parsed;
      context.diagnostics.push(
        report(
          'POL2007',
          scalar.span,
          { value: shorten(scalar.text), noun: description.noun, why: parsed.wrong, example: description.example },
          replaceWith(scalar, parsed.fix),
        ),
      );
      return undefined;
    },
  };
}

/** Why a text is no such quantity, and the text that was probably meant. */
export interface Misread {
  readonly wrong: string;
  readonly fix?: string;
}

function isMisread(parsed: unknown): parsed is Misread {
  return typeof parsed === 'object' && parsed !== null && 'wrong' in parsed;
}

export function expectScalar(node: YamlNode, expected: string, context: DecodeContext): ScalarNode | undefined {
  if (node.kind === 'scalar' && node.style !== 'missing') return node;
  context.diagnostics.push(
    node.kind === 'scalar'
      ? report('POL2005', node.span, { expected })
      : report('POL2004', node.span, { expected, found: kindOf(node) }),
  );
  return undefined;
}

function refuseUnquoted(scalar: ScalarNode, noun: string, context: DecodeContext): undefined {
  context.diagnostics.push(
    report(
      'POL2004',
      scalar.span,
      { expected: noun, found: kindOf(scalar) },
      {
        help: `quote it to make it text: \`"${scalar.text}"\``,
        fixes: [
          { title: 'add quotes', certain: true, edits: [{ span: scalar.span, newText: JSON.stringify(scalar.text) }] },
        ],
      },
    ),
  );
  return undefined;
}

/** Help and fix for a scalar for which a better text is known; what is not `certain` only a person applies. */
export function replaceWith(scalar: ScalarNode, better: string | undefined, certain = true) {
  if (better === undefined) return {};
  return {
    help: `did you mean \`${better}\`?`,
    fixes: [{ title: `change to \`${better}\``, certain, edits: [{ span: scalar.span, newText: better }] }],
  };
}

/** User text inside a message: one line and at most 60 characters, so that a huge scalar stays a short message. */
export function shorten(value: string): string {
  const line = value.replace(/\s+/g, ' ');
  return line.length <= 60 ? line : `${line.slice(0, 57)}…`;
}

function describeRange(minimum?: number, maximum?: number): string {
  if (minimum !== undefined && maximum !== undefined) return `from ${minimum} to ${maximum}`;
  return minimum !== undefined ? `at least ${minimum}` : `at most ${maximum}`;
}
