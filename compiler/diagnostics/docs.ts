import { type Code, catalogue, groups } from './catalogue/index.ts';
import type { CatalogueEntry } from './entry.ts';
import { nearest } from './suggest.ts';

/** What `polc docs POL3002` prints: the entry as plain text, its Markdown marks kept only where they help a reader. */
export function documentation(code: Code): string {
  const entry: CatalogueEntry = catalogue[code];
  const parts = [
    `${entry.severity}[${code}]: ${entry.message}`,
    plain(entry.explanation),
    ...(hasHelp(entry) ? [`help: ${entry.help}`] : []),
    ...(entry.bad === undefined ? [] : [`This gives it:\n\n${indented(entry.bad)}`]),
    ...(entry.good === undefined ? [] : [`This does not:\n\n${indented(entry.good)}`]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Every code with its message, by group: what `polc docs` prints without a code. */
export function documentationIndex(): string {
  const parts: string[] = [];
  for (const group of Object.values(groups)) {
    const rows = entriesOf(group.entries).map(
      ([code, entry]) => `  ${code}  ${entry.severity.padEnd(7)}  ${entry.message}`,
    );
    if (rows.length > 0) parts.push(`${group.title}\n${rows.join('\n')}`);
  }
  return `${parts.join('\n\n')}\n`;
}

/** The code that a user means: any letter case, with or without `POL`. */
export function findCode(word: string): { readonly code: Code } | { readonly suggestion: string | undefined } {
  const upper = word.toUpperCase();
  const spelt = /^\d+$/.test(upper) ? `POL${upper}` : upper;
  if (isCode(spelt)) return { code: spelt };
  return { suggestion: nearest(spelt, Object.keys(catalogue)) };
}

function isCode(word: string): word is Code {
  return Object.hasOwn(catalogue, word);
}

/** The reference page `docs/diagnostics.md`, one section per code. */
export function referencePage(): string {
  const parts = [
    '# Diagnostics',
    'Generated from `compiler/diagnostics/catalogue/` by `npm run generate`. `polc docs CODE` shows one entry. A word in braces stands for what a policy says.',
  ];
  for (const group of Object.values(groups)) {
    const all = entriesOf(group.entries);
    if (all.length === 0) continue;
    parts.push(`## ${group.title}`);
    for (const [code, entry] of all) parts.push(section(code, entry));
  }
  return `${parts.join('\n\n')}\n`;
}

function section(code: string, entry: CatalogueEntry): string {
  const parts = [
    `### ${code}`,
    `**${entry.severity}**: ${entry.message}`,
    entry.explanation.trim(),
    ...(hasHelp(entry) ? [`Help: ${entry.help}.`] : []),
    ...(entry.bad === undefined ? [] : ['This gives it:', fenced(entry.bad)]),
    ...(entry.good === undefined ? [] : ['This does not:', fenced(entry.good)]),
  ];
  return parts.join('\n\n');
}

/** Whether the help says something by itself: that of some findings is all of the case. */
function hasHelp({ help }: CatalogueEntry): boolean {
  return !/^\{\w+\}$/.test(help);
}

function entriesOf(group: Readonly<Record<string, CatalogueEntry>>): readonly (readonly [string, CatalogueEntry])[] {
  return Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A hook program is no YAML. */
function fenced(source: string): string {
  const language = /^(?:hook \w|deny when |# nothing yet)/.test(source) ? '' : 'yaml';
  return `\`\`\`${language}\n${source.trimEnd()}\n\`\`\``;
}

function indented(source: string): string {
  return source
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');
}

/** Links become their text with the address behind it, fences become indentation; the rest reads well as it is. */
function plain(markdown: string): string {
  let fence = false;
  const lines: string[] = [];
  for (const line of markdown.trim().split('\n')) {
    if (line.startsWith('```')) fence = !fence;
    else if (fence) lines.push(line === '' ? '' : `    ${line}`);
    else lines.push(line.replace(/\[([^\]]+)\]\(([^)]+)\)/g, '$1 ($2)').replaceAll('**', ''));
  }
  return lines.join('\n');
}
