import type { PlacedBackend } from './backend.ts';
import { bpfLsm } from './bpf-lsm/index.ts';
import { cgroup } from './cgroup/index.ts';
import { landlock } from './landlock/index.ts';
import { launcher } from './launcher/index.ts';
import { oci } from './oci/index.ts';
import { seccomp } from './seccomp/index.ts';
import { wasi } from './wasi/index.ts';

/** What a machine that runs Linux enforces, in the order in which tables list them. */
export const linuxBackends: readonly PlacedBackend[] = [seccomp, landlock, cgroup, oci, launcher, bpfLsm, wasi];
