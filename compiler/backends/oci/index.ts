import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import { type Decision, decisionAt, enforceables, type Policy } from '../../ir/policy.ts';
import { nodeIdentity } from '../../memory/identity.ts';
import { type Memory, Remembered } from '../../memory/remembered.ts';
import type { Architecture } from '../../tables/architectures.ts';
import type { Target } from '../../target.ts';
import { validateOci } from '../../verify/oci.ts';
import type { Artifact, Backend, Coverage, Emission, SourceMapEntry, Surroundings } from '../backend.ts';
import { networkIsolation } from '../network-isolation.ts';
import { acceptedArchitectures } from './architectures.ts';
import { linuxPart, ociConfig, withLinux, withSeccomp } from './config.ts';
import type { Addition, AdditionGroup, AdditionsFile } from './format.ts';
import { networkCoverage } from './network.ts';
import { Outcomes } from './outcomes.ts';
import { printJson, printJsonAt } from './print-json.ts';
import { limitCoverage } from './resources.ts';
import { type SeccompFragment, seccompFragment } from './seccomp.ts';

/** The 32-bit and x32 programs of a machine share its kernel, so one file serves them; other machines have their own. */
const machines: readonly (readonly Architecture[])[] = [['x86_64', 'x86', 'x32'], ['aarch64', 'arm'], ['riscv64']];

/** `config.json` as runc and crun take it. The first machine's lies at the top, another's in a folder of its name. */
export const oci = {
  name: 'oci',
  summary: 'OCI runtime configuration, rootful and rootless, that runc and crun start',
  byDefault: true,
  // What answers cost events runs in no container.
  applies: (policy: Policy) => enforceables(policy).length > 0 && decisionAt(policy, 'cost-event') === undefined,
  emit(policy: Policy, target: Target, { memory }: Pick<Surroundings, 'memory'> = {}): Emission {
    const decision = decisionAt(policy, 'syscall');
    const network = networkIsolation(decisionAt(policy, 'socket'));
    const filterOf = decision === undefined ? undefined : filters(decision, memory);
    const config = ociConfig(policy);
    const common = printJson(config);
    const variants = [false, true].map((rootless) => {
      const linux = linuxPart(policy, network, rootless);
      const name = rootless ? 'rootless.json' : 'config.json';
      const text = withLinux(common, printJsonAt(1, linux));
      return { name, text, sourceMap: settingsMap(policy, { ...config, linux }) };
    });
    const artifacts: Artifact[] = [];
    const additions: Record<string, readonly AdditionGroup[]> = {};
    const stricter: Record<string, readonly string[]> = {};
    const fragments: SeccompFragment[] = [];
    for (const { folder, machine, architectures } of machinesOf(policy, target)) {
      if (decision === undefined || filterOf === undefined) {
        for (const { name, text, sourceMap } of variants) {
          artifacts.push({ path: `${folder}${name}`, content: text, sourceMap });
        }
        continue;
      }
      const { fragment, text: seccomp } = filterOf(architectures);
      const seccompEntries = seccompMap(decision, fragment);
      for (const { name, text, sourceMap } of variants) {
        const content = withSeccomp(text, seccomp);
        artifacts.push({ path: `${folder}${name}`, content, sourceMap: [...seccompEntries, ...sourceMap] });
      }
      fragments.push(fragment);
      additions[machine] = grouped(fragment.additions);
      stricter[machine] = fragment.stricter;
    }
    const file: AdditionsFile = {
      seccomp: additions,
      stricter,
      rootless: [
        'uidMappings and gidMappings: put the ids of the caller in place of 1000',
        ...(policy.limits.some(({ resource }) => ['memory', 'cpu', 'pids'].includes(resource))
          ? ['linux.resources is left out: without privileges there is no control group to limit']
          : []),
      ],
    };
    artifacts.push({ path: 'additions.json', content: printJson(file), sourceMap: [] });
    return {
      artifacts,
      coverage: [
        ...joinSeccomp(fragments),
        ...networkCoverage(policy, network),
        ...capabilityCoverage(policy),
        ...policy.limits.map(limitCoverage),
        ...obligationCoverage(policy),
      ],
      diagnostics: diagnostics(policy, fragments),
      summary: '',
    };
  },
  validate: validateOci,
} satisfies Backend;

/** A filter, and its text at the depth where it stands in the configuration. */
interface Filter {
  readonly fragment: SeccompFragment;
  readonly text: string;
}

const remembered = new Remembered<Filter>();

/** The filters of a decision by the architectures that they are for. */
function filters(decision: Decision, memory: Memory | undefined): (architectures: readonly Architecture[]) => Filter {
  let outcomes: Outcomes | undefined;
  return (architectures) => {
    const make = () => {
      outcomes ??= new Outcomes(decision);
      const fragment = seccompFragment(decision, architectures, outcomes);
      return { fragment, text: printJsonAt(2, fragment.seccomp) };
    };
    if (memory === undefined) return make();
    return remembered.recall(memory, `${architectures.join()} ${nodeIdentity(memory, decision).key}`, make);
  };
}

function grouped(additions: readonly Addition[]): readonly AdditionGroup[] {
  const groups: { calls: string[]; action: string; why: string }[] = [];
  for (const { call, action, why } of additions) {
    const known = groups.find((group) => group.why === why && group.action === action);
    if (known === undefined) groups.push({ calls: [call], action, why });
    else known.calls.push(call);
  }
  return groups;
}

interface Machine {
  /** Ends with `/`, empty for the first machine. */
  readonly folder: string;
  readonly machine: Architecture;
  readonly architectures: readonly Architecture[];
}

function machinesOf(policy: Policy, target: Target): readonly Machine[] {
  const decision = decisionAt(policy, 'syscall');
  const accepted =
    decision === undefined ? target.architectures : acceptedArchitectures(decision, target.architectures);
  const architectures = accepted.length === 0 ? target.architectures : accepted;
  const first = machines.findIndex((family) => family.includes(architectures[0]!));
  return machines.flatMap((family, index) => {
    const members = family.filter((architecture) => architectures.includes(architecture));
    if (members.length === 0) return [];
    const machine = family[0]!;
    return [{ folder: index === first ? '' : `${machine}/`, machine, architectures: members }];
  });
}

function seccompMap(decision: Decision, fragment: SeccompFragment): readonly SourceMapEntry[] {
  const entries: SourceMapEntry[] = [];
  const spans = new Map([...decision.rules, decision.otherwise].map((node) => [node.id, node.origin.span]));
  fragment.origins.forEach((rules, index) => {
    for (const rule of rules) entries.push({ at: `/linux/seccomp/syscalls/${index}`, rule, span: spans.get(rule)! });
  });
  const { id, origin } = decision.otherwise;
  entries.push({ at: '/linux/seccomp/defaultAction', rule: id, span: origin.span });
  return entries;
}

function settingsMap(
  policy: Policy,
  config: ReturnType<typeof ociConfig> & { readonly linux: ReturnType<typeof linuxPart> },
): readonly SourceMapEntry[] {
  const entries: SourceMapEntry[] = [];
  for (const rule of decisionAt(policy, 'capability')?.rules ?? []) {
    entries.push({ at: '/process/capabilities', rule: rule.id, span: rule.origin.span });
  }
  const socket = decisionAt(policy, 'socket')?.otherwise;
  if (socket !== undefined) entries.push({ at: '/linux/namespaces', rule: socket.id, span: socket.origin.span });
  for (const { resource, id, origin } of policy.limits) {
    const rlimit = resource === 'disk' ? 'RLIMIT_FSIZE' : resource.replace('rlimit:', 'RLIMIT_').toUpperCase();
    const index = config.process.rlimits?.findIndex(({ type }) => type === rlimit) ?? -1;
    if (index >= 0) entries.push({ at: `/process/rlimits/${index}`, rule: id, span: origin.span });
    else if (config.linux.resources !== undefined && resource in config.linux.resources) {
      entries.push({ at: `/linux/resources/${resource}`, rule: id, span: origin.span });
    }
  }
  for (const obligation of policy.obligations) {
    if (obligation.kind !== 'private-layer') continue;
    const index = config.mounts.findIndex(({ destination }) => destination === obligation.path);
    entries.push({ at: `/mounts/${index}`, rule: obligation.id, span: obligation.origin.span });
  }
  return entries;
}

/** A rule is as well held as on the machine that holds it least. */
function joinSeccomp(fragments: readonly SeccompFragment[]): readonly Coverage[] {
  const [first, ...others] = fragments;
  if (first === undefined || others.length === 0) return first?.coverage ?? [];
  return first.coverage.map((answer, index) => {
    const all = [answer, ...others.map((fragment) => fragment.coverage[index]!)];
    const enforced = all.map((one) => one.enforced).join('; ');
    const lost = [...new Set(all.flatMap((one) => (one.lost === undefined ? [] : [one.lost])))].join('; ');
    return lost === ''
      ? { rule: answer.rule, status: 'full', enforced }
      : { rule: answer.rule, status: 'partial', enforced, lost };
  });
}

function capabilityCoverage(policy: Policy): readonly Coverage[] {
  const decision = decisionAt(policy, 'capability');
  if (decision === undefined) return [];
  return [...decision.rules, decision.otherwise].map(({ id }) => ({
    rule: id,
    status: 'full',
    enforced: 'process.capabilities',
  }));
}

function obligationCoverage(policy: Policy): readonly Coverage[] {
  return policy.obligations.flatMap((obligation) =>
    obligation.kind === 'private-layer'
      ? [{ rule: obligation.id, status: 'full', enforced: 'a tmpfs mount with a size' }]
      : [],
  );
}

function diagnostics(policy: Policy, fragments: readonly SeccompFragment[]): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const rule of decisionAt(policy, 'syscall')?.rules ?? []) {
    const { topic, origin } = rule;
    if (rule.effect.kind === 'notify') found.push(report('POL6046', origin.span, { topic }));
    const reason = fragments.map((fragment) => fragment.inexact.get(rule.id)).find((text) => text !== undefined);
    if (reason !== undefined) found.push(report('POL6045', origin.span, { topic, reason }));
  }
  return found;
}
