import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import type { Origin } from '../../../ir/policy.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Span } from '../../../source/span.ts';
import type { SourceText } from '../../../source/text.ts';
import { partitionOfRegion } from '../../../tables/aws-regions.ts';
import type { AwsPartition, Target } from '../../../target.ts';
import type { Arn } from '../arn.ts';
import type { GuardrailDocument } from '../shape.ts';

export interface Lowering {
  readonly document: GuardrailDocument;
  /** The path of the policy's own file. */
  readonly path: string;
  readonly sources: ReadonlyMap<string, SourceText>;
  /** What put there what a file says that the policy extends, by its path. */
  readonly bases: ReadonlyMap<string, string>;
  readonly target: Target;
  readonly diagnostics: Diagnostic[];
}

export function originOf(span: Span, { bases }: Lowering): Origin {
  const by = bases.get(span.file);
  return by === undefined ? { span } : { span, by };
}

/** The entries without those that mean what an earlier one does, which are reported. */
export function distinct<T>(
  entries: readonly Located<T>[],
  meaning: (value: T) => string,
  { diagnostics }: Lowering,
): readonly Located<T>[] {
  const first = new Map<string, Located<T>>();
  for (const entry of entries) {
    const key = meaning(entry.value);
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, entry);
      continue;
    }
    const related = [{ span: earlier.span, label: 'the first time' }];
    diagnostics.push(report('POL5050', entry.span, {}, { related }));
  }
  return [...first.values()];
}

/** Reports a list that was written empty where that means that nothing ever happens. */
export function refuseEmpty(
  list: Located<readonly unknown[]> | undefined,
  key: string,
  { diagnostics }: Lowering,
): void {
  if (list !== undefined && isWrittenEmpty(list)) diagnostics.push(report('POL5049', list.span, { key }));
}

/** Whether the list has no entries, also none that could not be read. */
export function isWrittenEmpty({ node }: Located<readonly unknown[]>): boolean {
  return node.kind === 'sequence' && node.items.length === 0;
}

/** Reports regions that the target's partition does not have. */
export function checkRegions(regions: readonly Located<string>[], { target, diagnostics }: Lowering): void {
  for (const { value, span } of regions) {
    const partition = partitionOfRegion(value);
    if (partition === undefined || partition === target.aws.partition) continue;
    diagnostics.push(report('POL3065', span, { region: value, partition, target: target.aws.partition }));
  }
}

/** Warns of an ARN of a partition that is not the target's. */
export function checkPartition(arn: Arn, span: Span, { target, diagnostics }: Lowering): void {
  const own: AwsPartition = target.aws.partition;
  if (arn.partition === own) return;
  diagnostics.push(report('POL3067', span, { arn: arn.text, partition: arn.partition, target: own }));
}

/** `a`, `b` and 3 more, in backticks. */
export function listed(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).map((name) => `\`${name}\``);
  if (names.length > most) shown.push(`${names.length - most} more`);
  if (shown.length < 2) return shown.join('');
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
