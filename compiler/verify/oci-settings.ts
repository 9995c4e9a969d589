import { decide } from '../ir/evaluate.ts';
import { decisionAt, type Limit, type Policy } from '../ir/policy.ts';
import { capabilityNames } from '../tables/capabilities.ts';
import { reachesOutside } from './oci-network.ts';
import { field, items, OciDifference, onlyKeys } from './oci-reader.ts';

/** What the policy asks of every file alike. */
export interface ExpectedSettings {
  /** In the runtime's spelling; undefined where the policy does not decide about capabilities. */
  readonly capabilities: readonly string[] | undefined;
  readonly rlimits: ReadonlyMap<string, bigint>;
  /** A network of its own. */
  readonly isolated: boolean;
}

export function expectedSettings(policy: Policy): ExpectedSettings {
  const decision = decisionAt(policy, 'capability');
  const kept =
    decision &&
    capabilityNames().filter((capability) => {
      const attribute = () => capability;
      return decide(decision, { attribute, parameter: () => undefined })?.effect.kind === 'allow';
    });
  const rlimits = new Map<string, bigint>();
  for (const { resource, ceiling } of policy.limits) {
    const type =
      resource === 'disk'
        ? 'RLIMIT_FSIZE'
        : resource.startsWith('rlimit:')
          ? `RLIMIT_${resource.slice(7).toUpperCase()}`
          : '';
    if (type === '') continue;
    const amount = Number.isFinite(ceiling.amount) ? BigInt(ceiling.amount) : 0xffff_ffff_ffff_ffffn;
    const known = rlimits.get(type);
    rlimits.set(type, known !== undefined && known < amount ? known : amount);
  }
  return {
    capabilities: kept?.map((capability) => `CAP_${capability.toUpperCase()}`),
    rlimits,
    isolated: !reachesOutside(decisionAt(policy, 'socket')),
  };
}

/** Counts what is compared, and stops at what differs. */
class Settings {
  compared = 0;

  same(what: string, found: unknown, wanted: unknown): void {
    this.compared += 1;
    if (areEqual(found, wanted)) return;
    throw new OciDifference(
      `${what}: the artifact says ${JSON.stringify(found)}, the policy ${JSON.stringify(wanted)}`,
    );
  }
}

/** Whether two values of JSON are the same, their fields in the same order. */
function areEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const fields = Object.entries(left);
  const others = Object.entries(right);
  return (
    fields.length === others.length &&
    fields.every(([key, value], at) => key === others[at]![0] && areEqual(value, others[at]![1]))
  );
}

/** Compares everything but `linux`, which must be null here. Returns how many settings were compared. */
export function compareCommon(policy: Policy, expected: ExpectedSettings, config: unknown): number {
  const settings = new Settings();
  onlyKeys(config, ['ociVersion', 'process', 'root', 'mounts', 'linux'], 'the file');
  if (field(config, 'linux') !== null) throw new OciDifference('`linux` is not the last field');
  const process = field(config, 'process');
  onlyKeys(
    process,
    ['terminal', 'user', 'args', 'env', 'cwd', 'capabilities', 'rlimits', 'noNewPrivileges'],
    'process',
  );
  settings.same('noNewPrivileges', field(process, 'noNewPrivileges'), true);

  const kept = expected.capabilities;
  const sets = field(process, 'capabilities');
  if (kept === undefined) settings.same('capabilities', sets, undefined);
  else {
    // runc takes `Bounding` for `bounding`.
    onlyKeys(sets, ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'], 'capabilities');
    for (const set of ['bounding', 'effective', 'permitted']) settings.same(set, field(sets, set), kept);
    for (const set of ['inheritable', 'ambient']) settings.same(set, field(sets, set), []);
  }

  const listed = items(field(process, 'rlimits') ?? []);
  const rlimits = new Map(
    listed.map((entry) => {
      onlyKeys(entry, ['type', 'hard', 'soft'], 'a resource limit');
      settings.same('a soft limit', field(entry, 'soft'), field(entry, 'hard'));
      return [String(field(entry, 'type')), String(field(entry, 'hard'))] as const;
    }),
  );
  settings.same('the number of rlimits', listed.length, expected.rlimits.size);
  for (const [type, amount] of expected.rlimits) settings.same(type, rlimits.get(type), amount.toString());

  const layers = policy.obligations.filter((obligation) => obligation.kind === 'private-layer');
  const layered = layers.map(({ path }) => path);
  const mounts = items(field(config, 'mounts')).map((mount) => {
    onlyKeys(mount, ['destination', 'type', 'source', 'options'], 'a mount');
    return [field(mount, 'destination'), field(mount, 'type'), ...sortedTexts(field(mount, 'options'))];
  });
  settings.same('mounts', mounts, [
    ...usualMounts.filter(([path]) => !layered.includes(path)),
    ...layers.map(({ path, bytes }) => [path, 'tmpfs', 'mode=1777', 'nodev', 'nosuid', `size=${bytes}`]),
  ]);
  return settings.compared;
}

/** Compares `linux` but for its filter. Returns how many settings were compared. */
export function compareLinux(policy: Policy, expected: ExpectedSettings, linux: unknown, rootless: boolean): number {
  const settings = new Settings();
  onlyKeys(
    linux,
    ['namespaces', 'uidMappings', 'gidMappings', 'resources', 'maskedPaths', 'readonlyPaths', 'seccomp'],
    'linux',
  );
  const namespaces = items(field(linux, 'namespaces')).map((entry) => {
    onlyKeys(entry, ['type'], 'a namespace');
    return String(field(entry, 'type'));
  });
  const wanted = ['cgroup', 'ipc', 'mount', 'pid', 'uts'];
  if (expected.isolated) wanted.push('network');
  if (rootless) wanted.push('user');
  settings.same('namespaces', [...namespaces].sort(), wanted.sort());
  settings.same('a user mapping', field(linux, 'uidMappings') !== undefined, rootless);
  for (const key of rootless ? ['uidMappings', 'gidMappings'] : []) {
    settings.same(
      key,
      items(field(linux, key)).map((entry) => [field(entry, 'containerID'), field(entry, 'size')]),
      [[0, 1]],
    );
  }
  compareResources(policy, field(linux, 'resources'), rootless, settings);
  settings.same('maskedPaths', sortedTexts(field(linux, 'maskedPaths')), [...hidden].sort());
  settings.same('readonlyPaths', sortedTexts(field(linux, 'readonlyPaths')), [...unwritable].sort());
  return settings.compared;
}

/** Where a mount lies, its file system, and its options in alphabetical order. */
const usualMounts: readonly (readonly [path: string, type: string, ...options: string[]])[] = [
  ['/proc', 'proc', 'nodev', 'noexec', 'nosuid'],
  ['/dev', 'tmpfs', 'mode=755', 'nosuid', 'size=65536k', 'strictatime'],
  ['/tmp', 'tmpfs', 'mode=1777', 'nodev', 'nosuid'],
];

/** Files and folders that a program with uid 0 but without capabilities could still read the host's secrets from. */
const hidden = [
  ...['acpi', 'asound', 'kcore', 'keys', 'latency_stats', 'sched_debug', 'scsi', 'timer_list', 'timer_stats'].map(
    (name) => `/proc/${name}`,
  ),
  ...['devices/virtual/powercap', 'firmware'].map((name) => `/sys/${name}`),
];

/** Those that it could change the host by. */
const unwritable = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map((name) => `/proc/${name}`);

function sortedTexts(list: unknown): readonly string[] {
  return items(list).map(String).sort();
}

function compareResources(policy: Policy, resources: unknown, rootless: boolean, settings: Settings): void {
  const amount = (resource: Limit['resource']) =>
    rootless ? undefined : policy.limits.find((limit) => limit.resource === resource)?.ceiling.amount;
  const memory = amount('memory');
  const cpu = amount('cpu');
  const pids = amount('pids');
  const any = memory !== undefined || cpu !== undefined || pids !== undefined;
  settings.same('resources', resources !== undefined, any);
  if (!any) return;
  onlyKeys(resources, ['memory', 'cpu', 'pids'], 'resources');
  const orUnlimited = (value: number) => (Number.isFinite(value) ? value : -1);
  settings.same(
    'memory',
    field(resources, 'memory'),
    memory === undefined ? undefined : { limit: orUnlimited(memory), swap: orUnlimited(memory) },
  );
  settings.same('pids', field(resources, 'pids'), pids === undefined ? undefined : { limit: orUnlimited(pids) });
  if (cpu === undefined) {
    settings.same('cpu', field(resources, 'cpu'), undefined);
    return;
  }
  const period = Number.isFinite(cpu) && cpu < 0.01 ? 1_000_000 : 100_000;
  const quota = Number.isFinite(cpu) ? Math.max(1_000, Math.round(cpu * period)) : -1;
  settings.same('cpu', field(resources, 'cpu'), { quota, period });
}
