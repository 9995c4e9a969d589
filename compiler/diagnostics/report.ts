import type { Span } from '../source/span.ts';
import type { Catalogue, Code } from './catalogue/index.ts';
import { messageOf } from './catalogue.ts';
import type { Diagnostic, Fix, RelatedSpan } from './diagnostic.ts';

/** The names between braces in a message: `Holes<'unknown key `{key}`'>` is `'key'`. */
type Holes<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Holes<Rest> : never;

type HolesOf<C extends Code> = Holes<Catalogue[C]['message']> | Holes<Catalogue[C]['help']>;

export type Values<C extends Code> = Readonly<Record<HolesOf<C>, string | number>>;

export interface ReportOptions {
  readonly label?: string;
  readonly related?: readonly RelatedSpan[];
  readonly notes?: readonly string[];
  /** Replaces the catalogue's help where a better next step is known, such as the nearest name. */
  readonly help?: string;
  readonly fixes?: readonly Fix[];
}

/** Builds the diagnostic of a catalogue entry; the holes of its message and help are checked by the type system. */
export function report<C extends Code>(
  code: C,
  span: Span,
  values: Values<C>,
  options: ReportOptions = {},
): Diagnostic {
  return reportFilled(code, span, values, options);
}

/** The same for a code that is known at run time only: whoever chose it has filled the holes of its entry. */
export function reportFilled(
  code: Code,
  span: Span,
  values: Readonly<Record<string, string | number>>,
  options: ReportOptions = {},
): Diagnostic {
  const entry = messageOf(code);
  return {
    code,
    severity: entry.severity,
    message: fill(entry.message, values),
    span,
    ...(options.label === undefined ? {} : { label: options.label }),
    related: options.related ?? [],
    notes: options.notes ?? [],
    help: options.help ?? fill(entry.help, values),
    fixes: options.fixes ?? [],
  };
}

/** The template with each `{hole}` that has a value filled in; other braces stay. */
function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  let filled = '';
  let copied = 0;
  for (let open = template.indexOf('{'); open !== -1; open = template.indexOf('{', open + 1)) {
    const close = template.indexOf('}', open);
    if (close === -1) break;
    const value = values[template.slice(open + 1, close)];
    if (value === undefined) continue;
    filled += template.slice(copied, open) + value;
    copied = close + 1;
  }
  return copied === 0 ? template : filled + template.slice(copied);
}
