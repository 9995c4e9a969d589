import type { Architecture } from '../tables/architectures.ts';
import { networkMode, tcpPorts, usesNames } from './network-use.ts';
import type { Observations } from './observations.ts';
import { pathEntries } from './path-entries.ts';
import { callItem, familyItem, type ItemLines, pathItem, portItem, yamlText } from './policy-lines.ts';

/** What a new policy says besides what was seen. */
export interface NewPolicy {
  readonly name: string;
  readonly architecture: Architecture;
  /** The command, as a person would type it. */
  readonly command: string;
  /** Whether the program ran as root, whose capabilities a trace does not see in use. */
  readonly asRoot: boolean;
  exists(path: string): boolean;
}

/**
 * A policy that allows what was seen and nothing else, as far as the kernel can tell one from the other; each line says
 * how often it was used, and when first.
 */
export function newPolicy(seen: Observations, about: NewPolicy): string {
  const mode = networkMode(seen);
  const calls = [...seen.calls].sort(([a], [b]) => (a < b ? -1 : 1));
  const family = familyItem(seen.families);
  const paths = pathEntries(seen.paths);
  const lines = [
    `# What one run was seen to do, by \`polc trace\`: ${about.command}`,
    '# Another input, an error or a signal takes other ways: trace those too, with `--policy` and this file.',
    `profile: ${yamlText(about.name)}`,
    'mode: sandbox',
    'security:',
    ...(about.asRoot ? [] : ['  capabilities: []  # it ran as an ordinary user']),
    '  seccomp:',
    '    default: errno(EPERM)',
    `    architectures: [${about.architecture}]`,
    ...(family === undefined ? [] : ['    rules:', ...indented([family], 6)]),
    '    allow:',
    ...indented(
      calls.filter(([name]) => name !== 'socket' || family === undefined).map(([name, use]) => callItem(name, use)),
      6,
    ),
    '  landlock:',
    ...listed(
      'paths',
      paths.map((entry) => pathItem(entry, !about.exists(entry.path))),
    ),
    ...(mode === 'none' ? [] : listed('bind', tcpPorts(seen, 'bind').map(asPort))),
    ...(mode === 'none' ? [] : listed('connect', tcpPorts(seen, 'connect').map(asPort))),
    `    scopes: [${scopes(seen).join(', ')}]`,
    'network:',
    `  mode: ${mode}`,
    ...(mode === 'none' || usesNames(seen) ? [] : ['  dns: disabled  # no name was looked up']),
  ];
  return `${lines.join('\n')}\n`;
}

function asPort({ port, addresses, ...seen }: ReturnType<typeof tcpPorts>[number]): ItemLines {
  return portItem(port, seen, addresses);
}

function scopes({ abstractSockets, foreignSignals }: Observations): readonly string[] {
  return [
    ...(abstractSockets === undefined ? ['abstract-unix-socket'] : []),
    ...(foreignSignals === undefined ? ['signal'] : []),
  ];
}

function listed(key: string, items: readonly ItemLines[]): readonly string[] {
  return items.length === 0 ? [`    ${key}: []`] : [`    ${key}:`, ...indented(items, 6)];
}

function indented(items: readonly ItemLines[], columns: number): readonly string[] {
  const blanks = ' '.repeat(columns);
  return items.flatMap(([first, ...rest]) => [`${blanks}- ${first}`, ...rest.map((line) => `${blanks}  ${line}`)]);
}
