import type { Acceptance } from './dialects/dialect.ts';
import type { Enforceable } from './ir/policy.ts';

/** Every acceptance that names the node's topic: one of `match` and one of `match.services` are both of use. */
export type AcceptanceOf = (node: Pick<Enforceable, 'topic'>) => readonly Acceptance[];

/** A name as it can stand within `{}` in YAML: brackets would begin a list there. */
export function plainOrQuoted(name: string): string {
  return name.includes('[') ? `"${name}"` : name;
}

/** What one writes in a policy, as it stands, to be content without what has these names. */
export function acceptText(names: readonly string[]): string {
  return `accept: [${names.map((name) => `{ loss: ${plainOrQuoted(name)}, because: REASON }`).join(', ')}]`;
}

/** Sections of a policy that are too much to accept the loss of at once. */
const sections: readonly string[] = ['security', 'resources', 'network'];

/** Whether an acceptance would hide the losses of a whole section, also of the fields that are added to it later. */
export function isSection(loss: string): boolean {
  return sections.includes(loss);
}

/** The acceptances that name the topic of a node, looked for once a topic: each deployment asks for each node. */
export function acceptances(accepted: readonly Acceptance[]): AcceptanceOf {
  const known = new Map<string, readonly Acceptance[]>();
  const wanted = accepted.map(({ loss }) => loss.split('.'));
  return ({ topic }) => {
    let found = known.get(topic);
    if (found !== undefined) return found;
    const parts = topic.split('.');
    found = accepted.filter((_, index) => names(wanted[index]!, parts));
    known.set(topic, found);
    return found;
  };
}

/** Whether a loss names a topic: it is some of its consecutive components, with or without an index. */
function names(wanted: readonly string[], parts: readonly string[]): boolean {
  for (let start = 0; start + wanted.length <= parts.length; start++) {
    const fits = wanted.every(
      (word, at) => parts[start + at] === word || parts[start + at]!.replace(/\[\d+\]$/, '') === word,
    );
    if (fits) return true;
  }
  return false;
}

/** The name under which a topic's loss is accepted. */
export function shortName(topic: string): string {
  return topic.replace(/^(security|resources|network|performance)\./, '');
}
