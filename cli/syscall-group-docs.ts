import { basicStart } from '../compiler/tables/program-start.ts';
import { groupDoc, groupMembers, groupNames } from '../compiler/tables/syscall-groups.ts';

/** The group whose members depend on the target and on what refused calls get. */
const start = '@basic-start';
const startDoc = 'what a program needs to start, to write and to end, by architecture';
const startNote =
  'The members are those of x86_64 where refused calls fail; they depend on the architecture and on `default`.';
const width = 100;

/** Every group by its name with the `@`. */
export function knownGroups(): readonly string[] {
  return [start, ...groupNames()];
}

/** The groups, one line each: `polc docs groups`. */
export function groupIndex(): string {
  const rows = knownGroups().map((name) => [name, `${membersOf(name)?.length ?? 0}`, docOf(name)] as const);
  const longest = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, count, doc]) => `  ${name.padEnd(longest)}  ${count.padStart(3)}  ${doc}`);
  return `groups of system calls, with the number of their members; \`polc docs @GROUP\` lists them\n\n${lines.join('\n')}\n`;
}

/** A group's members: `polc docs @file-system`; undefined for a name that is no group. */
export function groupText(name: string): string | undefined {
  const members = membersOf(name);
  if (members === undefined) return undefined;
  const lines: string[] = [];
  let line = ' ';
  for (const member of members) {
    if (line.length + 1 + member.length > width) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${member}`;
  }
  lines.push(line);
  const note = name === start ? `\n${startNote}\n` : '';
  return `${name}: ${docOf(name)}\n${note}\n${lines.join('\n')}\n`;
}

function membersOf(name: string): readonly string[] | undefined {
  return name === start ? basicStart('x86_64', 'errno') : groupMembers(name);
}

function docOf(name: string): string {
  return name === start ? startDoc : (groupDoc(name) ?? '');
}
