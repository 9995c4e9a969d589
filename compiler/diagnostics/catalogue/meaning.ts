import { entries } from '../entry.ts';

export const meaning = entries({
  POL5003: {
    severity: 'warning',
    message: 'this rule can never decide anything',
    help: 'remove it, or move it before the rule that decides first',
    explanation:
      'The first rule that fits a call decides. Earlier rules fit every call that this rule fits, or its own conditions exclude each other, so the policy means the same without it. A rule that only loses some of its calls to earlier ones is not reported.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: errno(EPERM)\n    rules:\n      - syscalls: ["@network-io"]\n      - { syscalls: [socket], when: arg0 == AF_UNIX }\n    allow: ["@basic-start"]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: errno(EPERM)\n    rules:\n      - { syscalls: [socket], when: arg0 == AF_UNIX }\n    allow: ["@basic-start"]\n',
  },
  POL5004: {
    severity: 'hint',
    message: 'this rule grants nothing that another rule does not grant',
    help: 'remove it, or narrow the other rule',
    explanation:
      'Rules that allow add up: a path rule speaks of everything beneath its path. A rule beneath another one with no further right changes nothing.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  landlock:\n    paths:\n      - { path: /usr, access: execute }\n      - { path: /usr/bin, access: execute }\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  landlock:\n    paths:\n      - { path: /usr, access: execute }\n',
  },
  POL5005: {
    severity: 'hint',
    message: 'this rule does what happens without it: `{effect}`',
    help: 'remove it; `default` covers what no rule decides',
    explanation:
      'No rule with another effect comes after this one, and what no rule decides is treated in the same way. So the policy means the same without it.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: deny\n    rules:\n      - syscalls: ["@basic-start"]\n    deny: [ptrace]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: deny\n    rules:\n      - syscalls: ["@basic-start"]\n',
  },
  POL5010: {
    severity: 'warning',
    message: 'a program cannot start under this filter: it refuses {count} system calls that the C library makes first',
    help: 'add `"@basic-start"` to `allow`; missing: {missing}',
    explanation:
      'A dynamically linked program maps its libraries, sets up its thread and reads its auxiliary vector before `main`. A filter that refuses those calls ends every program before it begins. polc compiles what you wrote all the same.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: deny\n    allow: [read, write, exit_group]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: deny\n    allow: ["@basic-start", read, write, exit_group]\n',
  },
  POL5012: {
    severity: 'warning',
    message: '`{key}` is an empty list, which allows nothing',
    help: 'fill the list, or remove the key to leave this unrestricted',
    explanation: 'An empty list is not the same as no list: it allows nothing at all, which is rarely meant.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  landlock:\n    paths: []\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  landlock:\n    paths:\n      - { path: /usr, access: execute }\n',
  },
  POL5013: {
    severity: 'warning',
    message: 'no path may be executed, so the sandbox cannot start a program',
    help: 'give the folders of the program and its loader `access: execute`, for example `/usr`',
    explanation:
      'Landlock is in force when the program is started, and starting it needs the right `execute` on its file and on the dynamic loader.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  landlock:\n    paths:\n      - { path: /tmp, access: read-write }\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  landlock:\n    paths:\n      - { path: /usr, access: execute }\n',
  },
  POL5014: {
    severity: 'error',
    message: '`outbound` has destinations, but `mode: {mode}` reaches none of them',
    help: 'set `mode: host`, or remove `outbound`',
    explanation: 'A network of its own has no route to anywhere, so nothing in `outbound` can be reached.',
    bad: 'profile: web\nmode: sandbox\nnetwork:\n  mode: none\n  outbound: ["*:443"]\n',
    good: 'profile: web\nmode: sandbox\nnetwork:\n  mode: host\n  outbound: ["*:443"]\n',
  },
  POL5015: {
    severity: 'warning',
    message: '`mode: direct` enforces nothing: refused system calls are only logged, and the rest is not even that',
    help: 'use `mode: sandbox` to enforce',
    explanation:
      'In this mode the filter logs the system calls that it would refuse. Capabilities, files and network are neither enforced nor logged, and no resource is limited.',
    bad: 'profile: web\nmode: direct\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
  POL5016: {
    severity: 'warning',
    message: 'the policy restricts nothing',
    help: 'add `security:`, `resources:` or `network:`',
    explanation: 'Nothing in this policy decides or limits anything, so its artifacts would be empty.',
    bad: 'profile: web\nmode: sandbox\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
  POL5017: {
    severity: 'warning',
    message: 'this lets through what `level: {level}` refuses: {names}',
    help: 'remove it to let the level decide; what is lost: {lost}',
    explanation:
      'An entry of `rules` comes before the preset of the level, and a call that `allow` or `log` names by itself is taken out of what the level refuses without conditions. A group in a list allows only what the level does not refuse. So this entry opens something that the level closes.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  level: medium\n  seccomp:\n    default: errno(EPERM)\n    allow: ["@basic-start", ptrace]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  level: medium\n  seccomp:\n    default: errno(EPERM)\n    allow: ["@basic-start", read]\n',
  },
  POL5018: {
    severity: 'warning',
    message: 'operations submitted through io_uring bypass seccomp',
    help: 'use `epoll` where the filter must see every operation',
    explanation:
      'The kernel runs the operations of an io_uring queue without a system call, so no filter sees them. Landlock still decides about files.',
  },
  POL5029: {
    severity: 'hint',
    message: 'programs that one fork server starts share the layout of their memory and the seed of their hashes',
    help: 'leave `zygote` out where a program may not know addresses or hashes of another; `polc docs zygote` says what is kept apart',
    explanation:
      'A fork is a copy: the addresses that the kernel chose at random for the server (ASLR), and the seed with which Python hashes texts, are those of every program of that server, for as long as it runs. Everything else that a plain start gives a program for itself it has here too: namespaces, a Landlock domain, control groups, descriptors, environment and random numbers.',
    bad: 'profile: web\nmode: sandbox\nperformance:\n  zygote: true\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
  POL5019: {
    severity: 'error',
    message: 'the trigger asks for `{direction}`, but `{key}` is not set',
    help: 'add `{key}: LEVEL`, with `direct`, `sandbox` or `hardened`',
    explanation: 'A trigger moves the level to the one that `auto_upgrade` or `auto_downgrade` names.',
  },
  POL5024: {
    severity: 'error',
    message: 'the output folder has a file of the name `{name}` already',
    help: 'give the policy another name',
    explanation:
      'The name of a policy is the name of its folder in the output, and this one is taken by the report of the build.',
  },
  POL5021: {
    severity: 'error',
    message: 'two policies have the name `{name}`',
    help: 'rename one of them: each policy needs a name of its own',
    explanation:
      "The name of a policy is the name of its folder in the output. Two of one name would overwrite each other, and which one is enforced would depend on the order of the files. What a guardrail creates in AWS is found again by it too: two would take each other's responses for their own, so that rolling one back undoes the other.",
  },
  POL5020: {
    severity: 'error',
    message: 'the trigger `{trigger}` is written twice',
    help: 'keep one of them',
    explanation: 'One event can move the level in one direction only.',
  },
  POL5028: {
    severity: 'warning',
    message: 'no event can fire `{trigger}`: {reason}',
    help: 'remove the trigger, or let some of the calls pass that it waits for',
    explanation:
      'A trigger moves a running program to a stricter level when what it waits for is done. `policy_violation` waits for a refusal that the program lives to see, by an errno other than ENOSYS; the other triggers for calls that the filter lets through.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: kill\n    allow: ["@basic-start"]\nadaptive:\n  auto_upgrade: hardened\n  triggers: [{ network_access: upgrade }]\naccept:\n  - { loss: adaptive, because: an example }\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: kill\n    allow: ["@basic-start", socket]\nadaptive:\n  auto_upgrade: hardened\n  triggers: [{ network_access: upgrade }]\naccept:\n  - { loss: adaptive, because: an example }\n',
  },
  POL5058: {
    severity: 'hint',
    message: '`{trigger}` moves nothing: the program is in `{level}` from its start',
    help: 'remove the trigger, or move to a level that is stricter than `mode`',
    explanation:
      'An `upgrade` to the level in which the program starts has nothing left to do, whoever starts it. Begin in a level that is less strict, or name a stricter one in `auto_upgrade`.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\nadaptive:\n  auto_upgrade: sandbox\n  triggers: [{ network_access: upgrade }]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\nadaptive:\n  auto_upgrade: hardened\n  triggers: [{ network_access: upgrade }]\n',
  },
  POL5022: {
    severity: 'warning',
    message: '`{topic}` lets through everything that a rule of `{refusal}` ({by}) refuses',
    help: 'narrow it, or remove it, so that the refusal holds',
    explanation:
      'A refusal that a level or another policy brings along decides nothing here, because rules that let pass come before it and fit every call that it fits. Nobody enforces it: its coverage says by which rule it is overridden.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  level: medium\n  seccomp:\n    default: errno(EPERM)\n    rules:\n      - syscalls: [clone3]\n    allow: ["@basic-start"]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  level: medium\n  seccomp:\n    default: errno(EPERM)\n    allow: ["@basic-start"]\n',
  },
  POL5023: {
    severity: 'warning',
    message: 'this loosens `{field}` of `{by}`: {how}',
    help: 'make it at most as wide as there, or say in a suppression why this policy needs more',
    explanation:
      'What a policy says replaces what the policies say that it extends, so it can take back a protection that they give. That is allowed, but it is not silent. The strictest `mode` and `level` hold whatever this policy says, and lists of `rules`, `deny`, `log`, `allow` and `paths` add up.',
  },
  POL5027: {
    severity: 'hint',
    message: '`{field}: {value}` has no effect: `{by}` asks for `{stricter}`',
    help: 'remove it, or choose one that is stricter',
    explanation:
      'Of a policy and all the policies that it extends, the strictest `mode` and the strictest `level` hold.',
  },
  POL5025: {
    severity: 'warning',
    message: 'this rule does not let {names} through: `mode: hardened` refuses it',
    help: 'remove it, or use `mode: sandbox` with a level, from which `rules` can make exceptions',
    explanation:
      'In `mode: hardened` the preset of `high` comes before everything that the policy says, so nothing makes an exception from it.',
    bad: 'profile: web\nmode: hardened\nsecurity:\n  seccomp:\n    default: errno(EPERM)\n    rules:\n      - { syscalls: [ptrace], when: arg0 == 0 }\n    allow: ["@basic-start"]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  level: low\n  seccomp:\n    default: errno(EPERM)\n    rules:\n      - { syscalls: [ptrace], when: arg0 == 0 }\n    allow: ["@basic-start"]\n',
  },
  POL5026: {
    severity: 'warning',
    message: '`{name}` is refused, but {siblings} can do the same and still pass',
    help: 'refuse them too',
    explanation:
      'A program that is refused one call makes another of the same family: `openat` for `open`, `clone3` for `fork`, and on x86 `socketcall` and `ipc`, which stand for all calls of sockets and of System V IPC. A sibling that the policy names itself is not reported, nor one that only some arguments let pass, nor a refusal with ENOSYS, which sends a C library to an older call.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [execve]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [execve, execveat]\n',
  },
  POL5090: {
    severity: 'error',
    message: 'this suppression of `{code}` has no reason',
    help: 'end the comment with `because` and the reason',
    explanation: `A finding is silenced by a comment on its line or on the lines above it:
\`# polc: allow CODE until YYYY-MM-DD because REASON\`. The reason is for the next reader, who must decide
whether the exception still holds, so it cannot be left out. The date can.`,
    bad: `# polc: allow POL6004
profile: web
mode: sandbox
`,
    good: `# polc: allow POL6004 because the disk has a quota
profile: web
mode: sandbox
`,
  },
  POL5091: {
    severity: 'warning',
    message: 'this suppression of `{code}` ended on {date}',
    help: 'repair what it silenced, or give it a later date if the reason still holds',
    explanation: `The date after \`until\` is the last day on which the comment silences its finding. It has passed, so the finding is
reported again.`,
    bad: `# polc: allow POL6004 until 2024-01-01 because the disk has a quota
profile: web
mode: sandbox
`,
    good: `# polc: allow POL6004 until 2099-01-01 because the disk has a quota
profile: web
mode: sandbox
`,
  },
  POL5092: {
    severity: 'error',
    message: 'no diagnostic has the code `{code}`',
    help: 'take the code from the brackets of the message that you want to silence',
    explanation: `A suppression comment names a code that does not exist, so it can never silence anything. \`polc docs\` lists every code.`,
    bad: `# polc: allow POL0000 because it is noise
profile: web
mode: sandbox
`,
    good: `# polc: allow POL6004 because the disk has a quota
profile: web
mode: sandbox
`,
  },
  POL5093: {
    severity: 'hint',
    message: 'this suppression of `{code}` silences nothing',
    help: 'remove the comment',
    explanation: `No finding with this code starts on the line that the comment speaks of. It may have been repaired since, or the comment
stands on the wrong line: it speaks of its own line, or of the next one when it stands alone.`,
    bad: `# polc: allow POL6004 because the disk has a quota
profile: web
mode: sandbox
`,
    good: `profile: web
mode: sandbox
`,
  },
  POL5094: {
    severity: 'error',
    message: 'this suppression cannot be read: {reason}',
    help: 'write `# polc: allow CODE until YYYY-MM-DD because REASON`; the date may be left out',
    explanation: `A comment that begins with \`polc: allow\` is a suppression: one code or several separated by commas, perhaps
\`until\` and a date of the calendar, and \`because\` with a reason.`,
    bad: `# polc: allow POL6004 until tomorrow because the disk has a quota
profile: web
mode: sandbox
`,
    good: `# polc: allow POL6004 until 2099-01-01 because the disk has a quota
profile: web
mode: sandbox
`,
  },
  POL5095: {
    severity: 'error',
    message: '`{code}` cannot be suppressed',
    help: 'repair what it reports instead',
    explanation: `A comment can silence a warning or a hint. An error means that the policy has no meaning that could be enforced;
and a suppression cannot silence the checks of suppressions.`,
    bad: `# polc: allow POL8100 because it is slow
profile: web
mode: sandbox
`,
    good: `profile: web
mode: sandbox
`,
  },
  POL5070: {
    severity: 'error',
    message: 'the budget `{name}` counts {number} combinations of account, service and region',
    help: 'name at most {limit}; leave out the lists that no policy asks about',
    explanation:
      'An event of a budget that is mapped to several accounts, services and regions is evaluated once for each combination, as an anomaly is for each root cause. So many make every event slow; a list that is left out is unknown, which costs nothing.',
  },
});
