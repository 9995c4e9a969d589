import type { PlacedBackend } from './backend.ts';
import { budgetsAction } from './budgets-action/index.ts';
import { cgroup } from './cgroup/index.ts';
import { eventbridge } from './eventbridge/index.ts';
import { guardrail } from './guardrail/index.ts';
import { iam } from './iam/index.ts';
import { ir } from './ir/index.ts';
import { landlock } from './landlock/index.ts';
import { launcher } from './launcher/index.ts';
import { oci } from './oci/index.ts';
import { scp } from './scp/index.ts';
import { seccomp } from './seccomp/index.ts';

/** Every backend, in the order in which tables and references list them. */
export const backends: readonly PlacedBackend[] = [
  ir,
  seccomp,
  landlock,
  cgroup,
  oci,
  launcher,
  guardrail,
  iam,
  scp,
  budgetsAction,
  eventbridge,
];
