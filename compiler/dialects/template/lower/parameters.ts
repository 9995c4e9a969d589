import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { shorten } from '../../../schema/scalars.ts';
import type { Located } from '../../../schema/shape.ts';
import type { ParameterDocument } from '../setup-fields.ts';

/** What scripts have in the place of a parameter; undefined where it has no default. */
export function valueText({ default: value }: ParameterDocument): string | undefined {
  if (value === undefined) return undefined;
  return typeof value.value === 'string' ? value.value : value.value.map((item) => item.value).join(' ');
}

/** Why the default is no value of the parameter. */
export function valueProblem({ value: parameter }: Located<ParameterDocument>): Diagnostic | undefined {
  const { type, default: value, choices, min, max } = parameter;
  if (value === undefined) return undefined;
  const wrong = (expected: string) => report('POL4200', value.span, { value: shorten(shown(value.value)), expected });
  const kind = type?.value ?? 'string';
  if (typeof value.value !== 'string') return kind === 'list' ? undefined : wrong('one value');
  switch (kind) {
    case 'string':
    case 'list':
      return undefined;
    case 'bool':
      return value.value === 'true' || value.value === 'false' ? undefined : wrong('`true` or `false`');
    case 'int': {
      if (!/^[+-]?\d+$/.test(value.value)) return wrong('a whole number');
      const number = Number(value.value);
      if (min !== undefined && number < min.value) return wrong(`at least ${min.value}`);
      return max !== undefined && number > max.value ? wrong(`at most ${max.value}`) : undefined;
    }
    case 'choice': {
      const known = choices?.value.map((choice) => choice.value) ?? [];
      return known.includes(value.value)
        ? undefined
        : wrong(known.map((choice) => `\`${choice}\``).join(', ') || 'a choice');
    }
    default: {
      const unreachable: never = kind;
      return unreachable;
    }
  }
}

function shown(value: string | readonly Located<string>[]): string {
  return typeof value === 'string' ? value : value.map((item) => item.value).join(' ');
}
