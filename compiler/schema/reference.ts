import type { Description, FieldDescription } from './shape.ts';

/** Longer enumerations are named, not listed. */
const longest = 48;

/**
 * The reference of a kind of file, in Markdown: every key with its type, whether it is required, and an example.
 *
 * @param introduction paragraphs between the title and the first key
 */
export function referencePage(title: string, introduction: readonly string[], description: Description): string {
  const lines = [`# ${title}`, ...introduction.flatMap((paragraph) => ['', paragraph])];
  section('', description, lines);
  return `${lines.join('\n')}\n`;
}

function section(path: string, description: Description, lines: string[]): void {
  for (const [name, field] of Object.entries(fields(description))) {
    const full = path === '' ? name : `${path}.${name}`;
    lines.push('', `${'#'.repeat(Math.min(full.split('.').length + 1, 5))} \`${full}\``, '');
    lines.push(`${field.doc.replaceAll('`s ', "'s ")}`, '');
    lines.push(`- ${typeText(field.description)}${requirement(field)}`);
    lines.push(`- example: \`${name}: ${field.example}\``);
    const values = enumerationOf(field.description);
    if (values !== undefined) {
      lines.push('', '| value | meaning |', '| --- | --- |');
      for (const value of values) lines.push(`| \`${value.name}\` | ${value.doc.replaceAll('|', '\\|')} |`);
    }
    section(full, field.description, lines);
  }
}

function requirement({ required, unless }: FieldDescription): string {
  if (!required) return '';
  return unless === undefined ? ', **required**' : `, **required** without \`${unless}\``;
}

function fields(description: Description): Readonly<Record<string, FieldDescription>> {
  switch (description.kind) {
    case 'object':
      return description.fields;
    case 'list':
      return fields(description.item);
    case 'mapping':
      return fields(description.values);
    case 'one-of':
      return Object.assign({}, ...description.alternatives.map(fields));
    default:
      return {};
  }
}

/** What may stand there, in a few words: `a size, such as `512MiB``. */
export function typeText(description: Description): string {
  switch (description.kind) {
    case 'string':
      return description.patternDoc === undefined ? description.noun : `${description.noun}: ${description.patternDoc}`;
    case 'enumeration':
      return description.noun;
    case 'boolean':
      return '`true` or `false`';
    case 'number': {
      const { integer, minimum, maximum } = description;
      const range = [minimum === undefined ? '' : ` from ${minimum}`, maximum === undefined ? '' : ` to ${maximum}`];
      return `a ${integer ? 'whole ' : ''}number${range.join('')}`;
    }
    case 'quantity':
      return `${description.noun}, such as \`${description.example}\``;
    case 'list':
      return `a list; each item: ${typeText(description.item)}`;
    case 'mapping':
      return `a map from ${nounOf(description.keys)} to ${typeText(description.values)}`;
    case 'object':
      return 'a map with the keys below';
    case 'one-of':
      return description.alternatives.map(typeText).join(', or ');
    default: {
      const unreachable: never = description;
      return unreachable;
    }
  }
}

function nounOf(description: Description): string {
  return description.kind === 'string' ? description.noun : typeText(description);
}

function enumerationOf(description: Description) {
  const inner =
    description.kind === 'list' ? description.item : description.kind === 'mapping' ? description.values : description;
  const values = inner.kind === 'enumeration' ? inner.values() : undefined;
  return values === undefined || values.length > longest ? undefined : values;
}
