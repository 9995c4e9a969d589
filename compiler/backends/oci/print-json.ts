/** JSON in two-space indentation that, unlike JSON.stringify, writes bigint as whole numbers. Ends with a line feed. */
export function printJson(value: unknown): string {
  return `${print(value, '\n')}\n`;
}

function print(value: unknown, line: string): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${line}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    if (value.every((item) => typeof item !== 'object'))
      return `[${value.map((item) => print(item, line)).join(', ')}]`;
    return `[${inner}${value.map((item) => print(item, inner)).join(`,${inner}`)}${line}]`;
  }
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  if (fields.length === 0) return '{}';
  return `{${inner}${fields.map(([key, field]) => `${JSON.stringify(key)}: ${print(field, inner)}`).join(`,${inner}`)}${line}}`;
}
