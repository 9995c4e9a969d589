import { list, mapping, object, oneOf, optional, required, requiredUnless } from '../../schema/collections.ts';
import { enumeration, flag, number, text } from '../../schema/scalars.ts';
import type { Decoded, Shape } from '../../schema/shape.ts';
import { acceptance } from '../acceptance.ts';
import { action, defaultAction } from './actions.ts';
import { endpoint } from './endpoint.ts';
import { fileSetOrPath } from './file-sets.ts';
import { access, accessOrNone, capability, hook, rlimit, syscallOrGroup } from './names.ts';
import { bytes, cpus, milliseconds } from './quantities.ts';
import { tests } from './tests.ts';

const architecture = enumeration(
  'an architecture',
  {
    x86_64: '64-bit x86',
    x86: '32-bit x86 (i386)',
    x32: '32-bit pointers on x86_64; shares its audit value, so it must be asked for',
    aarch64: '64-bit Arm',
    arm: '32-bit Arm (EABI)',
    riscv64: '64-bit RISC-V',
  },
  { amd64: 'x86_64', x64: 'x86_64', i386: 'x86', i686: 'x86', arm64: 'aarch64', armhf: 'arm', armv7: 'arm' },
);

const argumentRuleText = text('an argument rule', undefined, 'argument-rule');
const relativeFile = text('a file name beside the policy');

const seccomp = {
  default: optional(
    defaultAction,
    'What happens to a system call that nothing below speaks of. `deny` is kill-process.',
    'deny',
  ),
  architectures: optional(
    list(architecture),
    'The architectures that may run at all; every other one is killed. Default: those of the target.',
    '[x86_64, aarch64]',
  ),
  rules: optional(
    list(
      object({
        syscalls: required(
          list(syscallOrGroup),
          'The system calls that the rule speaks of, by name or `@group`.',
          '[socket]',
        ),
        action: optional(action, 'The verdict. Default: allow.', 'errno(EPERM)'),
        when: optional(
          argumentRuleText,
          'A condition over the arguments, `arg0` to `arg5`; always when absent.',
          'arg0 == AF_UNIX',
        ),
      }),
    ),
    'Rules in order; the first that holds decides, before the level and the lists below.',
    '[{ syscalls: [socket], action: errno(EPERM), when: arg0 == AF_PACKET }]',
  ),
  deny: optional(
    list(syscallOrGroup),
    'System calls that are refused, whatever their arguments: as `default` does, or with EPERM where the default allows.',
    '[ptrace]',
  ),
  log: optional(
    list(syscallOrGroup),
    'System calls that are allowed and logged, where the level does not refuse them.',
    '[personality]',
  ),
  allow: optional(
    list(syscallOrGroup),
    'System calls that are allowed, whatever their arguments, where the level does not refuse them.',
    '["@basic-start", read, write]',
  ),
};

const port = number({ integer: true, minimum: 0, maximum: 65_535 });

const landlock = {
  enabled: optional(flag, 'False leaves the file system and ports below unrestricted. Default: true.', 'true'),
  paths: optional(
    list(
      object({
        path: required(
          text('a path'),
          'An absolute path; everything beneath it is meant. `*` and `?` stand for characters within one component.',
          '/usr/lib',
        ),
        access: required(
          oneOf(accessOrNone, list(access)),
          'A preset, or a list of presets and of Landlock rights.',
          'read-only',
        ),
        optional: optional(flag, 'True where the path may be missing when the sandbox starts. Default: false.', 'true'),
      }),
    ),
    'What the program may do with files. All else is denied.',
    '[{ path: /tmp, access: read-write }]',
  ),
  bind: optional(list(port), 'TCP ports that may be bound. All others are denied.', '[8080]'),
  connect: optional(list(port), 'TCP ports that may be connected to. All others are denied.', '[443]'),
  scopes: optional(
    list(
      enumeration('a scope', {
        'abstract-unix-socket': 'no connection to abstract UNIX sockets of processes outside',
        signal: 'no signal to processes outside',
      }),
    ),
    'What the program is cut off from outside the sandbox.',
    '[signal]',
  ),
};

const security = {
  level: optional(
    enumeration(
      'a level',
      {
        low: 'refuse what changes the machine: modules, kexec, reboot, clock, raw I/O, swap',
        medium:
          'low, and what reaches other processes or namespaces: ptrace, mount, bpf, perf, keyrings, new user namespaces',
        high: 'medium, and the rest of the attack surface that programs rarely need: io_uring, userfaultfd, personality, terminal injection',
      },
      { default: 'medium', moderate: 'medium', strict: 'high' },
    ),
    'A preset of refused system calls. It comes after `rules` and `deny`, and before `log` and `allow`. The strictest level of a policy and all that it extends holds.',
    'medium',
  ),
  capabilities: optional(
    list(capability),
    'The capabilities that the program keeps; every other one is dropped.',
    '[]',
  ),
  seccomp: optional(object(seccomp), 'System calls.', '{ default: deny, allow: [read, write, exit_group] }'),
  landlock: optional(
    object(landlock),
    'Files, TCP ports and scopes.',
    '{ paths: [{ path: /tmp, access: read-write }] }',
  ),
  bpf_lsm: optional(
    mapping(hook, relativeFile),
    'Hook programs beside the policy, by LSM hook.',
    '{ file_open: files.bpf }',
  ),
};

const performance = {
  zygote: optional(flag, 'Start from a pre-sandboxed fork server.', 'true'),
  io_mode: optional(
    enumeration(
      'an I/O mode',
      {
        sync: 'plain system calls',
        epoll: 'readiness events',
        uring: 'io_uring; its operations bypass seccomp',
      },
      { blocking: 'sync', poll: 'epoll' },
    ),
    'Which interface the program does its I/O with.',
    'epoll',
  ),
  memory_allocator: optional(
    enumeration(
      'an allocator',
      {
        system: 'the C library’s own',
        jemalloc: 'libjemalloc, preloaded',
        mimalloc: 'libmimalloc, preloaded',
        tcmalloc: 'libtcmalloc, preloaded',
      },
      { default: 'system', glibc: 'system', libc: 'system', malloc: 'system' },
    ),
    'The allocator to preload.',
    'jemalloc',
  ),
  cpu_affinity: optional(
    oneOf(
      enumeration(
        'an affinity',
        { 'numa-aware': 'the processors of one NUMA node', any: 'every processor' },
        { all: 'any' },
      ),
      list(number({ integer: true, minimum: 0, maximum: 4095 })),
    ),
    'The processors to run on: `numa-aware`, or a list of numbers.',
    '[0, 1]',
  ),
  prefetch: optional(
    oneOf(fileSetOrPath, list(fileSetOrPath)),
    'What `polc run` reads ahead while the program starts: the sets `program` (it and its libraries), `python` (with the modules of a start) and `node`, and absolute paths, in which `*` and `?` stand for characters within one component. What is not there is passed over.',
    '[python, /srv/model]',
  ),
};

const resources = {
  memory: optional(bytes, 'The most memory, swap included.', '512MiB'),
  cpu: optional(cpus, 'The share of processor time; 1.0 is one whole CPU.', '1.0'),
  pids: optional(
    number({ integer: true, minimum: 1, maximum: 4_194_304 }),
    'The most processes and threads at once.',
    '256',
  ),
  disk: optional(bytes, 'The most disk space. Linux has no controller for it; see the coverage report.', '1GiB'),
  tmpfs: optional(bytes, 'The size of a private, empty /tmp in memory.', '1GiB'),
  timeout: optional(milliseconds, 'The most wall-clock time; the program is killed at its end.', '300s'),
  rlimits: optional(
    mapping(rlimit, number({ integer: true, minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
    'Limits of setrlimit(2) in the kernel’s own units; soft and hard limit are the same.',
    '{ nofile: 1024 }',
  ),
};

const network = {
  mode: optional(
    enumeration(
      'a network mode',
      {
        none: 'no network at all',
        'loopback-only': 'a network of its own in which only 127.0.0.1 and ::1 exist',
        host: 'the network of the machine',
      },
      { disabled: 'none', isolated: 'none', off: 'none', localhost: 'loopback-only' },
    ),
    'Which network the program sees.',
    'loopback-only',
  ),
  dns: optional(
    enumeration(
      'a DNS mode',
      { enabled: 'names can be resolved', disabled: 'name resolution is refused' },
      {
        allow: 'enabled',
        on: 'enabled',
        true: 'enabled',
        yes: 'enabled',
        deny: 'disabled',
        false: 'disabled',
        no: 'disabled',
        none: 'disabled',
        off: 'disabled',
      },
    ),
    'Name resolution.',
    'disabled',
  ),
  outbound: optional(
    list(endpoint),
    'Where the program may connect to: `10.0.0.0/8:443`, `*:443`, `udp://192.0.2.1:53`. Absent: anywhere that the mode reaches.',
    '["*:443"]',
  ),
};

export const level = enumeration(
  'an enforcement level',
  {
    direct: 'no enforcement, audit only',
    sandbox: 'the policy as written',
    hardened: 'the policy after the strictest preset, from which nothing makes an exception',
  },
  { audit: 'direct', none: 'direct', off: 'direct', enforce: 'sandbox', strict: 'hardened' },
);

const adaptive = {
  auto_upgrade: optional(level, 'The level that `upgrade` moves to.', 'hardened'),
  auto_downgrade: optional(
    level,
    'The level that `downgrade` names. A running program only becomes stricter, and the next start is in the level of `mode` again.',
    'direct',
  ),
  triggers: optional(
    list(
      mapping(
        enumeration(
          'a trigger',
          {
            network_access: 'the program used the network',
            file_write_outside_tmp: 'the program wrote a file outside /tmp',
            process_spawn: 'the program started another',
            privilege_change: 'the program changed its credentials or capabilities',
            policy_violation: 'the program did something that the policy refuses',
          },
          { exec: 'process_spawn', fork: 'process_spawn', setuid: 'privilege_change' },
        ),
        enumeration(
          'a direction',
          { upgrade: 'to `auto_upgrade`', downgrade: 'to `auto_downgrade`' },
          { up: 'upgrade', raise: 'upgrade', down: 'downgrade', lower: 'downgrade' },
        ),
      ),
    ),
    'Events and the direction that each moves the level in.',
    '[{ network_access: upgrade }]',
  ),
};

const fields = {
  profile: required(
    text('a profile name', {
      source: '[A-Za-z0-9][A-Za-z0-9._-]{0,63}',
      doc: 'letters, digits, `.`, `_` and `-`, at most 64',
    }),
    'The name of the policy, and of its folder in the output.',
    'web',
  ),
  mode: requiredUnless(
    'extends',
    level,
    'How much is enforced. Of the policy and all that it extends, the strictest mode holds.',
    'sandbox',
  ),
  runtime: optional(
    enumeration(
      'a runtime',
      {
        auto: 'namespaces on Linux, WebAssembly elsewhere',
        namespace: 'Linux namespaces',
        wasm: 'a WebAssembly host',
      },
      { container: 'namespace', webassembly: 'wasm' },
    ),
    'What the program runs in.',
    'auto',
  ),
  extends: optional(
    oneOf(relativeFile, list(relativeFile)),
    'Policies that this one builds on, by file. What this one says comes first; where that is looser than a base, there is a warning.',
    'base.yaml',
  ),
  security: optional(object(security), 'What the program may do.', '{ level: medium }'),
  performance: optional(object(performance), 'How the program is run.', '{ io_mode: epoll }'),
  resources: optional(object(resources), 'How much the program may use.', '{ memory: 512MiB }'),
  network: optional(object(network), 'What the program may reach.', '{ mode: loopback-only }'),
  adaptive: optional(
    object(adaptive),
    'When enforcement becomes stricter.',
    '{ auto_upgrade: hardened, triggers: [{ network_access: upgrade }] }',
  ),
  accept: optional(
    list(acceptance),
    'Rules that may stay unenforced on the target, each with a reason.',
    '[{ loss: disk, because: the image has a quota }]',
  ),
  tests,
};

export const shape: Shape<Decoded<typeof fields>> = object(fields);
export type SandboxDocument = Decoded<typeof fields>;
export type SecurityDocument = NonNullable<SandboxDocument['security']>['value'];
export type SeccompDocument = NonNullable<SecurityDocument['seccomp']>['value'];
