import { ami } from './ami/index.ts';
import type { PlacedBackend } from './backend.ts';
import { budgetsAction } from './budgets-action/index.ts';
import { eventbridge } from './eventbridge/index.ts';
import { guardrail } from './guardrail/index.ts';
import { iam } from './iam/index.ts';
import { launchIam } from './launch-iam/index.ts';
import { scp } from './scp/index.ts';

/** What an AWS organisation enforces, in the order in which tables list them. */
export const awsBackends: readonly PlacedBackend[] = [guardrail, iam, scp, budgetsAction, eventbridge, ami, launchIam];
