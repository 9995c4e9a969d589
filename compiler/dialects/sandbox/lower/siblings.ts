import type { Diagnostic, Fix } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import type { Effect } from '../../../ir/policy.ts';
import type { Located } from '../../../schema/shape.ts';
import { positionAt } from '../../../source/text.ts';
import type { Architecture } from '../../../tables/architectures.ts';
import { errnoValue } from '../../../tables/errno.ts';
import { groupMembers } from '../../../tables/syscall-groups.ts';
import { syscallSiblings } from '../../../tables/syscall-siblings.ts';
import { syscallNumber } from '../../../tables/syscalls.ts';
import type { SeccompDocument } from '../shape.ts';
import type { CallEffects } from './call-effects.ts';
import type { Picked } from './lowering.ts';

type Names = Located<readonly Located<string>[]>;

/**
 * Says where a call is refused by its name and another one that does the same passes (POL5026). Only a refusal of the
 * call whatever its arguments counts, and only a sibling that passes whatever its own are. A sibling that the policy
 * itself speaks of was not forgotten, and ENOSYS is how a C library is sent to an older call.
 */
export function checkSiblings(
  effectOf: CallEffects,
  architectures: readonly Architecture[],
  documents: readonly Picked<SeccompDocument>[],
  refusal: Effect,
  diagnostics: Diagnostic[],
): void {
  const spokenOf = new Set<string>();
  for (const { value } of documents) addNames(value, spokenOf);
  for (const document of documents) {
    const { deny, rules } = document.value;
    if (deny !== undefined && refuses(refusal)) check(deny, document);
    for (const { value } of rules?.value ?? []) {
      const { syscalls, action, when } = value;
      if (syscalls !== undefined && when === undefined && action !== undefined && refuses(action.value))
        check(syscalls, document);
    }
  }

  function check(list: Names, { source }: Picked<SeccompDocument>): void {
    for (const entry of list.value) {
      const name = entry.value;
      if (groupMembers(name) !== undefined) continue;
      const where = new Map<string, Architecture[]>();
      for (const architecture of architectures) {
        if (effectOf(architecture, name)?.kind === 'allow') continue;
        for (const sibling of syscallSiblings(name, architecture)) {
          if (spokenOf.has(sibling) || syscallNumber(architecture, sibling) === undefined) continue;
          const kind = effectOf(architecture, sibling)?.kind;
          if (kind !== 'allow' && kind !== 'log') continue;
          const known = where.get(sibling);
          if (known === undefined) where.set(sibling, [architecture]);
          else known.push(architecture);
        }
      }
      if (where.size === 0) continue;
      const siblings = [...where.keys()];
      const notes = [...where]
        .filter(([, on]) => on.length < architectures.length)
        .map(([sibling, on]) => `\`${sibling}\` is a call of ${on.join(', ')}`);
      diagnostics.push(
        report(
          'POL5026',
          entry.span,
          { name, siblings: siblings.map((sibling) => `\`${sibling}\``).join(', ') },
          { notes, fixes: insertion(list, entry, siblings, source) },
        ),
      );
      // Of a family that is refused in part, what is left is said once.
      for (const sibling of siblings) spokenOf.add(sibling);
    }
  }
}

function refuses(effect: Effect): boolean {
  switch (effect.kind) {
    case 'errno':
      return effect.errno !== errnoValue('ENOSYS');
    case 'deny':
    case 'trap':
    case 'kill-process':
    case 'kill-thread':
      return true;
    case 'allow':
    case 'log':
    case 'trace':
    case 'notify':
      return false;
    default: {
      const unreachable: never = effect;
      return unreachable;
    }
  }
}

/** What the lists of the policy name; the members of a group do not count, since nobody wrote them out. */
function addNames({ deny, log, allow, rules }: SeccompDocument, names: Set<string>): void {
  const lists = [deny, log, allow, ...(rules?.value ?? []).map(({ value }) => value.syscalls)];
  for (const list of lists) for (const { value } of list?.value ?? []) names.add(value);
}

/** Before the entry, since a comment may stand behind it. */
function insertion(
  list: Names,
  { span: { file, start } }: Located<string>,
  siblings: readonly string[],
  source: Picked<SeccompDocument>['source'],
): readonly Fix[] {
  if (list.node.kind !== 'sequence') return [];
  const separator = list.node.flow ? ', ' : `\n${' '.repeat(positionAt(source, list.node.span.start).column)}- `;
  const newText = siblings.map((sibling) => `${sibling}${separator}`).join('');
  const title = `refuse ${siblings.map((sibling) => `\`${sibling}\``).join(', ')} too`;
  return [{ title, certain: false, edits: [{ span: { file, start, end: start }, newText }] }];
}
