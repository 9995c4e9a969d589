import { isInNetwork } from '../expressions/network.ts';
import { decide } from '../ir/evaluate.ts';
import { decisionAt, type Limit, type Policy } from '../ir/policy.ts';
import { field, items, OciDifference, onlyKeys } from './oci-reader.ts';

/** Compares everything but the seccomp filter. Returns how many settings were compared. */
export function compareSettings(
  policy: Policy,
  config: unknown,
  rootless: boolean,
  capabilities: readonly string[],
): number {
  let compared = 0;
  const same = (what: string, found: unknown, wanted: unknown) => {
    compared += 1;
    const left = JSON.stringify(found);
    const right = JSON.stringify(wanted);
    if (left !== right) throw new OciDifference(`${what}: the artifact says ${left}, the policy ${right}`);
  };
  onlyKeys(config, ['ociVersion', 'process', 'root', 'mounts', 'linux'], 'the file');
  const process = field(config, 'process');
  onlyKeys(
    process,
    ['terminal', 'user', 'args', 'env', 'cwd', 'capabilities', 'rlimits', 'noNewPrivileges'],
    'process',
  );
  same('noNewPrivileges', field(process, 'noNewPrivileges'), true);

  const decision = decisionAt(policy, 'capability');
  const sets = field(process, 'capabilities');
  if (decision === undefined) same('capabilities', sets, undefined);
  else {
    const kept = capabilities
      .filter((capability) => {
        const attribute = () => capability;
        return decide(decision, { attribute, parameter: () => undefined })?.effect.kind === 'allow';
      })
      .map((capability) => `CAP_${capability.toUpperCase()}`);
    for (const set of ['bounding', 'effective', 'permitted']) same(set, field(sets, set), kept);
    for (const set of ['inheritable', 'ambient']) same(set, field(sets, set), []);
  }

  const rlimits = new Map(
    items(field(process, 'rlimits') ?? []).map((entry) => {
      same('a soft limit', field(entry, 'soft'), field(entry, 'hard'));
      return [String(field(entry, 'type')), String(field(entry, 'hard'))] as const;
    }),
  );
  const wantedRlimits = new Map<string, bigint>();
  for (const { resource, ceiling } of policy.limits) {
    const type =
      resource === 'disk'
        ? 'RLIMIT_FSIZE'
        : /^rlimit:/.test(resource)
          ? `RLIMIT_${resource.slice(7).toUpperCase()}`
          : '';
    if (type === '') continue;
    const amount = Number.isFinite(ceiling.amount) ? BigInt(ceiling.amount) : 0xffff_ffff_ffff_ffffn;
    const known = wantedRlimits.get(type);
    wantedRlimits.set(type, known !== undefined && known < amount ? known : amount);
  }
  same('the number of rlimits', rlimits.size, wantedRlimits.size);
  for (const [type, amount] of wantedRlimits) same(type, rlimits.get(type), amount.toString());

  const linux = field(config, 'linux');
  onlyKeys(linux, ['namespaces', 'uidMappings', 'gidMappings', 'resources', 'seccomp'], 'linux');
  const namespaces = items(field(linux, 'namespaces')).map((entry) => {
    onlyKeys(entry, ['type'], 'a namespace');
    return String(field(entry, 'type'));
  });
  const wanted = ['ipc', 'mount', 'pid', 'uts'];
  if (isolated(policy)) wanted.push('network');
  if (rootless) wanted.push('user');
  same('namespaces', [...namespaces].sort(), wanted.sort());
  same('a user mapping', field(linux, 'uidMappings') !== undefined, rootless);
  for (const key of rootless ? ['uidMappings', 'gidMappings'] : []) {
    same(
      key,
      items(field(linux, key)).map((entry) => [field(entry, 'containerID'), field(entry, 'size')]),
      [[0, 1]],
    );
  }
  compareResources(policy, field(linux, 'resources'), rootless, same);

  const mounts = items(field(config, 'mounts'));
  const layers = policy.obligations.filter((obligation) => obligation.kind === 'private-layer');
  const layered = layers.map(({ path }) => path);
  same(
    'mounts',
    mounts.map((mount) => field(mount, 'destination')),
    [...['/proc', '/dev', '/tmp'].filter((path) => !layered.includes(path)), ...layered],
  );
  for (const { path, bytes } of layers) {
    const mount = mounts.find((candidate) => field(candidate, 'destination') === path);
    same(`the file system of ${path}`, field(mount, 'type'), 'tmpfs');
    const sizes = items(field(mount, 'options')).filter((option) => String(option).startsWith('size='));
    same(`the size of ${path}`, sizes, [`size=${bytes}`]);
  }
  return compared;
}

function compareResources(
  policy: Policy,
  resources: unknown,
  rootless: boolean,
  same: (what: string, found: unknown, wanted: unknown) => void,
): void {
  const amount = (resource: Limit['resource']) =>
    rootless ? undefined : policy.limits.find((limit) => limit.resource === resource)?.ceiling.amount;
  const memory = amount('memory');
  const cpu = amount('cpu');
  const pids = amount('pids');
  const any = memory !== undefined || cpu !== undefined || pids !== undefined;
  same('resources', resources !== undefined, any);
  if (!any) return;
  onlyKeys(resources, ['memory', 'cpu', 'pids'], 'resources');
  const orUnlimited = (value: number) => (Number.isFinite(value) ? value : -1);
  same(
    'memory',
    field(resources, 'memory'),
    memory === undefined ? undefined : { limit: orUnlimited(memory), swap: orUnlimited(memory) },
  );
  same('pids', field(resources, 'pids'), pids === undefined ? undefined : { limit: orUnlimited(pids) });
  if (cpu === undefined) {
    same('cpu', field(resources, 'cpu'), undefined);
    return;
  }
  const period = Number.isFinite(cpu) && cpu < 0.01 ? 1_000_000 : 100_000;
  const quota = Number.isFinite(cpu) ? Math.max(1_000, Math.round(cpu * period)) : -1;
  same('cpu', field(resources, 'cpu'), { quota, period });
}

/**
 * True where the policy, asked about sample addresses of every kind, lets nothing be reached but loopback, so that a
 * network of its own refuses nothing that is allowed.
 */
function isolated(policy: Policy): boolean {
  const decision = decisionAt(policy, 'socket');
  if (decision === undefined) return false;
  const away = reaches(policy, ['connect', 'send'], undefined);
  if (away) return false;
  const near = reaches(policy, ['connect', 'send'], '127.0.0.1') || reaches(policy, ['connect', 'send'], '::1');
  return near || !reaches(policy, ['bind'], undefined);
}

/** Whether some call may pass: at the address, or, without one, at any address that is not loopback. */
function reaches(policy: Policy, operations: readonly string[], address: string | undefined): boolean {
  const decision = decisionAt(policy, 'socket')!;
  const rules =
    address !== undefined ? decision.rules : decision.rules.map((rule) => ({ ...rule, when: parseAway(rule.when) }));
  return ['tcp', 'udp'].some((protocol) =>
    operations.some((operation) => {
      const known: Readonly<Record<string, string | boolean | undefined>> = {
        protocol,
        operation,
        address,
        outside: true,
      };
      const attribute = (name: string) => known[name];
      const verdict = decide({ ...decision, rules }, { attribute, parameter: () => undefined });
      return verdict === undefined || verdict.effect.kind !== 'deny';
    }),
  );
}

type When = Parameters<typeof decide>[0]['rules'][number]['when'];

/** A block whose first address is loopback and that is no larger than loopback holds nothing else. */
function parseAway(when: When): When {
  if (when.kind === 'and' || when.kind === 'or') return { kind: when.kind, of: when.of.map(parseAway) };
  if (when.kind === 'not') return { kind: 'not', of: parseAway(when.of) };
  if (when.kind !== 'in-network') return when;
  const [first = '', prefix = '128'] = when.network.split('/');
  const inFour = isInNetwork(first, '127.0.0.0/8') === true && Number(prefix) >= 8;
  const inSix = isInNetwork(first, '::1/128') === true && Number(prefix) >= 128;
  return inFour || inSix ? { kind: 'constant', value: false } : when;
}
