import type { YamlNode } from '../../compiler/source/tree.ts';

/** What is to be written as YAML; `as` is a scalar that is written as it is. */
export type Written =
  | string
  | number
  | boolean
  | { readonly as: string }
  | readonly Written[]
  | { readonly fields: readonly (readonly [key: string, value: Written])[] };

/** What a node says, without its comments. */
export function writtenOf(node: YamlNode): Written {
  switch (node.kind) {
    case 'scalar':
      // Numbers keep their spelling, as the dialect that reads them as texts does.
      return typeof node.value === 'string' ? node.text : { as: node.text };
    case 'sequence':
      return node.items.map(writtenOf);
    case 'map':
      return { fields: node.entries.map(({ key, value }) => [key.text, writtenOf(value)]) };
    default: {
      const unreachable: never = node;
      return unreachable;
    }
  }
}

/** As a block that begins at the beginning of a line and ends with a line feed. */
export function yamlText(value: Written, indent = ''): string {
  if (isList(value)) return value.map((item) => `${indent}- ${flow(item)}\n`).join('');
  if (typeof value !== 'object' || 'as' in value) return `${indent}${flow(value)}\n`;
  return value.fields.map(([key, field]) => `${indent}${scalar(key)}:${below(field, indent)}`).join('');
}

function below(value: Written, indent: string): string {
  if (isList(value)) {
    const line = flow(value);
    return line.length < 90 ? ` ${line}\n` : `\n${yamlText(value, `${indent}  `)}`;
  }
  return typeof value === 'object' && 'fields' in value ? `\n${yamlText(value, `${indent}  `)}` : ` ${flow(value)}\n`;
}

function flow(value: Written): string {
  if (isList(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value !== 'object') return typeof value === 'string' ? scalar(value) : String(value);
  if ('as' in value) return value.as;
  return `{ ${value.fields.map(([key, field]) => `${scalar(key)}: ${flow(field)}`).join(', ')} }`;
}

function isList(value: Written): value is readonly Written[] {
  return Array.isArray(value);
}

/** Bare where that is a text in every version of YAML, and else in double quotes, which JSON's are. */
function scalar(text: string): string {
  const word = /^[A-Za-z_][A-Za-z0-9_./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return word ? text : JSON.stringify(text);
}
