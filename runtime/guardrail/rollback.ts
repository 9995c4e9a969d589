import type { AwsPort } from './aws/port.ts';
import type { RollbackOutcome, Selection } from './outcome.ts';

export interface RollbackOptions {
  /** In milliseconds since 1970. */
  readonly now: number;
  /** Lists the calls and makes none that changes anything. */
  readonly dryRun?: boolean;
}

export async function rollback(
  _selection: Selection,
  _port: AwsPort,
  { dryRun = false }: RollbackOptions,
): Promise<RollbackOutcome> {
  return { ended: [], dryRun, diagnostics: [] };
}
