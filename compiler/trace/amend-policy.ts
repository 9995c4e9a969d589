import { applyEdits } from '../diagnostics/fixes.ts';
import type { Policy } from '../ir/policy.ts';
import { insertItems, type ListInsertion } from '../source/insert-items.ts';
import type { SourceText } from '../source/text.ts';
import type { MapNode, YamlNode } from '../source/tree.ts';
import type { Architecture } from '../tables/architectures.ts';
import { type Comparison, comparePolicy } from './compare-policy.ts';
import { tcpPorts } from './network-use.ts';
import type { Observations } from './observations.ts';
import { pathEntries } from './path-entries.ts';
import { callItem, pathItem, portItem } from './policy-lines.ts';

/** A policy with what a trace adds to it. */
export interface Amendment {
  readonly text: string;
  /** How the policy met what was seen, and how the amended one does. */
  readonly before: Comparison;
  readonly after: Comparison;
}

export interface Amended {
  readonly source: SourceText;
  readonly root: MapNode;
  readonly policy: Policy;
  readonly architecture: Architecture;
  exists(path: string): boolean;
  isDirectory(path: string): boolean;
  /** Lowers a text in the place of `source`; undefined where it has errors that the policy has not. */
  lower(text: string): Policy | undefined;
}

/**
 * Adds what was seen and the policy does not allow: system calls that only its default refuses, paths, and TCP ports
 * where it lists ports. What it refuses by name stays refused, and nothing is taken out.
 *
 * @returns undefined where the lists cannot be added to: see `insertItems`
 */
export function amendPolicy(seen: Observations, amended: Amended): Amendment | undefined {
  const { source, root, policy } = amended;
  const before = comparePolicy(policy, seen, amended);
  const calls: ListInsertion = {
    keys: ['security', 'seccomp', 'allow'],
    items: [...before.calls].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, one]) => callItem(name, one)),
  };
  const paths: ListInsertion = {
    keys: ['security', 'landlock', 'paths'],
    items: pathEntries(before.paths).map((entry) => pathItem(entry, !amended.exists(entry.path))),
  };
  const refusedSockets = { ...seen, sockets: before.sockets.map(({ use }) => use) };
  const ports = (['bind', 'connect'] as const)
    .filter((key) => at(root, ['security', 'landlock', key]) !== undefined)
    .map(
      (key): ListInsertion => ({
        keys: ['security', 'landlock', key],
        items: tcpPorts(refusedSockets, key).map(({ port, addresses, ...one }) => portItem(port, one, addresses)),
      }),
    );
  const attempt = (insertions: readonly ListInsertion[]): Amendment | undefined => {
    const edits = insertItems(source, root, insertions);
    if (edits === undefined) return undefined;
    const text = applyEdits(source.text, edits);
    const lowered = amended.lower(text);
    return lowered === undefined ? undefined : { text, before, after: comparePolicy(lowered, seen, amended) };
  };
  const whole = attempt([calls, paths, ...ports]);
  // A port that is refused all the same, by the mode of the network, would be a line that does nothing.
  return whole === undefined || whole.after.sockets.length < before.sockets.length ? whole : attempt([calls, paths]);
}

function at(node: YamlNode | undefined, keys: readonly string[]): YamlNode | undefined {
  let here = node;
  for (const key of keys) {
    here = here?.kind === 'map' ? here.entries.find((entry) => entry.key.text === key)?.value : undefined;
  }
  return here;
}
