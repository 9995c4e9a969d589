import { report } from '../../../diagnostics/report.ts';
import type { Located } from '../../../schema/shape.ts';
import { partitionOfRegion } from '../../../tables/aws-regions.ts';
import { checkList, type Lowering } from './lowering.ts';

/** Forbidden regions of a partition in which nothing is launched anyway. */
export function checkForbidden(regions: Located<readonly Located<string>[]> | undefined, lowering: Lowering): void {
  const own = lowering.target.aws.partition;
  // Forbidding no region forbids nothing, which is what it says.
  if (regions !== undefined && regions.value.length > 0) checkList(regions, 'forbidden_regions', lowering);
  for (const { value, span } of regions?.value ?? []) {
    const partition = partitionOfRegion(value);
    if (partition === undefined || partition === own) continue;
    lowering.diagnostics.push(report('POL5305', span, { region: value, partition, target: own }));
  }
}

/** Regions in which an image is wanted and cannot be, or cannot be launched. */
export function checkWanted(regions: readonly Located<string>[], { layers, target, diagnostics }: Lowering): void {
  const forbidden = layers.flatMap(
    ({ document }) => document.policy_metadata?.value.resource_limits?.value.forbidden_regions?.value ?? [],
  );
  for (const { value, span } of regions) {
    const partition = partitionOfRegion(value);
    if (partition !== undefined && partition !== target.aws.partition) {
      diagnostics.push(report('POL3065', span, { region: value, partition, target: target.aws.partition }));
    }
    const clash = forbidden.find((each) => each.value === value);
    if (clash === undefined) continue;
    const related = [{ span: clash.span, label: 'forbidden here' }];
    diagnostics.push(report('POL5306', span, { region: value }, { related }));
  }
}
