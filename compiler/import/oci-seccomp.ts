import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { decode } from '../source/decode.ts';
import { parseYaml } from '../source/parse-yaml.ts';
import type { Span } from '../source/span.ts';
import type { SourceText } from '../source/text.ts';
import type { Architecture } from '../tables/architectures.ts';
import { errnoName } from '../tables/errno.ts';
import { isSyscall, syscallNames, syscallNumber } from '../tables/syscalls.ts';
import type { KernelVersion } from '../target.ts';
import { type OciArgument, type OciCondition, type OciProfile, type OciRule, profileShape } from './oci-profile.ts';

/** What resolves the conditions of a profile, which the policy that comes out has no more. */
export interface ImportOptions {
  /** The policy's name. */
  readonly name: string;
  /** The architecture of the host; the profile says which run beside it. */
  readonly architecture: Architecture;
  /** Capabilities of the container, in lower case without `CAP_`. */
  readonly capabilities: readonly string[];
  readonly kernel: KernelVersion;
}

export interface Imported {
  /** The policy, as YAML; undefined where the profile could not be read. */
  readonly text: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
  readonly source: SourceText;
}

/** Go's names for the host's architecture, by which profiles state conditions. */
const goNames: Readonly<Record<Architecture, readonly string[]>> = {
  x86_64: ['amd64'],
  x86: ['x86', '386'],
  x32: ['x32'],
  aarch64: ['arm64'],
  arm: ['arm'],
  riscv64: ['riscv64'],
};

const libseccompNames: Readonly<Record<string, Architecture>> = {
  SCMP_ARCH_X86_64: 'x86_64',
  SCMP_ARCH_X86: 'x86',
  SCMP_ARCH_X32: 'x32',
  SCMP_ARCH_AARCH64: 'aarch64',
  SCMP_ARCH_ARM: 'arm',
  SCMP_ARCH_RISCV64: 'riscv64',
};

/**
 * Reads a Docker or OCI seccomp profile and writes a sandbox policy that means the same. Names that no kernel table
 * knows are left out with a warning each, as the runtimes leave them out in silence.
 */
export function importOciSeccomp(path: string, content: Uint8Array | string, options: ImportOptions): Imported {
  const diagnostics: Diagnostic[] = [];
  const { source, diagnostic } = decode(path, content);
  if (diagnostic !== undefined) return { text: undefined, diagnostics: [diagnostic], source };
  // JSON is YAML 1.2; tabs between tokens are not always, and they mean nothing in JSON.
  const parsed = parseYaml({ ...source, text: blankTabs(source.text) });
  diagnostics.push(...parsed.diagnostics);
  const profile = parsed.root === undefined ? undefined : profileShape.decode(parsed.root, { diagnostics });
  if (profile?.defaultAction === undefined || diagnostics.some(({ severity }) => severity === 'error')) {
    return { text: undefined, diagnostics, source };
  }
  return { text: render(profile, options, path, diagnostics), diagnostics, source };
}

/** Tabs outside strings as blanks; offsets stay. A tab inside a JSON string is always escaped. */
function blankTabs(text: string): string {
  return text.replaceAll('\t', ' ');
}

interface Group {
  readonly names: string[];
  readonly action: string;
  readonly conditions: string[];
}

function render(profile: OciProfile, options: ImportOptions, path: string, diagnostics: Diagnostic[]): string {
  const rules = (profile.syscalls?.value ?? []).map(({ value }) => value).filter((rule) => applies(rule, options));
  const fallback = actionText(profile.defaultAction!.value, profile.defaultErrnoRet?.value);
  const architectures = architecturesOf(profile, options.architecture);
  const foreign = new Set<string>();
  const groups = new Map<string, Group>();
  const unconditional = new Set<string>();
  for (const rule of rules) {
    const all = known(rule, diagnostics);
    // Profiles are written for every architecture at once; on these the others' calls cannot be made.
    const names = all.filter((name) => architectures.some((each) => syscallNumber(each, name) !== undefined));
    for (const name of all) if (!names.includes(name)) foreign.add(name);
    const action = actionText(
      rule.action?.value ?? 'SCMP_ACT_ALLOW',
      rule.errnoRet?.value ?? profile.defaultErrnoRet?.value,
    );
    // Runtimes leave out what the default already says.
    if (names.length === 0 || action === fallback) continue;
    const condition = conditionOf(rule.args?.value.map(({ value }) => value) ?? []);
    if (condition === undefined) for (const name of names) unconditional.add(name);
    // Rules without a condition share a list; those with one share a rule where their calls are the same.
    const key = condition === undefined ? action : `${action} ${names.join(',')}`;
    const group = groups.get(key) ?? { names: [], action, conditions: [] };
    group.names.push(...names.filter((name) => !group.names.includes(name)));
    if (condition !== undefined) group.conditions.push(condition);
    groups.set(key, group);
  }
  const all = [...groups.values()];
  const lines = [
    `# Imported from ${path.split('/').at(-1)} for ${options.architecture} and Linux ${options.kernel.major}.${options.kernel.minor},`,
    `# with the capabilities ${options.capabilities.join(', ') || '(none)'}.`,
    ...(foreign.size === 0
      ? []
      : [`# ${foreign.size} names of calls that these architectures have not were left out.`]),
    `profile: ${options.name}`,
    'mode: sandbox',
    'security:',
    '  seccomp:',
    `    default: ${fallback}`,
    `    architectures: [${architectures.join(', ')}]`,
  ];
  // libseccomp lets a rule without conditions win over those with one, whatever their order.
  const conditional = all
    .filter((group) => group.conditions.length > 0)
    .map((group) => ({ ...group, names: group.names.filter((name) => !unconditional.has(name)) }))
    .filter((group) => group.names.length > 0);
  const others = all.filter(
    (group) => group.conditions.length === 0 && group.action !== 'allow' && group.action !== 'log',
  );
  if (conditional.length + others.length > 0) {
    lines.push('    rules:');
    for (const group of [...others, ...conditional]) {
      lines.push(`      - syscalls: ${flow(group.names, 10)}`, `        action: ${group.action}`);
      if (group.conditions.length > 0) lines.push(`        when: ${group.conditions.join(' || ')}`);
    }
  }
  for (const list of ['log', 'allow'] as const) {
    const group = all.find((each) => each.conditions.length === 0 && each.action === list);
    if (group !== undefined) lines.push(`    ${list}:`, ...wrapped(group.names, '      '));
  }
  return `${lines.join('\n')}\n`;
}

function applies(rule: OciRule, options: ImportOptions): boolean {
  const includes = rule.includes?.value;
  const excludes = rule.excludes?.value;
  if (includes !== undefined) {
    if (includes.caps?.value.some(({ value }) => !hasCapability(value, options))) return false;
    if (includes.arches !== undefined && !matchesArchitecture(includes.arches.value, options)) return false;
    if (!kernelAtLeast(includes, options)) return false;
  }
  if (excludes !== undefined) {
    if (excludes.caps?.value.some(({ value }) => hasCapability(value, options))) return false;
    if (excludes.arches !== undefined && matchesArchitecture(excludes.arches.value, options)) return false;
    if (excludes.minKernel !== undefined && kernelAtLeast(excludes, options)) return false;
  }
  return true;
}

function hasCapability(name: string, { capabilities }: ImportOptions): boolean {
  return capabilities.includes(name.toLowerCase().replace(/^cap_/, ''));
}

function matchesArchitecture(arches: readonly { readonly value: string }[], { architecture }: ImportOptions): boolean {
  return arches.some(({ value }) => goNames[architecture].includes(value));
}

function kernelAtLeast({ minKernel }: OciCondition, { kernel }: ImportOptions): boolean {
  if (minKernel === undefined) return true;
  const [major = 0, minor = 0] = minKernel.value.split('.').map(Number);
  return kernel.major > major || (kernel.major === major && kernel.minor >= minor);
}

function known(rule: OciRule, diagnostics: Diagnostic[]): readonly string[] {
  const names: readonly { readonly value: string; readonly span: Span }[] = [
    ...(rule.names?.value ?? []),
    ...(rule.name === undefined ? [] : [rule.name]),
  ];
  return names
    .filter(({ value, span }) => {
      if (isSyscall(value)) return true;
      const suggestion = nearest(value, syscallNames());
      diagnostics.push(
        report(
          'POL3032',
          span,
          { name: value },
          suggestion === undefined ? {} : { help: `did the profile mean \`${suggestion}\`?` },
        ),
      );
      return false;
    })
    .map(({ value }) => value);
}

const comparisons: Readonly<Record<string, string>> = {
  SCMP_CMP_NE: '!=',
  SCMP_CMP_LT: '<',
  SCMP_CMP_LE: '<=',
  SCMP_CMP_EQ: '==',
  SCMP_CMP_GE: '>=',
  SCMP_CMP_GT: '>',
};

/**
 * All must hold, but where two speak of one argument runc makes a rule of each, so that any may (libcontainer/seccomp).
 *
 * libseccomp compares all 64 bits, a policy the bits that the kernel takes of the argument. So for an `int` the policy
 * decides by the int whatever stands in the high word, where the profile would treat `socket(2)` with garbage there as
 * another family; for a caller that passes the int alone both say the same.
 */
function conditionOf(args: readonly OciArgument[]): string | undefined {
  if (args.length === 0) return undefined;
  const parts = args.map(({ index, value, valueTwo, op }) => {
    const name = `arg${index?.value ?? 0}`;
    if (op?.value === 'SCMP_CMP_MASKED_EQ') {
      const mask = value?.value ?? 0n;
      // libseccomp drops the bits of the value that lie outside the mask (measured on 2.5.4).
      return `${name} & ${hexadecimal(mask)} == ${hexadecimal((valueTwo?.value ?? 0n) & mask)}`;
    }
    return `${name} ${comparisons[op?.value ?? 'SCMP_CMP_EQ']} ${value?.value ?? 0n}`;
  });
  const indexes = new Set(args.map(({ index }) => index?.value));
  return indexes.size < args.length ? parts.join(' || ') : parts.join(' && ');
}

function hexadecimal(value: bigint): string {
  return value < 10n ? String(value) : `0x${value.toString(16)}`;
}

function actionText(action: string, errnoRet: number | undefined): string {
  switch (action) {
    case 'SCMP_ACT_ALLOW':
      return 'allow';
    case 'SCMP_ACT_LOG':
      return 'log';
    case 'SCMP_ACT_NOTIFY':
      return 'notify';
    case 'SCMP_ACT_TRAP':
      return 'trap';
    case 'SCMP_ACT_TRACE':
      return `trace(${errnoRet ?? 1})`;
    case 'SCMP_ACT_KILL_PROCESS':
      return 'kill-process';
    case 'SCMP_ACT_ERRNO': {
      const errno = errnoRet ?? 1;
      return `errno(${errnoName(errno) ?? errno})`;
    }
    default:
      return 'kill-thread';
  }
}

function architecturesOf(profile: OciProfile, host: Architecture): readonly Architecture[] {
  const listed = (profile.architectures?.value ?? []).flatMap(({ value }) => libseccompNames[value] ?? []);
  const mapped = (profile.archMap?.value ?? [])
    .filter(({ value }) => libseccompNames[value.architecture?.value ?? ''] === host)
    .flatMap(({ value }) => value.subArchitectures?.value ?? [])
    .flatMap(({ value }) => libseccompNames[value] ?? []);
  return [...new Set([host, ...listed, ...mapped])];
}

function flow(names: readonly string[], indent: number): string {
  const line = `[${names.join(', ')}]`;
  if (line.length <= 100) return line;
  return `\n${wrapped(names, ' '.repeat(indent)).join('\n')}`;
}

/** A flow sequence over several lines of at most 100 characters. */
function wrapped(names: readonly string[], indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const name of names) {
    if (line.length + name.length + 2 > 100) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${line === indent ? '  ' : ' '}${name},`;
  }
  if (line.trim() !== '') lines.push(line);
  return [`${indent}[`, ...lines, `${indent}]`];
}
