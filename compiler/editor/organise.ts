import type { TextEdit } from '../diagnostics/diagnostic.ts';
import type { Span } from '../source/span.ts';
import { positionAt } from '../source/text.ts';
import type { ScalarNode, SequenceNode, YamlNode } from '../source/tree.ts';
import type { EditorDocument } from './document.ts';

/** Lists in which the order means nothing, as keys from the root; `*` is every key of a map and every item of a list. */
const sets: Readonly<Record<string, readonly string[]>> = {
  sandbox: [
    'security.capabilities',
    'security.seccomp.architectures',
    'security.seccomp.allow',
    'security.seccomp.deny',
    'security.seccomp.log',
    'security.seccomp.rules.*.syscalls',
    'security.landlock.paths.*.access',
    'security.landlock.bind',
    'security.landlock.connect',
    'security.landlock.scopes',
  ],
  guardrail: ['', 'overrides.'].flatMap((above) =>
    [
      'match.source',
      'match.account_ids',
      'match.services',
      'match.regions',
      'scope.regions',
      'actions.*.deny',
      'exceptions.accounts',
      'exceptions.principals',
    ].map((way) => above + way),
  ),
  tenancy: ['platform_default', 'tiers.*', 'teams.*.overrides', 'teams.*.users.*.overrides'].map(
    (way) => `${way}.models_allowed`,
  ),
  template: [
    'compile_to_ami.regions',
    'policy_metadata.compliance_frameworks',
    'policy_metadata.data_handling',
    'policy_metadata.allowed_profiles',
    'policy_metadata.resource_limits.max_instance_types',
    'policy_metadata.resource_limits.allowed_instance_types',
    'policy_metadata.resource_limits.forbidden_regions',
    'policy_metadata.resource_limits.required_tags',
  ],
  governance: ['institution', 'profile', 'invitation'].flatMap((part) =>
    [
      'allowed_sources',
      'approval_required',
      'compliance_frameworks',
      'allowed_templates',
      'template_whitelist',
      'denied_templates',
      'template_blacklist',
      'allowed_images',
      'denied_images',
      'allowed_instance_types',
      'max_instance_types',
      'denied_instance_types',
      'allowed_regions',
      'forbidden_regions',
      'denied_regions',
      'required_tags',
      'required_frameworks',
      'data_handling_rules',
      'template_lifecycle.deprecated',
      'template_lifecycle.retired',
    ].map((way) => `${part}.${way}`),
  ),
};

/** What may change places with others: an item, in a list of lines with the comment behind it. */
export interface Slot {
  readonly item: ScalarNode;
  readonly span: Span;
  readonly line: number;
}

/**
 * The edits that sort lists in which the order means nothing: `@groups` first, then by name or number. Comment lines and
 * blank lines part a list into sections that are sorted each by itself, since they speak of what is below them; a comment
 * behind an item goes with it.
 */
export function organiseEdits(document: EditorDocument): readonly TextEdit[] {
  const edits: TextEdit[] = [];
  const seen = new Set<YamlNode>();
  for (const { root } of document.documents) {
    if (root === undefined) continue;
    for (const way of sets[document.dialect?.name ?? ''] ?? []) {
      for (const node of nodesAt(root, way.split('.'))) {
        if (node.kind !== 'sequence' || seen.has(node)) continue;
        seen.add(node);
        for (const section of sectionsOf(node, document)) edits.push(...sorted(section, document));
      }
    }
  }
  return edits.sort((left, right) => left.span.start - right.span.start);
}

/** The nodes at keys from the root; `*` is every key of a map and every item of a list. */
export function nodesAt(root: YamlNode, way: readonly string[]): readonly YamlNode[] {
  let found: readonly YamlNode[] = [root];
  for (const step of way) {
    found = found.flatMap((node): readonly YamlNode[] => {
      if (node.kind === 'map') {
        return node.entries.filter(({ key }) => step === '*' || key.text === step).map(({ value }) => value);
      }
      return node.kind === 'sequence' && step === '*' ? node.items : [];
    });
  }
  return found;
}

/** The parts of a list whose items may change places; none where it holds what cannot be moved. */
function sectionsOf(list: SequenceNode, document: EditorDocument): readonly (readonly Slot[])[] {
  const { source } = document;
  const slots: Slot[] = [];
  for (const item of list.items) {
    const slot = item.kind === 'scalar' ? slotOf(item, list, document) : undefined;
    if (slot === undefined) return [];
    slots.push(slot);
  }
  if (list.flow) {
    const { start, end } = list.span;
    const isCommented = document.documents.some(({ comments }) =>
      comments.some(({ span }) => start < span.start && span.start < end),
    );
    return isCommented ? [] : [slots];
  }
  const sections: Slot[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const slot of slots) {
    if (slot.line === last + 1) sections.at(-1)?.push(slot);
    // A comment that allows a finding is of the very item below it.
    else if (isAllowance(source.text, source.lineStarts[slot.line - 1])) sections.push([slot], []);
    else sections.push([slot]);
    last = slot.line;
  }
  return sections;
}

/** Whether a line is a comment that allows a finding of the line below it. */
export function isAllowance(text: string, lineStart: number | undefined): boolean {
  return lineStart !== undefined && /^[ \t]*#\s*polc:/.test(text.slice(lineStart, lineStart + 200));
}

/** Undefined where the item has more than one line, an anchor or a tag, is an alias, or shares its line with others. */
export function slotOf(
  item: ScalarNode,
  { flow, span: list }: SequenceNode,
  { source }: EditorDocument,
): Slot | undefined {
  const { text, lineStarts } = source;
  const { start, end } = item.span;
  if (item.style === 'missing' || start < list.start || end > list.end) return undefined;
  if (text.slice(start, end).includes('\n')) return undefined;
  const { line } = positionAt(source, start);
  if (flow) return isBehindBracketOrComma(text, start) ? { item, span: item.span, line } : undefined;
  if (!/^[ \t]*-[ \t]+$/.test(text.slice(lineStarts[line], start))) return undefined;
  const rest = /^[^\r\n]*/.exec(text.slice(end, lineStarts[line + 1] ?? text.length))?.[0] ?? '';
  return { item, span: { ...item.span, end: end + rest.trimEnd().length }, line };
}

function sorted(slots: readonly Slot[], { source }: EditorDocument): readonly TextEdit[] {
  const order = [...slots].sort(({ item: left }, { item: right }) => compare(left, right));
  return slots.flatMap(({ span }, index) => {
    const other = order[index]!.span;
    const newText = source.text.slice(other.start, other.end);
    return newText === source.text.slice(span.start, span.end) ? [] : [{ span, newText }];
  });
}

function compare(left: ScalarNode, right: ScalarNode): number {
  if (typeof left.value === 'number' && typeof right.value === 'number') return left.value - right.value;
  const [one, other] = [left, right].map(({ text }) => (text.startsWith('@') ? 0 : 1));
  if (one !== other) return one! - other!;
  return left.text < right.text ? -1 : left.text > right.text ? 1 : 0;
}

/** With nothing but white space in between; a text of one line may have a hundred thousand items. */
function isBehindBracketOrComma(text: string, start: number): boolean {
  let at = start - 1;
  while (/\s/.test(text[at] ?? '')) at -= 1;
  return text[at] === '[' || text[at] === ',';
}
