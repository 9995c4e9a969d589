import { entries } from '../entry.ts';

export const coverage = entries({
  POL6001: {
    severity: 'error',
    message: '`{topic}` is enforced by no backend on this target',
    help: 'accept the loss by name, with a reason, or choose a target, or backends (`--emit`), that can enforce it',
    explanation:
      'A rule that nothing enforces is worse than no rule: its reader believes in it. Choose a target or a backend that can, or accept the loss by name and with a reason under `accept:`. Where `--emit` leaves out the backend that enforces the rule, the help names it.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [io_uring_setup]\nperformance:\n  io_mode: uring\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [io_uring_setup]\nperformance:\n  io_mode: uring\naccept:\n  - { loss: io_mode, because: the program falls back to epoll }\n',
  },
  POL6004: {
    severity: 'warning',
    message: '`{topic}` is only partly enforced on this target',
    help: 'accept the loss by name, with a reason, under `accept:`',
    explanation:
      'Some of what the rule says is enforced, and the message says what is lost. Accept the loss by name to silence it.',
    bad: 'profile: web\nmode: sandbox\nresources:\n  disk: 1GiB\n',
    good: 'profile: web\nmode: sandbox\nresources:\n  disk: 1GiB\naccept:\n  - { loss: disk, because: the file system has a quota }\n',
  },
  POL6005: {
    severity: 'warning',
    message: 'the acceptance of `{loss}` matches no loss',
    help: 'remove the entry',
    explanation:
      'Everything that the name stands for is enforced, or nothing has that name. An acceptance that outlives its loss hides the next one.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\naccept:\n  - { loss: disk, because: the image has a quota }\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
  POL6006: {
    severity: 'hint',
    message: '{enforcer} does not enforce {topics}, as {best} does',
    help: 'see `polc explain`; deploy what enforces more, or accept the loss by name',
    explanation:
      'A policy can be deployed in several ways, of which a machine or an organisation uses one: the launcher with its Landlock ruleset, filter and control group, or the OCI configuration; the guardrail runtime, or a service control policy, or an action of AWS Budgets. The findings about coverage are those of the way that loses least; this one names what another, which was emitted beside it, does not hold. An OCI runtime applies no Landlock ruleset and has no clock; a service control policy knows no cost events. What it holds in part, `polc explain` and the manifest say. Leave it out of `--emit` if nobody uses it.',
    bad: 'profile: web\nmode: sandbox\nresources: { timeout: 300s }\n',
    good: 'profile: web\nmode: sandbox\nresources: { rlimits: { core: 0 } }\n',
  },
  POL6007: {
    severity: 'error',
    message: '`{loss}` is a whole section',
    help: 'name each field whose loss you accept, such as `resources.disk`',
    explanation:
      'An acceptance of a section would hide every loss in it, also those of fields that are added later and of targets that nobody has thought of. Accept the loss of each field by its name, with its own reason.',
    bad: 'profile: web\nmode: sandbox\nresources: { disk: 1GiB }\naccept:\n  - { loss: resources, because: the image has a quota }\n',
    good: 'profile: web\nmode: sandbox\nresources: { disk: 1GiB }\naccept:\n  - { loss: resources.disk, because: the image has a quota }\n',
  },
  POL6030: {
    severity: 'hint',
    message: 'the built launcher leaves out `{pattern}`',
    help: 'start the sandbox with `polc run`, which expands the pattern, or write the paths out',
    explanation:
      'Landlock takes paths, not patterns. `polc run` looks up what a pattern stands for when it starts; a launcher that is built beforehand cannot, and grants nothing for it: what the rule allows is refused.',
  },
  POL6031: {
    severity: 'warning',
    message: '`{pattern}` matches nothing here',
    help: 'check the pattern against the machine on which the sandbox starts',
    explanation:
      'The pattern was looked up where the sandbox is to start, and no path has that form. The rule grants nothing.',
  },
  POL6033: {
    severity: 'warning',
    message: 'no launcher is written for Linux {kernel}',
    help: 'choose a target of at least `kernel=5.9`, or leave the launcher out of `--emit`',
    explanation:
      'The launcher closes every inherited descriptor with close_range(2), which Linux has since 5.9. On an older kernel it could only fail.',
  },
  POL6040: {
    severity: 'warning',
    message: 'Landlock cannot say `{topic}`',
    help: 'write what is allowed as rights beneath paths',
    explanation:
      'A Landlock ruleset only adds rights beneath paths, and what no rule adds is refused. A condition of another form, or a denial below an allowed path, has no place in it; the rule then grants nothing.',
  },
  POL6041: {
    severity: 'hint',
    message: 'Landlock leaves TCP {operation} alone: more than {most} ports are allowed',
    help: 'list the ports that the program needs',
    explanation:
      'Landlock has a rule for each port and none for ranges. A rule costs a system call whenever the sandbox starts, so a policy that allows thousands of ports gets no port rules at all; a network namespace or the other backends may still hold it.',
  },
  POL6045: {
    severity: 'hint',
    message: '`{topic}` has conditions that an OCI runtime cannot hold exactly: {reason}',
    help: 'compare arguments with constants, in fewer combinations',
    explanation:
      'An OCI runtime hands its rules to libseccomp, which has no order of rules, joins those of one call by `or`, compares each argument once in a rule and, on 32-bit architectures, only its low word. The named calls fall back to the refusal that the fragment can say.',
  },
  POL6046: {
    severity: 'hint',
    message: '`{topic}` asks for a listener that the OCI fragment does not have',
    help: 'use `errno`, `trap` or `kill`, or attach the raw filter from a supervisor that holds its listener',
    explanation:
      '`notify` hands a call to a supervisor over a socket whose path only the container engine knows (`listenerPath`). Without one the kernel answers ENOSYS, which is what the fragment says. The launcher and `polc run` leave no supervisor either: the call gets ENOSYS there too.',
  },
  POL6047: {
    severity: 'warning',
    message: 'no eBPF program is written for `{at}`: {reason}',
    help: 'ask less at this hook, in fewer patterns or with fewer `*` before `?`, or choose a newer kernel',
    explanation:
      'A program has 512 bytes of stack and jumps of 32,767 instructions, and reads texts by automata whose tables have at most 64 KiB. What does not fit, or asks for what the kernel of the target cannot tell, has no program; coverage names every rule that is lost with it.',
  },
  POL6050: {
    severity: 'hint',
    message: 'patterns stand in place of actions, since {most} {many} would not hold them all',
    help: 'deny fewer actions, or look at the patterns in the documents',
    explanation:
      'Each pattern matches, of all the actions that AWS has, only such as the policy denies, which the validation proves. An action that AWS adds later may fall under one of them; compile again then.',
  },
  POL6051: {
    severity: 'hint',
    message: 'no event pattern is written: the policy responds to budgets only',
    help: 'subscribe the guardrail runtime to the SNS topic of the budget, or add `anomaly` to `match.source`',
    explanation:
      'AWS Budgets tells of a budget in prose over SNS. It sends nothing to EventBridge, so that no rule there could match.',
  },
  POL6052: {
    severity: 'hint',
    message: 'no action of AWS Budgets is written: {reason}',
    help: 'leave `budgets-action` out of `--emit`: the guardrail runtime responds',
    explanation:
      'An action of AWS Budgets attaches a policy to roles and users of its own account when a budget passes a threshold. It is no answer to an anomaly, it cannot only tell, and what the policy does not deny it cannot attach.',
  },
  POL6010: {
    severity: 'error',
    message: '`{topic}` has no form in seccomp: {reason}',
    help: 'name the system calls, and compare their arguments with numbers',
    explanation:
      'A seccomp filter sees the architecture, the number and the six arguments of a call as numbers. A rule that asks for anything else cannot be compiled, and leaving it out would change what the rules after it mean.',
  },
  POL6056: {
    severity: 'hint',
    message: 'only `polc run` moves the program out of `{start}`; a launcher that is built stays there',
    help: 'start the program with `polc run`',
    explanation:
      'A supervisor beside the program answers for a part of its filter, writes the files of its control group and lets programs of the kernel decide: `polc run` is that supervisor. A launcher that `polc build` writes holds the level of the start by itself, and nobody moves its program. Coverage says what `polc run` holds.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\nadaptive:\n  auto_upgrade: hardened\n  triggers: [{ network_access: upgrade }]\n',
    good: 'profile: web\nmode: hardened\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
  POL6057: {
    severity: 'hint',
    message: 'only `polc run` does {topics}; a launcher that is built does without',
    help: 'start the program with `polc run`',
    explanation:
      'Servers that programs are forked from, the library of an allocator, files that are read ahead and the nodes of the machine are matters of the moment at which a program starts, which `polc run` sees to. A launcher that `polc build` writes starts the program in the same sandbox without them. Nobody has to accept that; what `polc run` itself cannot do on a machine, such as preload a library that is not installed, it says there.',
    bad: 'profile: web\nmode: sandbox\nperformance:\n  prefetch: python\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
});
