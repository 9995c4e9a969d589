/**
 * The value of a plain scalar by the core schema of YAML 1.2.2 (section 10.3.2). Integers beyond 2^53 are bigints,
 * so that account numbers and 64-bit masks keep every digit.
 */
export function coreValue(text: string): string | number | bigint | boolean | null {
  switch (text.charCodeAt(0)) {
    case 0x7e: // ~
      return text.length === 1 ? null : text;
    case 0x6e: // n
    case 0x4e: // N
      return text === 'null' || text === 'Null' || text === 'NULL' ? null : text;
    case 0x74: // t
    case 0x54: // T
      return text === 'true' || text === 'True' || text === 'TRUE' ? true : text;
    case 0x66: // f
    case 0x46: // F
      return text === 'false' || text === 'False' || text === 'FALSE' ? false : text;
    case 0x2b: // +
    case 0x2d: // -
    case 0x2e: // .
      return numberValue(text);
    default: {
      if (text === '') return null;
      const first = text.charCodeAt(0);
      return first >= 0x30 && first <= 0x39 ? numberValue(text) : text;
    }
  }
}

const decimal = /^[-+]?[0-9]+$/;
const prefixed = /^0(?:o[0-7]+|x[0-9a-fA-F]+)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const infinity = /^[-+]?\.(?:inf|Inf|INF)$/;
const notANumber = /^\.(?:nan|NaN|NAN)$/;

function numberValue(text: string): string | number | bigint {
  if (decimal.test(text)) return integer(text, text.startsWith('+') ? text.slice(1) : text);
  if (prefixed.test(text)) return integer(text, text);
  if (float.test(text)) return Number.parseFloat(text);
  if (infinity.test(text)) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return notANumber.test(text) ? Number.NaN : text;
}

/** Longest run of digits that is read as a number: reading more is quadratic, and no field has room for it. */
const longestInteger = 1024;

function integer(text: string, digits: string): string | number | bigint {
  const value = Number(digits);
  if (Number.isSafeInteger(value)) return value;
  if (text.length > longestInteger) return text;
  return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits);
}
