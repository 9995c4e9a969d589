import { grouped } from '../../compiler/diagnostics/grouped.ts';
import type { Enforceable } from '../../compiler/ir/policy.ts';
import { type Position, positionAt, type SourceText } from '../../compiler/source/text.ts';
import type { Amendment } from '../../compiler/trace/amend-policy.ts';
import type { Observations, Seen } from '../../compiler/trace/observations.ts';
import { readsAsPattern } from '../../compiler/trace/path-entries.ts';

/** What was seen in one line: `1,204 system calls (41 kinds), 23 paths and 2 sockets, of 3 processes`. */
export function seenLine({ calls, paths, sockets, processes }: Observations): string {
  const total = [...calls.values()].reduce((sum, { count }) => sum + count, 0);
  return [
    `${grouped(total)} system ${total === 1 ? 'call' : 'calls'} of ${calls.size} ${calls.size === 1 ? 'kind' : 'kinds'}, `,
    `${counted(paths.size, 'path')} and ${counted(sockets.length, 'socket address', 'socket addresses')}, `,
    `of ${counted(processes, 'process', 'processes')}`,
  ].join('');
}

/** What a trace could not see, whatever was run. */
export function limitsOf(observations: Observations, asRoot: boolean): readonly string[] {
  const { unreadable, otherWidth, paths } = observations;
  const [pattern, ...others] = [...paths.keys()].filter(readsAsPattern);
  return [
    ...(asRoot ? ['capabilities: it ran as root, and a trace does not tell which it used'] : []),
    ...(pattern === undefined
      ? []
      : [
          `${counted(others.length + 1, 'path')} that a policy would take for a pattern, which is not written into it, first: ${pattern}`,
        ]),
    ...(unreadable === undefined
      ? []
      : [`${counted(unreadable.count, 'line')} of strace not understood, first: ${unreadable.first}`]),
    ...(otherWidth === undefined
      ? []
      : [
          `the system calls of ${otherWidth}-bit programs: they have other numbers, which no policy should allow by the way`,
        ]),
  ];
}

/** How a policy meets what was seen, line by line; nothing where it allows it all and is used whole. */
export function comparisonLines({ before, after }: Amendment, source: SourceText): readonly string[] {
  const added = [
    counted(before.calls.size - after.calls.size, 'system call'),
    counted(before.paths.size - after.paths.size, 'path'),
    counted(before.sockets.length - after.sockets.length, 'socket address', 'socket addresses'),
  ].filter((text) => !text.startsWith('0 '));
  const block = (title: string, lines: readonly string[]) => (lines.length === 0 ? [] : [title, ...aligned(lines)]);
  const place = (node: Enforceable) => placeOf(node, source);
  return [
    ...(added.length === 0 ? [] : [`used and not allowed yet: ${added.join(', ')}`]),
    ...block('refused by the policy, and left so:', [
      ...before.refused.map(({ shown, by, seen }) => `${place(by)}\t${shown}, ${evidence(seen)}`),
      ...after.sockets.map(({ use, by }) => {
        const what = `${use.operation} by ${use.transport.toUpperCase()}, ${use.address} port ${use.port}`;
        return `${place(by)}\t${what}, ${evidence(use)}`;
      }),
    ]),
    ...block(
      'allowed by arguments alone, which a trace does not tell in numbers:',
      [...before.conditional].map(([shown, seen]) => `${shown}\t${evidence(seen)}`),
    ),
    ...block(
      'allowed, and not exercised by this run:',
      before.unused.map(({ rule, what, rights }) => {
        const part = rights === undefined ? '' : `: ${rights.join(', ')}`;
        return `${place(rule)}\t${what}${part}`;
      }),
    ),
  ];
}

/** Two columns, between which there is a tab. */
function aligned(lines: readonly string[]): readonly string[] {
  const rows = lines.map((line) => line.split('\t', 2));
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`);
}

function placeOf({ origin, topic }: Enforceable, source: SourceText): string {
  const key = topic.replace(/\[\d+\]$/, '');
  if (origin.span.file !== source.path) return `${origin.span.file}  ${key}`;
  const { line, column }: Position = positionAt(source, origin.span.start);
  return `${source.path}:${line + 1}:${column + 1}  ${key}${origin.by === undefined ? '' : ` (${origin.by})`}`;
}

function evidence({ count, first }: Seen): string {
  return count === 1 ? `once: ${first}` : `${grouped(count)} times, first: ${first}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}
