/** One system call as strace(1) tells it, with what it returned. */
export interface TracedCall {
  readonly process: number;
  readonly name: string;
  /** What stands between the parentheses. */
  readonly argumentText: string;
  /** What stands after ` = `: `3</etc/hosts>`, `-1 ENOENT (No such file or directory)`, `?`. */
  readonly result: string;
}

/** What a line says besides calls. */
export type TraceLine =
  | { readonly kind: 'call'; readonly call: TracedCall }
  | { readonly kind: 'begun'; readonly process: number; readonly name: string }
  /** A program of another width than strace's own runs from here on; its calls have other numbers. */
  | { readonly kind: 'width'; readonly process: number; readonly bits: number }
  /** Ends of processes, signals, and the rest of a line that was cut in two, of which the first part is missing. */
  | { readonly kind: 'other' }
  | { readonly kind: 'unreadable' };

export interface TraceReader {
  read(line: string): TraceLine;
  /** The processes that are inside a call of this name: `clone` has not returned yet when its child begins. */
  inside(names: ReadonlySet<string>): readonly number[];
}

/**
 * Reads lines of `strace -f -yy`, of which a call that another process interrupted is two: `name(args <unfinished ...>`
 * and `<... name resumed>rest`. Without -f there is no process at the start of a line; all lines are then of process 0.
 */
export function traceReader(): TraceReader {
  const unfinished = new Map<number, { readonly name: string; readonly text: string }>();
  return {
    read(line) {
      const { process, rest } = processOf(line);
      if (rest.startsWith('+++ ') || rest.startsWith('--- ')) {
        if (rest.startsWith('+++ ')) unfinished.delete(process);
        return { kind: 'other' };
      }
      if (rest.startsWith('[ Process PID=')) {
        const bits = /runs in (\d+) bit mode/.exec(rest)?.[1];
        return bits === undefined ? { kind: 'other' } : { kind: 'width', process, bits: Number(bits) };
      }
      if (rest.startsWith('<... ')) {
        const end = rest.indexOf(' resumed>');
        const before = unfinished.get(process);
        unfinished.delete(process);
        if (end < 0 || before === undefined) return { kind: 'other' };
        return whole(process, before.name, before.text + rest.slice(end + ' resumed>'.length));
      }
      const open = rest.indexOf('(');
      const name = rest.slice(0, Math.max(open, 0));
      if (!isName(name)) return { kind: 'unreadable' };
      if (rest.endsWith(' <unfinished ...>') || rest.endsWith('(<unfinished ...>')) {
        unfinished.set(process, { name, text: rest.slice(open + 1, -'<unfinished ...>'.length).trimEnd() });
        return { kind: 'begun', process, name };
      }
      return whole(process, name, rest.slice(open + 1));
    },
    inside: (names) => [...unfinished].filter(([, { name }]) => names.has(name)).map(([process]) => process),
  };
}

function processOf(line: string): { readonly process: number; readonly rest: string } {
  const match = /^(?:\[pid\s+(\d+)\] |(\d+)\s+)/.exec(line);
  return match === null
    ? { process: 0, rest: line }
    : { process: Number(match[1] ?? match[2]), rest: line.slice(match[0].length) };
}

/** `text` is all after the opening parenthesis. The result comes after the last `) = `, which no string can hold unescaped. */
function whole(process: number, name: string, text: string): TraceLine {
  const match = /\)\s+= (?!.*\)\s+= )/.exec(text);
  if (match === null) return { kind: 'unreadable' };
  return {
    kind: 'call',
    call: {
      process,
      name,
      argumentText: text.slice(0, match.index),
      result: text.slice(match.index + match[0].length),
    },
  };
}

function isName(text: string): boolean {
  return /^[a-z_][a-z0-9_]*$/.test(text);
}
