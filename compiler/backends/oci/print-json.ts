/** JSON in two-space indentation that, unlike JSON.stringify, writes bigint as whole numbers. Ends with a line feed. */
export function printJson(value: unknown): string {
  return `${printJsonAt(0, value)}\n`;
}

/** The same for a value that stands in a text at a depth; without a line feed at the end. */
export function printJsonAt(depth: number, value: unknown): string {
  return print(value, `\n${'  '.repeat(depth)}`);
}

function print(value: unknown, line: string): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${line}  `;
  if (Array.isArray(value)) return printList(value, line, inner);
  let text = '';
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue;
    text += `${text === '' ? '{' : ','}${inner}${JSON.stringify(key)}: ${print(field, inner)}`;
  }
  return text === '' ? '{}' : `${text}${line}}`;
}

/** Plain values on one line; others on a line each. */
function printList(list: readonly unknown[], line: string, inner: string): string {
  if (list.length === 0) return '[]';
  if (list.every((item) => typeof item === 'string')) {
    // Names of system calls come by the hundred. Escapes would make the one text longer than the other with its spaces.
    const plain = `["${list.join('", "')}"]`;
    if (JSON.stringify(list).length + list.length - 1 === plain.length) return plain;
  }
  const flat = list.every((item) => typeof item !== 'object');
  const separator = flat ? ', ' : `,${inner}`;
  let text = '';
  for (const item of list) text += `${text === '' ? '' : separator}${print(item, inner)}`;
  return flat ? `[${text}]` : `[${inner}${text}${line}]`;
}
