import { isSection } from '../acceptances.ts';
import type { Code } from '../diagnostics/catalogue/index.ts';
import { codes, isCode, messageOf } from '../diagnostics/catalogue.ts';
import type { Diagnostic, Severity } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import type { Acceptance } from '../dialects/dialect.ts';
import { dialects } from '../dialects/index.ts';
import { templateSource } from '../dialects/template-source.ts';
import { list, mapping, object, oneOf, optional, required } from '../schema/collections.ts';
import { enumeration, flag, number, quantity, replaceWith, text } from '../schema/scalars.ts';
import type { Located, Shape } from '../schema/shape.ts';
import { decode } from '../source/decode.ts';
import { parseYaml } from '../source/parse-yaml.ts';
import { type Architecture, architectures } from '../tables/architectures.ts';
import { landlockAbiOfKernel, newestLandlockAbi } from '../tables/landlock.ts';
import { defaultTarget, type KernelVersion, type Target } from '../target.ts';
import { matchesPath } from './path-glob.ts';

/** What `polc.config.yaml` says; without one, `noConfig`. */
export interface Config {
  /** Which dialect a path has, relative to the configuration's folder and with `/`; undefined where no glob fits. */
  dialectOf(path: string): string | undefined;
  /** The default target with what the configuration changes; `--target` changes it further. */
  readonly target: Target;
  readonly accept: readonly Acceptance[];
  readonly severities: ReadonlyMap<string, Severity>;
  /** The folders of templates, relative to that of the configuration, as they are written and in that order. */
  readonly templates: readonly TemplateRoot[];
  /** Whose signatures make templates ones of a source; of a source that is not there, any that the trust store has. */
  readonly authorities: ReadonlyMap<string, readonly string[]>;
}

/** A folder of templates, and what being there makes them. */
export interface TemplateRoot {
  readonly source: string;
  readonly folder: string;
}

export const noConfig: Config = {
  dialectOf: () => undefined,
  target: defaultTarget,
  accept: [],
  severities: new Map(),
  templates: [],
  authorities: new Map(),
};

const kernel: Shape<KernelVersion> = quantity<KernelVersion>(
  { kind: 'quantity', noun: 'a kernel version', example: '6.12', pattern: '[0-9]{1,3}\\.[0-9]{1,4}' },
  (written) => {
    const match = /^(\d{1,3})\.(\d{1,4})$/.exec(written);
    if (match === null) return { wrong: 'it is not MAJOR.MINOR' };
    return { major: Number(match[1]), minor: Number(match[2]) };
  },
);

const target = {
  architectures: optional(
    list(
      enumeration<Architecture>('an architecture', {
        x86_64: '64-bit x86',
        x86: '32-bit x86 (i386)',
        x32: '32-bit pointers on x86_64',
        aarch64: '64-bit Arm',
        arm: '32-bit Arm (EABI)',
        riscv64: '64-bit RISC-V',
      }),
    ),
    'The architectures to build for.',
    `[${architectures.slice(0, 2).join(', ')}]`,
  ),
  kernel: optional(kernel, 'The oldest Linux that the artifacts run on.', '6.12'),
  landlock: optional(
    number({ integer: true, minimum: 0, maximum: newestLandlockAbi }),
    'The Landlock ABI; that of the kernel unless told.',
    '6',
  ),
  'bpf-lsm': optional(
    flag,
    'Whether whoever starts programs may attach eBPF programs to LSM hooks and control groups; they then hold what Landlock loses.',
    'true',
  ),
  cgroup: optional(
    enumeration('a cgroup version', { v1: 'one hierarchy a controller', v2: 'one for all' }),
    'Which cgroups the machines mount.',
    'v2',
  ),
  seccomp: optional(
    enumeration('a way to build filters', {
      'per-architecture': 'one program for each architecture',
      combined: 'one program that serves all of them',
    }),
    'How seccomp programs are divided.',
    'per-architecture',
  ),
  weights: optional(
    enumeration('a way to weigh system calls', {
      uniform: 'all alike',
      frequency: 'by how often programs make them',
    }),
    'What the order of comparisons in a filter favours.',
    'frequency',
  ),
  partition: optional(
    enumeration('an AWS partition', {
      aws: 'the commercial regions',
      'aws-cn': 'China',
      'aws-us-gov': 'GovCloud (US)',
    }),
    'Where the accounts are.',
    'aws',
  ),
  'managed-policy': optional(
    number({ integer: true, minimum: 256 }),
    'The most characters of a managed policy, white space not counted.',
    '6144',
  ),
  'service-control-policy': optional(
    number({ integer: true, minimum: 256 }),
    'The most characters of a service control policy, white space counted.',
    '10240',
  ),
  'attached-policies': optional(
    number({ integer: true, minimum: 1 }),
    'How many managed policies a role or user may have.',
    '20',
  ),
  'object-bytes': optional(
    number({ integer: true, minimum: 1024 }),
    'The most bytes of a Kubernetes object.',
    '1572864',
  ),
  routes: optional(number({ integer: true, minimum: 1 }), 'How many routes the gateways have.', '1'),
  'key-prefix': optional(
    text('a word before the API key', { source: '[A-Za-z][A-Za-z0-9_-]{0,31}', doc: 'a word' }),
    'What stands before the API key in the header `Authorization`.',
    'APIKEY',
  ),
  'rate-limit-failure': optional(
    enumeration('what the gateway does', {
      allow: 'lets requests through',
      deny: 'refuses them',
    }),
    'What the gateway does while the rate limiter cannot be reached.',
    'allow',
  ),
};

const severity = enumeration<Severity>('a severity', {
  error: 'fails the build',
  warning: 'is reported',
  hint: 'is reported as advice',
});

const code: Shape<Code> = {
  description: {
    kind: 'string',
    noun: "a diagnostic's code",
    means: 'diagnostic-code',
    pattern: 'POL[0-9]{4}',
    patternDoc: 'as in the brackets of a message',
  },
  decode(node, context) {
    const written = text("a diagnostic's code").decode(node, context);
    if (written === undefined || node.kind !== 'scalar') return undefined;
    const known = codeNamed(written);
    if (known === undefined) {
      const near = nearest(written, codes());
      context.diagnostics.push(report('POL5092', node.span, { code: written }, replaceWith(node, near)));
    }
    return known;
  },
};

/** The shape of the whole file: decoding, JSON Schema and the reference are read off it. */
export const configShape = object({
  dialects: optional(
    mapping(
      enumeration('a dialect', Object.fromEntries(dialects.map(({ name, summary }) => [name, summary]))),
      list(text('a glob')),
    ),
    'Which files are of which dialect: globs relative to this file, `*` within a component, `**` for any number of them.',
    '{ sandbox: ["policies/**/*.yaml"] }',
  ),
  target: optional(object(target), 'What to build for, unless `--target` says otherwise.', '{ kernel: 6.12 }'),
  severities: optional(
    mapping(code, severity),
    'How serious a finding is, by its code. An error stays one.',
    '{ POL5093: error }',
  ),
  templates: optional(
    mapping(templateSource, oneOf(text('a folder'), list(text('a folder')))),
    'Where templates lie, by their source: for each, a folder or several, relative to this file. What policies say of sources is decided by the folder that a template is in, and for `institutional` and `departmental` by a valid signature besides. Absent: the current folder, as `personal`.',
    '{ institutional: /srv/templates, personal: templates }',
  ),
  authorities: optional(
    mapping(templateSource, oneOf(text('an authority'), list(text('an authority')))),
    'Who answers for the templates of a source: for each, an authority of the trust store or several. A template there is of that source only with a valid signature of one of them. Absent for `institutional` or `departmental`: of any authority in the trust store.',
    '{ institutional: University IT }',
  ),
  accept: optional(
    list(
      object({
        loss: required(text('the name of a rule'), 'The field that may stay unenforced.', 'disk'),
        because: required(text('a reason'), 'Why the loss is acceptable.', 'the image has a quota of its own'),
      }),
    ),
    'Rules of any policy that may stay unenforced, each with a reason.',
    '[{ loss: disk, because: the image has a quota }]',
  ),
});

export interface ConfigReading {
  /** What could be read; use it only where no diagnostic is an error. */
  readonly config: Config;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a configuration file's bytes. An empty file, or one of comments, says nothing, which is fine. */
export function readConfig(path: string, content: Uint8Array | string): ConfigReading {
  const { source, diagnostic } = decode(path, content);
  if (diagnostic !== undefined) return { config: noConfig, diagnostics: [diagnostic] };
  const saysNothing = source.text.split('\n').every((line) => line.trim() === '' || line.trimStart().startsWith('#'));
  if (saysNothing) return { config: noConfig, diagnostics: [] };
  const parsed = parseYaml(source);
  const diagnostics = [...parsed.diagnostics];
  const decoded = parsed.root === undefined ? undefined : configShape.decode(parsed.root, { diagnostics });
  if (decoded === undefined) return { config: noConfig, diagnostics };

  const globs = (decoded.dialects?.value ?? []).flatMap(({ key, value }) =>
    value.value.map((glob) => ({ dialect: key.value, pattern: glob.value })),
  );
  const severities = new Map<string, Severity>();
  for (const entry of decoded.severities?.value ?? []) {
    if (messageOf(entry.key.value).severity === 'error' && entry.value.value !== 'error') {
      diagnostics.push(report('POL8006', entry.value.span, { code: entry.key.value, severity: entry.value.value }));
    } else severities.set(entry.key.value, entry.value.value);
  }
  for (const { value } of decoded.accept?.value ?? []) {
    if (value.loss !== undefined && isSection(value.loss.value)) {
      diagnostics.push(report('POL6007', value.loss.span, { loss: value.loss.value }));
    }
  }
  const config: Config = {
    dialectOf: (file) => globs.find(({ pattern }) => matchesPath(file, pattern))?.dialect,
    target: targetFrom(decoded.target?.value),
    accept: (decoded.accept?.value ?? []).flatMap(({ value: { loss, because } }) =>
      loss === undefined || because === undefined ? [] : [{ loss: loss.value, because: because.value }],
    ),
    severities,
    templates: (decoded.templates?.value ?? []).flatMap(({ key, value }) =>
      oneOrMore(value.value).map((folder) => ({ source: key.value, folder })),
    ),
    authorities: new Map(
      (decoded.authorities?.value ?? []).map(({ key, value }) => [key.value, oneOrMore(value.value)] as const),
    ),
  };
  return { config, diagnostics };
}

function oneOrMore(written: string | readonly Located<string>[]): readonly string[] {
  return typeof written === 'string' ? [written] : valuesOf(written);
}

type TargetDocument = NonNullable<ReturnType<ReturnType<typeof object<typeof target>>['decode']>>;

function targetFrom(written: TargetDocument | undefined): Target {
  if (written === undefined) return defaultTarget;
  const version = written.kernel?.value ?? defaultTarget.kernel;
  const ofKernel =
    written.kernel === undefined ? defaultTarget.landlock : landlockAbiOfKernel(version.major, version.minor);
  const named = valuesOf(written.architectures?.value);
  return {
    architectures: named.length === 0 ? defaultTarget.architectures : [...new Set(named)],
    kernel: version,
    landlock: written.landlock?.value ?? ofKernel,
    bpfLsm: written['bpf-lsm']?.value ?? defaultTarget.bpfLsm,
    cgroup: written.cgroup?.value ?? defaultTarget.cgroup,
    seccomp: written.seccomp?.value ?? defaultTarget.seccomp,
    weights: written.weights?.value ?? defaultTarget.weights,
    aws: {
      partition: written.partition?.value ?? defaultTarget.aws.partition,
      managedPolicy: written['managed-policy']?.value ?? defaultTarget.aws.managedPolicy,
      serviceControlPolicy: written['service-control-policy']?.value ?? defaultTarget.aws.serviceControlPolicy,
      attachedPolicies: written['attached-policies']?.value ?? defaultTarget.aws.attachedPolicies,
    },
    kubernetes: {
      kuadrant: defaultTarget.kubernetes.kuadrant,
      objectBytes: written['object-bytes']?.value ?? defaultTarget.kubernetes.objectBytes,
      routes: written.routes?.value ?? defaultTarget.kubernetes.routes,
      keyPrefix: written['key-prefix']?.value ?? defaultTarget.kubernetes.keyPrefix,
      rateLimitFailure: written['rate-limit-failure']?.value ?? defaultTarget.kubernetes.rateLimitFailure,
    },
  };
}

function valuesOf<T>(items: readonly Located<T>[] | undefined): readonly T[] {
  return (items ?? []).map(({ value }) => value);
}

function codeNamed(word: string): Code | undefined {
  return isCode(word) ? word : undefined;
}
