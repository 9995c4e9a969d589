import { nearest } from '../compiler/diagnostics/suggest.ts';
import { type Architecture, architectures } from '../compiler/tables/architectures.ts';
import { landlockAbiOfKernel } from '../compiler/tables/landlock.ts';
import { defaultTarget, type Target } from '../compiler/target.ts';

/** The keys of `--target`, with what each takes. */
export const targetKeys: Readonly<Record<string, string>> = {
  architectures: `a list of ${architectures.join(', ')}`,
  kernel: 'the Linux version, such as 6.12; the Landlock ABI follows from it',
  landlock: 'the Landlock ABI, 0 to 9',
  'bpf-lsm': 'yes or no: whether eBPF programs may be attached to LSM hooks and control groups',
  cgroup: 'v1 or v2',
  seccomp: 'per-architecture or combined',
  weights: 'uniform or frequency: how the tree of the filter is laid out',
  partition: 'aws, aws-cn or aws-us-gov',
  'managed-policy': 'the most characters of a managed policy, such as 6144',
  'service-control-policy': 'the most characters of a service control policy, such as 10240',
  'attached-policies': 'how many managed policies a role or user may have, such as 20',
  'object-bytes': 'the most bytes of a Kubernetes object, such as 1572864',
  routes: 'how many routes the gateways have, such as 3',
  'key-prefix': 'what stands before the API key in the header Authorization, such as Bearer',
  'rate-limit-failure': 'allow or deny: what the gateway does while the rate limiter cannot be reached',
};

const quotaFields = {
  'managed-policy': 'managedPolicy',
  'service-control-policy': 'serviceControlPolicy',
  'attached-policies': 'attachedPolicies',
} as const;

/** Changes a target by `KEY=VALUE` pairs; gives what is wrong with the first bad one. */
export function readTarget(
  pairs: ReadonlyMap<string, string>,
  base: Target = defaultTarget,
): Target | { readonly problem: string; readonly help: string } {
  let target = base;
  for (const [key, value] of pairs) {
    const change = readPair(key, value, target);
    if ('problem' in change) return change;
    target = { ...target, ...change };
    if (key === 'kernel' && !pairs.has('landlock')) {
      target = { ...target, landlock: landlockAbiOfKernel(target.kernel.major, target.kernel.minor) };
    }
  }
  return target;
}

function readPair(
  key: string,
  value: string,
  { aws, kubernetes }: Target,
): Partial<Target> | { readonly problem: string; readonly help: string } {
  switch (key) {
    case 'architectures': {
      const names = value.split(',').map((name) => name.trim());
      const wrong = names.find((name) => !isArchitecture(name));
      if (wrong === undefined) return { architectures: [...new Set(names.filter(isArchitecture))] };
      const near = nearest(wrong, architectures);
      return bad(key, wrong, near === undefined ? targetKeys[key]! : `did you mean \`${near}\`?`);
    }
    case 'kernel': {
      const match = /^(\d{1,3})\.(\d{1,4})(?:\..*)?$/.exec(value);
      return match === null
        ? bad(key, value, 'write MAJOR.MINOR, such as 6.12')
        : { kernel: { major: Number(match[1]), minor: Number(match[2]) } };
    }
    case 'landlock':
      return /^[0-9]$/.test(value) ? { landlock: Number(value) } : bad(key, value, targetKeys[key]!);
    case 'bpf-lsm':
      return value === 'yes' || value === 'no' ? { bpfLsm: value === 'yes' } : bad(key, value, targetKeys[key]!);
    case 'cgroup':
      return value === 'v1' || value === 'v2' ? { cgroup: value } : bad(key, value, targetKeys[key]!);
    case 'seccomp':
      return value === 'per-architecture' || value === 'combined'
        ? { seccomp: value }
        : bad(key, value, targetKeys[key]!);
    case 'weights':
      return value === 'uniform' || value === 'frequency' ? { weights: value } : bad(key, value, targetKeys[key]!);
    case 'partition':
      return value === 'aws' || value === 'aws-cn' || value === 'aws-us-gov'
        ? { aws: { ...aws, partition: value } }
        : bad(key, value, targetKeys[key]!);
    case 'managed-policy':
    case 'service-control-policy':
    case 'attached-policies': {
      const field = quotaFields[key];
      return /^[1-9][0-9]{0,5}$/.test(value)
        ? { aws: { ...aws, [field]: Number(value) } }
        : bad(key, value, targetKeys[key]!);
    }
    case 'object-bytes':
    case 'routes': {
      const field = key === 'routes' ? 'routes' : 'objectBytes';
      return /^[1-9][0-9]{0,8}$/.test(value)
        ? { kubernetes: { ...kubernetes, [field]: Number(value) } }
        : bad(key, value, targetKeys[key]!);
    }
    case 'key-prefix':
      return /^[A-Za-z][A-Za-z0-9_-]{0,31}$/.test(value)
        ? { kubernetes: { ...kubernetes, keyPrefix: value } }
        : bad(key, value, targetKeys[key]!);
    case 'rate-limit-failure':
      return value === 'allow' || value === 'deny'
        ? { kubernetes: { ...kubernetes, rateLimitFailure: value } }
        : bad(key, value, targetKeys[key]!);
    default: {
      const near = nearest(key, Object.keys(targetKeys));
      const list = Object.keys(targetKeys)
        .map((known) => `\`${known}\``)
        .join(', ');
      return {
        problem: `\`--target ${key}\` is not a key of targets`,
        help: near === undefined ? `the keys are ${list}` : `did you mean \`${near}\`?`,
      };
    }
  }
}

function bad(key: string, value: string, help: string) {
  return { problem: `\`--target ${key}\` cannot be \`${value}\``, help };
}

function isArchitecture(name: string): name is Architecture {
  return architectures.some((known) => known === name);
}
