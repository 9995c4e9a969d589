import type { TextEdit } from '../diagnostics/diagnostic.ts';
import type { SequenceNode } from '../source/tree.ts';
import { type Architecture, architectures } from '../tables/architectures.ts';
import { groupMembers, groupNames } from '../tables/syscall-groups.ts';
import { syscallNumber } from '../tables/syscalls.ts';
import type { EditorDocument } from './document.ts';
import { isAllowance, nodesAt, type Slot, slotOf } from './organise.ts';

/** A group that stands for calls which a list names one by one. */
export interface Grouping {
  readonly group: string;
  /** How many calls it stands for. */
  readonly calls: number;
  readonly edits: readonly TextEdit[];
}

const ways = [
  'security.seccomp.allow',
  'security.seccomp.deny',
  'security.seccomp.log',
  'security.seccomp.rules.*.syscalls',
];

/** A group of fewer calls says no more than they do. */
const fewest = 3;

/**
 * The groups of which the list of syscalls around a cursor names every call, the largest first. The list means the same
 * with the group in their place, and goes on to mean what the group does when that gets new calls.
 *
 * @param target the architectures that the policy is for, where it does not say so itself: calls of others need no name
 */
export function groupingsAt(
  document: EditorDocument,
  offset: number,
  target: readonly Architecture[],
): readonly Grouping[] {
  if (document.dialect?.name !== 'sandbox') return [];
  const lists = document.documents.flatMap(({ root }) =>
    root === undefined ? [] : ways.flatMap((way) => nodesAt(root, way.split('.'))),
  );
  const list = lists.find(({ kind, span }) => kind === 'sequence' && span.start <= offset && offset <= span.end);
  if (list?.kind !== 'sequence') return [];
  const slots = new Map<string, Slot>();
  for (const item of list.items) {
    const slot = item.kind === 'scalar' ? slotOf(item, list, document) : undefined;
    if (slot === undefined) return [];
    if (slots.has(slot.item.text)) return [];
    slots.set(slot.item.text, slot);
  }
  const served = ownArchitectures(document) ?? target;
  const exists = (name: string) => served.some((each) => syscallNumber(each, name) !== undefined);
  const found: Grouping[] = [];
  for (const group of groupNames()) {
    const members = (groupMembers(group) ?? []).filter(exists);
    if (group === '@known' || slots.has(group) || members.length < fewest) continue;
    const own = members.flatMap((member) => slots.get(member) ?? []);
    if (own.length < members.length) continue;
    const edits = replaced(list, [...slots.values()], new Set(own), group, document);
    if (edits !== undefined) found.push({ group, calls: members.length, edits });
  }
  return found.sort((left, right) => right.calls - left.calls);
}

function ownArchitectures({ documents }: EditorDocument): readonly Architecture[] | undefined {
  const [list] = documents.flatMap(({ root }) =>
    root === undefined ? [] : nodesAt(root, ['security', 'seccomp', 'architectures']),
  );
  if (list?.kind !== 'sequence') return undefined;
  const said = new Set(list.items.flatMap((item) => (item.kind === 'scalar' ? [item.text] : [])));
  return architectures.filter((each) => said.has(each));
}

/** Undefined where a comment speaks of one of the calls, which would be left without it. */
function replaced(
  list: SequenceNode,
  slots: readonly Slot[],
  own: ReadonlySet<Slot>,
  group: string,
  { source, documents }: EditorDocument,
): readonly TextEdit[] | undefined {
  const { text, lineStarts } = source;
  const inOrder = [...own].sort((left, right) => left.item.span.start - right.item.span.start);
  const first = inOrder[0]!;
  if (!list.flow) {
    for (const { item, span, line } of inOrder) {
      if (span.end > item.span.end || isAllowance(text, lineStarts[line - 1])) return undefined;
    }
    return inOrder.map((slot) =>
      slot === first
        ? { span: slot.item.span, newText: `"${group}"` }
        : {
            span: { ...slot.span, start: lineStarts[slot.line]!, end: lineStarts[slot.line + 1] ?? text.length },
            newText: '',
          },
    );
  }
  const { start, end } = list.span;
  const isPlain =
    !text.slice(start, end).includes('\n') &&
    documents.every(({ comments }) => comments.every(({ span }) => span.start < start || span.start > end));
  if (!isPlain) return undefined;
  const items = slots.flatMap((slot) =>
    slot === first ? [`"${group}"`] : own.has(slot) ? [] : [text.slice(slot.item.span.start, slot.item.span.end)],
  );
  return [{ span: list.span, newText: `[${items.join(', ')}]` }];
}
