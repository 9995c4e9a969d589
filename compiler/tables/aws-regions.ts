import { nearest } from '../diagnostics/suggest.ts';
import type { AwsPartition } from '../target.ts';
import { china, commercial, government } from './aws-regions.generated.ts';

const words: Readonly<Record<AwsPartition, string>> = {
  aws: commercial,
  'aws-cn': china,
  'aws-us-gov': government,
};

let table: ReadonlyMap<string, AwsPartition> | undefined;

function partitions(): ReadonlyMap<string, AwsPartition> {
  if (table === undefined) {
    const found = new Map<string, AwsPartition>();
    for (const partition of ['aws', 'aws-cn', 'aws-us-gov'] as const) {
      for (const region of words[partition].trim().split(/\s/)) found.set(region, partition);
    }
    table = found;
  }
  return table;
}

/** The regions of a partition, sorted. */
export function regionsOf(partition: AwsPartition): readonly string[] {
  return words[partition].trim().split(/\s/);
}

/** The partition of a region, undefined for an unknown region or one of a partition that no target names. */
export function partitionOfRegion(region: string): AwsPartition | undefined {
  return partitions().get(region);
}

/** Whether this is the name of a region of one of the partitions that a target can name. */
export function isRegion(region: string): boolean {
  return partitions().has(region);
}

/** The region that a misspelt name probably stands for. */
export function nearestRegion(region: string): string | undefined {
  return nearest(region, partitions().keys());
}
