import { aliasesOf } from './aliases.ts';
import { placeholder } from './arguments.ts';
import type { CommandShape } from './command.ts';
import type { Option } from './options.ts';

/** `polc VERB --help`. */
export function helpText(shape: CommandShape): string {
  const rows = Object.entries(shape.options).map(
    ([name, option]) => [optionHead(name, option), optionDoc(option)] as const,
  );
  rows.push(['-h, --help', 'show this help']);
  const usage = [`polc ${shape.name}`, '[OPTION]...', shape.operands].filter((word) => word !== '').join(' ');
  const parts = [`${shape.summary}\n\nusage: ${usage}${alsoCalled(shape.name)}`, `options:\n${columns(rows)}`];
  if (shape.details !== undefined) parts.push(shape.details);
  if (shape.examples !== undefined) parts.push(`examples:\n${shape.examples.map((line) => `  ${line}`).join('\n')}`);
  return `${parts.join('\n\n')}\n`;
}

/** The summaries of verbs, in the order in which help lists them. */
export type Summaries = Readonly<Record<string, string>>;

/** `polc --help`. */
export function overview(summaries: Summaries): string {
  return `polc compiles policies and checks what it emits against them

usage: polc VERB [OPTION]... [OPERAND]...

verbs:
${columns(Object.entries(summaries))}

\`polc VERB --help\` tells more of each; \`polc docs CODE\` explains a diagnostic; \`polc --version\` prints the version
exit codes: 0 fine, 1 the policy is wrong, 2 usage, 3 the environment, 4 the answer is no, 70 a mistake in polc
`;
}

/** `polc NOUN --help`. */
export function nounHelp(name: string, summary: string, summaries: Summaries): string {
  return `${summary}\n\nusage: polc ${name} VERB [OPTION]... [OPERAND]...${alsoCalled(name)}\n\nverbs:\n${columns(Object.entries(summaries))}\n\n\`polc ${name} VERB --help\` tells more of each\n`;
}

/** `also: polc profiles`; empty where there are no other words. */
function alsoCalled(name: string): string {
  const others = aliasesOf(name).map((words) => `polc ${words}`);
  return others.length === 0 ? '' : `\nalso: ${others.join(', ')}`;
}

function optionHead(name: string, option: Option): string {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  const value = placeholder(option);
  return `${short}--${name}${value === '' ? '' : ` ${value}`}`;
}

function optionDoc(option: Option): string {
  const fallback = 'default' in option && option.default !== undefined ? ` (${option.default} unless told)` : '';
  const others = (option.also ?? []).map((name) => `--${name}`);
  return `${option.doc}${fallback}${others.length === 0 ? '' : `; also ${others.join(', ')}`}`;
}

/** Two columns; a head that is too wide for the first has its text on the next line. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(28, Math.max(...rows.map(([head]) => head.length)));
  return rows
    .map(([head, text]) =>
      head.length > width ? `  ${head}\n  ${' '.repeat(width)}  ${text}` : `  ${head.padEnd(width)}  ${text}`,
    )
    .join('\n');
}
