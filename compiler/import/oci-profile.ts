import { listOrNull, object, optional, required } from '../schema/collections.ts';
import { enumeration, number, text, unsigned64 } from '../schema/scalars.ts';
import type { Decoded, Shape } from '../schema/shape.ts';

/**
 * The JSON of container runtimes' seccomp profiles: `linux.seccomp` of the OCI runtime specification (config-linux.md,
 * section Seccomp) and Docker's superset of it with `archMap`, `includes` and `excludes`.
 */
const action = enumeration('a seccomp action', {
  SCMP_ACT_ALLOW: 'allow',
  SCMP_ACT_ERRNO: 'return an error number',
  SCMP_ACT_KILL: 'kill the thread',
  SCMP_ACT_KILL_THREAD: 'kill the thread',
  SCMP_ACT_KILL_PROCESS: 'kill the process',
  SCMP_ACT_TRAP: 'send SIGSYS',
  SCMP_ACT_TRACE: 'notify a tracer',
  SCMP_ACT_LOG: 'allow and log',
  SCMP_ACT_NOTIFY: 'ask a supervisor',
});

const operator = enumeration('a comparison', {
  SCMP_CMP_NE: 'not equal',
  SCMP_CMP_LT: 'less',
  SCMP_CMP_LE: 'less or equal',
  SCMP_CMP_EQ: 'equal',
  SCMP_CMP_GE: 'greater or equal',
  SCMP_CMP_GT: 'greater',
  SCMP_CMP_MASKED_EQ: 'equal under a mask',
});

const errno = number({ integer: true, minimum: 0, maximum: 65_535 });
const word = text('a name');

const condition = object({
  caps: optional(listOrNull(word), 'Capabilities of the container.', '["CAP_SYS_ADMIN"]'),
  arches: optional(listOrNull(word), 'Architectures of the host, by the names of Go.', '["amd64"]'),
  minKernel: optional(word, 'The oldest kernel.', '"4.8"'),
});

const argument = object({
  index: required(number({ integer: true, minimum: 0, maximum: 5 }), 'The argument, from 0.', '0'),
  value: required(unsigned64, 'What it is compared with; the mask of a masked comparison.', '0'),
  valueTwo: optional(unsigned64, 'What the masked value must be.', '0'),
  op: required(operator, 'The comparison.', 'SCMP_CMP_EQ'),
});

const rule = object({
  names: optional(listOrNull(word), 'System calls.', '["read"]'),
  name: optional(word, 'One system call, in profiles of old.', '"read"'),
  action: required(action, 'What happens to them.', 'SCMP_ACT_ALLOW'),
  errnoRet: optional(errno, 'The error number, or the datum of a trace.', '1'),
  args: optional(listOrNull(argument), 'Conditions on arguments; all must hold.', '[]'),
  comment: optional(word, 'For readers.', '""'),
  includes: optional(condition, 'Only where all of this holds.', '{}'),
  excludes: optional(condition, 'Not where any of this holds.', '{}'),
});

const fields = {
  defaultAction: required(action, 'What happens to every other call.', 'SCMP_ACT_ERRNO'),
  defaultErrnoRet: optional(errno, 'The error number of the default action.', '1'),
  architectures: optional(listOrNull(word), 'Architectures, by libseccomp`s names.', '["SCMP_ARCH_X86_64"]'),
  archMap: optional(
    listOrNull(
      object({
        architecture: required(word, 'The architecture of the host.', '"SCMP_ARCH_X86_64"'),
        subArchitectures: optional(listOrNull(word), 'Those that run beside it.', '["SCMP_ARCH_X86"]'),
      }),
    ),
    'Architectures that run beside the host`s.',
    '[]',
  ),
  syscalls: optional(listOrNull(rule), 'Rules.', '[]'),
  flags: optional(listOrNull(word), 'Flags of seccomp(2).', '[]'),
  listenerPath: optional(word, 'Where notifications go.', '""'),
  listenerMetadata: optional(word, 'Sent with them.', '""'),
};

export const profileShape: Shape<Decoded<typeof fields>> = object(fields);
export type OciProfile = Decoded<typeof fields>;
export type OciRule = NonNullable<OciProfile['syscalls']>['value'][number]['value'];
export type OciCondition = NonNullable<OciRule['includes']>['value'];
export type OciArgument = NonNullable<OciRule['args']>['value'][number]['value'];
