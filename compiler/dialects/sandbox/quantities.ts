import { grouped } from '../../diagnostics/grouped.ts';
import { report } from '../../diagnostics/report.ts';
import { quantity } from '../../schema/scalars.ts';
import type { Shape } from '../../schema/shape.ts';

const decimalUnits: Readonly<Record<string, number>> = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };
const binaryUnits: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
export const byteUnits: Readonly<Record<string, number>> = { ...decimalUnits, ...binaryUnits };

/**
 * A number of bytes with its unit. `MB` is decimal (10^6), as the SI says; since many tools read it as 2^20, a hint
 * says which it is.
 */
export const bytes: Shape<number> = quantity<number>(
  {
    kind: 'quantity',
    noun: 'a size',
    example: '512MiB',
    pattern: '[0-9]+(\\.[0-9]+)? ?(B|kB|KB|MB|GB|TB|KiB|MiB|GiB|TiB)',
    means: 'bytes',
  },
  (text, scalar, context) => {
    const match = /^([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]*)$/.exec(text);
    if (match === null) return { wrong: 'it needs a number and a unit' };
    const [, amount = '', unit = ''] = match;
    if (unit === '') return { wrong: 'it has no unit' };
    const factor = Object.hasOwn(byteUnits, unit) ? byteUnits[unit] : undefined;
    if (factor === undefined) {
      const spelled =
        Object.keys(byteUnits).find((known) => known.toLowerCase() === `${unit.toLowerCase()}b`) ??
        Object.keys(byteUnits).find((known) => known.toLowerCase() === unit.toLowerCase());
      return {
        wrong: `\`${unit}\` is no unit of size`,
        ...(spelled === undefined ? {} : { fix: `${amount}${spelled}` }),
      };
    }
    const value = Number(amount) * factor;
    if (!Number.isSafeInteger(value) || value <= 0) return { wrong: 'it is not a whole, positive number of bytes' };
    if (unit !== 'B' && Object.hasOwn(decimalUnits, unit)) {
      const binary = `${unit[0]!.toUpperCase()}iB`;
      context.diagnostics.push(
        report('POL7102', scalar.span, {
          value: text,
          bytes: grouped(value),
          unit,
          binary: `${amount}${binary}`,
        }),
      );
    }
    return value;
  },
);

/** In milliseconds. */
export const timeUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration, in milliseconds: `300s`, `1h30m`. */
export const milliseconds: Shape<number> = quantity<number>(
  { kind: 'quantity', noun: 'a duration', example: '300s', pattern: '([0-9]+(ms|s|m|h|d))+', means: 'duration' },
  (text) => {
    if (/^[0-9]+(\.[0-9]+)?$/.test(text)) return { wrong: 'it has no unit', fix: `${text}s` };
    if (!/^([0-9]+[a-z]+)+$/.test(text)) return { wrong: 'it needs whole numbers with units' };
    let total = 0;
    for (const [, amount = '', unit = ''] of text.matchAll(/([0-9]+)([a-z]+)/g)) {
      const factor = Object.hasOwn(timeUnits, unit) ? timeUnits[unit] : undefined;
      if (factor === undefined) return { wrong: `\`${unit}\` is no unit of time (ms, s, m, h, d)` };
      total += Number(amount) * factor;
    }
    if (!Number.isSafeInteger(total) || total <= 0) return { wrong: 'it is not positive' };
    return total;
  },
);

/** A share of processors: `1.0` is one whole CPU, `50%` and `500m` are half of one. */
export const cpus: Shape<number> = quantity<number>(
  { kind: 'quantity', noun: 'a number of CPUs', example: '1.5', pattern: '[0-9]+(\\.[0-9]+)?(%|m)?', means: 'cpus' },
  (text) => {
    const match = /^([0-9]+(?:\.[0-9]+)?)(%|m)?$/.exec(text);
    if (match === null) return { wrong: 'it needs a number such as `1.5`, `150%` or `1500m`' };
    const value = Number(match[1]) / (match[2] === '%' ? 100 : match[2] === 'm' ? 1000 : 1);
    // The kernel's quota is at least 1 ms in a period of at most 1 s.
    if (value < 0.001 || value > 65_536) return { wrong: 'it must be from 0.001 to 65536' };
    return value;
  },
);
