/** What the printer takes: JSON without null. */
export type YamlValue = string | number | boolean | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/** A document in block style, keys in the order of the object. The same value gives the same text; ends with a line feed. */
export function printYaml(value: YamlValue): string {
  const lines: string[] = [];
  printBlock(value, '', lines);
  return `${lines.join('\n')}\n`;
}

function printBlock(value: YamlValue, indent: string, lines: string[]): void {
  if (isList(value)) {
    for (const item of value) {
      const below: string[] = [];
      printBlock(item, `${indent}  `, below);
      lines.push(`${indent}- ${below[0]!.slice(indent.length + 2)}`, ...below.slice(1));
    }
    return;
  }
  if (typeof value !== 'object') {
    lines.push(`${indent}${scalar(value, indent)}`);
    return;
  }
  for (const [key, each] of Object.entries(value)) {
    const head = `${indent}${scalar(key, indent)}:`;
    if (typeof each !== 'object') lines.push(`${head} ${scalar(each, `${indent}  `)}`);
    else if (isEmpty(each)) lines.push(`${head} ${isList(each) ? '[]' : '{}'}`);
    else {
      lines.push(head);
      printBlock(each, `${indent}  `, lines);
    }
  }
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

/** Read as another type by some reader of YAML 1.1 or 1.2, kubectl's among them, when they stand without quotes. */
const words = /^(true|false|yes|no|on|off|y|n|null|nan|inf|~)$/i;

/** Begins with a letter, so that it is no number, and holds nothing that ends a plain scalar. */
const plain = /^[A-Za-z](?:[^\p{C}\p{Zl}\p{Zp}:#]|:(?! |$)|(?<! )#)*$/u;

function scalar(value: string | number | boolean, indent: string): string {
  if (typeof value !== 'string') return String(value);
  if (value.includes('\n') && isBlock(value)) return `|-\n${indent}${value.replaceAll('\n', `\n${indent}`)}`;
  if (plain.test(value) && !value.endsWith(' ') && !words.test(value)) return value;
  return quoted(value);
}

/** Lines that a literal block gives back as they are. */
function isBlock(text: string): boolean {
  return text
    .split('\n')
    .every((line, index) => /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(line) && !(index === 0 && line.startsWith(' ')));
}

/** In double quotes, as JSON has it, with the characters escaped that JSON leaves and YAML does not show. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
