import { coreValue } from '../source/core-schema.ts';
import { accessWords } from './access-words.ts';
import type { Observations, Seen } from './observations.ts';
import type { PathEntry } from './path-entries.ts';

/** An item of a list in YAML: its first line begins after `- `. */
export type ItemLines = readonly string[];

/** The items of the lists of a policy that say what was seen, each with how often and where first. */
export function callItem(name: string, seen: Seen): ItemLines {
  return [`${name}  # ${evidence(seen)}`];
}

export function pathItem(entry: PathEntry, missing: boolean): ItemLines {
  const { path, rights, directory, files } = entry;
  const together = files > 0 ? `${files} files beneath it, ` : '';
  return [
    `path: ${yamlText(path)}  # ${together}${evidence(entry)}`,
    `access: ${accessWords(rights, directory)}`,
    // A path that is not there would keep the sandbox from starting.
    ...(missing ? ['optional: true'] : []),
  ];
}

export function portItem(port: number, seen: Seen, addresses: readonly string[]): ItemLines {
  const shown = addresses.slice(0, 3).join(', ');
  const more = addresses.length > 3 ? ` and ${addresses.length - 3} more addresses` : '';
  return [`${port}  # ${shown}${more}, ${evidence(seen)}`];
}

export function familyItem(families: Observations['families']): ItemLines | undefined {
  const names = [...families.keys()].sort();
  if (names.length === 0 || !names.every((name) => /^AF_[A-Z0-9]+$/.test(name))) return undefined;
  return [
    `syscalls: [socket]  # ${evidence(joined([...families.values()]))}`,
    `when: ${names.map((name) => `arg0 == ${name}`).join(' || ')}`,
  ];
}

/** Several counts as one; the first stays the first. */
export function joined(all: readonly Seen[]): Seen {
  return { count: all.reduce((sum, { count }) => sum + count, 0), first: all[0]?.first ?? '' };
}

/** A comment ends with its line, and so does what strace says of a call. */
function evidence({ count, first }: Seen): string {
  return count === 1 ? `once: ${first}` : `${count} times, first: ${first}`;
}

/** A text as YAML has it: plain where it is read as this very text, and not as a truth value, a number or nothing. */
export function yamlText(text: string): string {
  const isPlain = /^[A-Za-z0-9/._][A-Za-z0-9/._+@=,~-]*$/.test(text) && typeof coreValue(text) === 'string';
  return isPlain ? text : JSON.stringify(text);
}
