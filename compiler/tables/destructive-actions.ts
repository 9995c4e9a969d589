import { actionsMatching } from './iam-actions.ts';

/** Seed 003 names the first three; the others delete a store of data in the same way. */
const names = [
  's3:DeleteBucket',
  'dynamodb:DeleteTable',
  'rds:DeleteDBInstance',
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  'rds:DeleteDBCluster',
];

let sorted: readonly string[] | undefined;

/** The actions that delete data, in canonical case, sorted. */
export function destructiveActions(): readonly string[] {
  sorted ??= names.flatMap((name) => actionsMatching(name)).sort();
  return sorted;
}
