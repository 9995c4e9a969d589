import { groupMembers } from '../../tables/syscall-groups.ts';
import type { Place } from '../locate.ts';

/** The system calls that the rule around a `when:` speaks of, those of groups too. */
export function ruleCalls({ levels }: Place): readonly string[] {
  const rule = levels.at(-1)?.node;
  if (rule?.kind !== 'map') return [];
  const list = rule.entries.find(({ key }) => key.text === 'syscalls')?.value;
  if (list?.kind !== 'sequence') return [];
  return list.items.flatMap((item) => (item.kind === 'scalar' ? (groupMembers(item.text) ?? [item.text]) : []));
}
