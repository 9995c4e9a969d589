import { report } from '../../../diagnostics/report.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Arn } from '../arn.ts';
import type { ActionDocument } from '../shape.ts';
import { checkPartition, distinct, isWrittenEmpty, type Lowering } from './lowering.ts';

interface Numbered {
  /** The place of the action in `actions`. */
  readonly index: number;
  readonly arn: Arn;
}

export interface Actions {
  /** The type of the first action that denies. */
  readonly denies: Located<string> | undefined;
  readonly boundary: Located<Numbered> | undefined;
  readonly topics: readonly Located<Numbered>[];
}

type ActionType = NonNullable<ActionDocument['type']>['value'];

/** The key that belongs to each type, with an example. */
const keys: Readonly<
  Record<ActionType, readonly [key: 'deny' | 'boundary_arn' | 'topic_arn', example: string] | undefined>
> = {
  attach_deny_policy: ['deny', 'deny: ["ec2:RunInstances"]'],
  set_permission_boundary: ['boundary_arn', 'boundary_arn: arn:aws:iam::123456789012:policy/guardrails-boundary'],
  send_sns: ['topic_arn', 'topic_arn: arn:aws:sns:us-east-1:123456789012:escalation'],
  notify_only: undefined,
};

/** What the list of actions asks for, each action checked for the keys of its type. */
export function readActions(lowering: Lowering): Actions {
  const { document, diagnostics } = lowering;
  const { actions } = document;
  if (actions === undefined) return { denies: undefined, boundary: undefined, topics: [] };
  if (isWrittenEmpty(actions)) diagnostics.push(report('POL5034', actions.span, {}));
  let denies: Located<string> | undefined;
  const boundaries: Located<Numbered>[] = [];
  const topics: Located<Numbered>[] = [];
  actions.value.forEach((action, index) => {
    checkKeys(action, lowering);
    const { type, boundary_arn: boundary, topic_arn: topic } = action.value;
    if (type?.value === 'attach_deny_policy') denies ??= type;
    if (type?.value === 'set_permission_boundary' && boundary !== undefined) {
      checkPartition(boundary.value, boundary.span, lowering);
      boundaries.push({ ...boundary, value: { index, arn: boundary.value } });
    }
    if (type?.value === 'send_sns' && topic !== undefined) {
      checkPartition(topic.value, topic.span, lowering);
      topics.push({ ...topic, value: { index, arn: topic.value } });
    }
  });
  const [boundary, ...others] = distinct(boundaries, ({ arn }) => arn.text, lowering);
  for (const { span } of others) {
    const related = [{ span: boundary!.span, label: 'the other boundary' }];
    diagnostics.push(report('POL5054', span, {}, { related }));
  }
  checkNotifyOnly(actions.value, lowering);
  return { denies, boundary, topics: distinct(topics, ({ arn }) => arn.text, lowering) };
}

function checkKeys({ value, node }: Located<ActionDocument>, { diagnostics }: Lowering): void {
  const { type } = value;
  if (type === undefined || node.kind !== 'map') return;
  const [wanted, example] = keys[type.value] ?? [];
  const written = new Set(node.entries.map(({ key }) => key.text));
  if (wanted !== undefined && example !== undefined && !written.has(wanted)) {
    diagnostics.push(report('POL2002', type.span, { key: wanted, example }));
  }
  for (const { key } of node.entries) {
    const owner = Object.entries(keys).find(([, entry]) => entry?.[0] === key.text)?.[0];
    if (owner === undefined || owner === type.value) continue;
    const related = [{ span: type.span, label: 'the type of this action' }];
    diagnostics.push(report('POL5056', key.span, { key: key.text, type: type.value, owner }, { related }));
  }
}

/** An action that says that nothing is done, beside one that does something. */
function checkNotifyOnly(actions: readonly Located<ActionDocument>[], { diagnostics }: Lowering): void {
  const idle = actions.find(({ value }) => value.type?.value === 'notify_only')?.value.type;
  const acting = actions.find(({ value }) => value.type !== undefined && value.type.value !== 'notify_only')?.value
    .type;
  if (idle === undefined || acting === undefined) return;
  const related = [{ span: acting.span, label: 'is done all the same' }];
  diagnostics.push(report('POL5055', idle.span, {}, { related }));
}
