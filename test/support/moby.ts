import {
  and,
  attribute,
  compare,
  inSet,
  literal,
  not,
  type Predicate,
  type Term,
} from '../../compiler/expressions/predicate.ts';
import type { Decision, Effect, Rule } from '../../compiler/ir/policy.ts';
import type { Architecture } from '../../compiler/tables/architectures.ts';

/** The capabilities that Docker gives a container unless told otherwise. */
export const dockerCapabilities: readonly string[] = [
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_MKNOD',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
];

/** The part of moby's profile (`profiles/seccomp/default.json`) that decides. */
export interface MobyProfile {
  readonly defaultErrnoRet: number;
  readonly syscalls: readonly MobyGroup[];
}

export interface MobyGroup {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo?: number;
    readonly op: string;
  }[];
  readonly includes?: MobyCondition;
  readonly excludes?: MobyCondition;
}

interface MobyCondition {
  readonly caps?: readonly string[];
  readonly arches?: readonly string[];
  readonly minKernel?: string;
}

const goNames: Readonly<Record<Architecture, string>> = {
  x86_64: 'amd64',
  x86: 'x86',
  x32: 'x32',
  aarch64: 'arm64',
  arm: 'arm',
  riscv64: 'riscv64',
};

/** The groups of the profile that take part; `native` decides the conditions on architectures. */
export function mobyGroups(
  profile: MobyProfile,
  native: Architecture,
  capabilities: readonly string[] = dockerCapabilities,
): readonly MobyGroup[] {
  const holds = (condition: MobyCondition) => ({
    capabilities: condition.caps?.some((name) => capabilities.includes(name)),
    architectures: condition.arches?.includes(goNames[native]),
  });
  return profile.syscalls.filter((group) => {
    const included = holds(group.includes ?? {});
    const excluded = holds(group.excludes ?? {});
    if (included.capabilities === false || included.architectures === false) return false;
    return excluded.capabilities !== true && excluded.architectures !== true;
  });
}

/** What a container runtime makes of the profile: `native` decides the conditions on architectures. */
export function mobyDecision(
  profile: MobyProfile,
  native: Architecture,
  architectures: readonly Architecture[],
  capabilities: readonly string[] = dockerCapabilities,
): Decision {
  const span = { file: 'moby-default.json', start: 0, end: 0 };
  const rule = (index: number, when: Predicate, effect: Effect): Rule => ({
    id: `syscall/${index}`,
    topic: 'security.seccomp',
    origin: { span },
    when,
    effect,
  });
  const rules = [rule(0, not(inSet(attribute('arch'), architectures)), { kind: 'kill-process' })];
  mobyGroups(profile, native, capabilities).forEach((group, index) => {
    const conditions = (group.args ?? []).map((argument) => {
      const term: Term = attribute(`arg${argument.index}`);
      const value = BigInt(argument.value);
      switch (argument.op) {
        case 'SCMP_CMP_EQ':
          return compare(term, '==', literal(value));
        case 'SCMP_CMP_LT':
          return compare(term, '<', literal(value));
        case 'SCMP_CMP_GT':
          return compare(term, '>', literal(value));
        case 'SCMP_CMP_MASKED_EQ':
          return compare({ kind: 'mask', term, mask: value }, '==', literal(BigInt(argument.valueTwo ?? 0)));
        default:
          throw new Error(`the profile has a comparison that this reader does not know: ${argument.op}`);
      }
    });
    const effect: Effect =
      group.action === 'SCMP_ACT_ALLOW' ? { kind: 'allow' } : { kind: 'errno', errno: group.errnoRet ?? 1 };
    rules.push(rule(index + 1, and(inSet(attribute('syscall'), group.names), ...conditions), effect));
  });
  return {
    point: 'syscall',
    combine: 'first-match',
    rules,
    otherwise: {
      id: 'syscall/otherwise',
      topic: 'security.seccomp.default',
      origin: { span },
      effect: { kind: 'errno', errno: profile.defaultErrnoRet },
    },
  };
}
