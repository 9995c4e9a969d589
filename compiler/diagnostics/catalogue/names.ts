import { entries } from '../entry.ts';
import { ruleExample } from './rule-example.ts';

export const names = entries({
  POL3001: {
    severity: 'error',
    message: '`{value}` is not {noun}',
    help: 'write one of {expected}',
    explanation: 'The key takes one of a few words, and this is none of them.',
    bad: 'profile: web\nmode: sandbx\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
  POL3002: {
    severity: 'error',
    message: 'unknown syscall `{name}`',
    help: "look the name up in syscalls(2); it is the kernel's, not the C library's",
    explanation:
      'A system call is named as the kernel names it. Other tools ignore a name that they do not know, and the filter then means something else than its author read; here it is an error, with the nearest name that exists.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptraec]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
  POL3003: {
    severity: 'error',
    message: 'unknown group `{name}`',
    help: '`polc docs groups` lists the groups',
    explanation: 'Groups are named sets of system calls. An unknown one would stand for nothing.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: ["@debgu"]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: ["@debug"]\n',
  },
  POL3004: {
    severity: 'error',
    message: 'unknown capability `{name}`',
    help: 'capabilities(7) lists the names',
    explanation: 'Capabilities are written as in capabilities(7), with or without `CAP_`, in either case.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  capabilities: [net_bind_servce]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  capabilities: [net_bind_service]\n',
  },
  POL3005: {
    severity: 'error',
    message: 'unknown access `{name}`',
    help: 'write `read-only`, `read-write`, `execute`, or Landlock rights such as `read_file`',
    explanation: "An access is a preset or one of the rights that Landlock knows, by the kernel's names.",
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  landlock:\n    paths:\n      - { path: /usr, access: execute }\n      - { path: /tmp, access: readwrite }\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  landlock:\n    paths:\n      - { path: /usr, access: execute }\n      - { path: /tmp, access: read-write }\n',
  },
  POL3006: {
    severity: 'error',
    message: 'unknown resource limit `{name}`',
    help: 'setrlimit(2) lists the names; write them in lower case without `RLIMIT_`',
    explanation: 'Limits of setrlimit(2) are written by name: `nofile`, `core`, `stack`.',
    bad: 'profile: web\nmode: sandbox\nresources:\n  rlimits: { nofiles: 1024 }\n',
    good: 'profile: web\nmode: sandbox\nresources:\n  rlimits: { nofile: 1024 }\n',
  },
  POL3007: {
    severity: 'error',
    message: 'unknown LSM hook `{name}`',
    help: 'the hooks are the `bpf_lsm_*` functions of the kernel, without that prefix; `polc docs hooks` lists those that can refuse',
    explanation: 'A program attached to a hook that does not exist would never run.',
  },
  POL3008: {
    severity: 'hint',
    message: '`{name}` is `{current}` in the kernels of today',
    help: 'write `{current}`',
    explanation: 'The hook was renamed or replaced; the old name is read as the new one.',
  },
  POL3009: {
    severity: 'error',
    message: 'the LSM hook `{name}` gives no verdict, so it cannot refuse anything',
    help: 'choose a hook that returns an int, such as `file_open`',
    explanation:
      'Some hooks only tell that something happened, and the kernel ignores what a program attached there returns. At others it takes no program, or what is returned is an answer of another kind, such as the label of another security module.',
  },
  POL3020: {
    severity: 'error',
    message: 'there is no file `{path}`',
    help: 'create `{resolved}`, or correct the name',
    explanation:
      'A policy that this one builds on, or a program that it names, could not be read. Files are looked for beside the policy that names them.',
    bad: 'profile: web\nmode: sandbox\nextends: absent.yaml\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
  POL3021: {
    severity: 'error',
    message: '`{path}` lies outside the workspace `{workspace}`',
    help: 'move the file into the workspace, or start polc in a folder above both',
    explanation:
      'A policy may not pull in files from outside the workspace, nor over a symbolic link that leads out of it: what was reviewed must be all that decides.',
    bad: 'profile: web\nmode: sandbox\nextends: ../../../elsewhere.yaml\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
  POL3022: {
    severity: 'error',
    message: 'the policy extends itself: {cycle}',
    help: 'remove one of the references of the circle',
    explanation: '`extends` must end somewhere: policies that build on each other in a circle have no first one.',
  },
  POL3023: {
    severity: 'error',
    message: '`{path}` has not been read: {absence}',
    help: 'see whether the editor still reaches the file system; the policy is checked again as soon as the file comes',
    explanation:
      'In a browser, and on file systems that are not disks, the language server asks the editor for files. An answer that does not come is not waited for longer than 20 seconds, and what the policy then means is not known.',
  },
  POL3030: {
    severity: 'error',
    message: '`{name}` exists on none of the architectures {architectures}',
    help: 'remove it, or add the architecture that has it to `architectures`',
    explanation:
      'The kernel of each of these architectures has no system call of this name, so the rule could not mean anything.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    architectures: [aarch64]\n    deny: [arch_prctl]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
  POL3033: {
    severity: 'hint',
    message: '`{name}` came with Linux {since}, after the {kernel} of the target',
    help: 'nothing needs to be done: on that kernel the call fails with ENOSYS, and libraries fall back to an older one',
    explanation:
      'The rule is compiled all the same, by the number of the call, so it holds on newer kernels too. On the target, the kernel itself answers ENOSYS.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [removexattrat]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
  POL3032: {
    severity: 'warning',
    message: 'the profile names `{name}`, which is no system call of any known kernel',
    help: 'it was left out; container runtimes leave it out too, without a word',
    explanation:
      'Container runtimes skip names that their libseccomp does not know. A misspelt name then silently allows or refuses nothing.',
  },
  POL3031: {
    severity: 'hint',
    message: '`{name}` does not exist on {architectures}',
    help: 'nothing needs to be done; programs for that architecture cannot make the call',
    explanation:
      'Architectures differ in their system calls. The rule holds where the call exists, and this says where it does not.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    architectures: [x86_64, aarch64]\n    deny: [arch_prctl]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
  POL3050: {
    severity: 'error',
    message: 'unknown constant `{name}`',
    help: "the constants are those of the kernel's headers, or write the number",
    explanation:
      "Named constants are those of the kernel's interface (`AF_*`, `O_*`, `PROT_*`, `CLONE_*`, requests of ioctl and so on) with the value of each architecture.",
    bad: ruleExample('arg0 == AF_INTE'),
    good: ruleExample('arg0 == AF_INET'),
  },
  POL3051: {
    severity: 'error',
    message: '`{name}` does not exist on {architectures}',
    help: "restrict `architectures`, or write a rule for each architecture's value as a number",
    explanation:
      'Some constants exist on some architectures only. A condition with one would have no meaning on the others.',
  },
  POL3052: {
    severity: 'error',
    message: '`{name}` is not a constant but an argument of `{call}`',
    help: 'write `arg{index}`',
    explanation:
      'Conditions name arguments by their position, `arg0` to `arg5`, because one condition may speak of several calls.',
    bad: ruleExample('family == AF_INET'),
    good: ruleExample('arg0 == AF_INET'),
  },
  POL3053: {
    severity: 'error',
    message: 'there is no argument `{name}`',
    help: 'the arguments of a system call are `arg0` to `arg5`',
    explanation: 'The kernel hands six arguments to a seccomp filter.',
    bad: ruleExample('arg6 == 1'),
    good: ruleExample('arg0 == 1'),
  },
});
