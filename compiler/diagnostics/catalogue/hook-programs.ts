import { entries } from '../entry.ts';

/** A section of the hook `file_open`. */
const files = (...statements: readonly string[]) =>
  `hook file_open\n${statements.map((each) => `  ${each}\n`).join('')}`;
const right = files('deny when path beneath "/etc/ssh"');

export const hookSyntax = entries({
  POL1140: {
    severity: 'error',
    message: '`{text}` is no part of a hook program',
    help: 'delete it; paths, addresses and names of programs stand in double quotes',
    explanation:
      'A hook program is made of statements: `hook`, `counter`, `allow`, `deny`, `errno`, `audit` and `otherwise`. Conditions have names, numbers, texts in double quotes, `== != < <= > >= & | ~ && || !`, `in`, `beneath` and `like`, lists in brackets and parentheses. A comment begins with `#`.',
    bad: files('deny when path beneath /etc/ssh'),
    good: right,
  },
  POL1141: {
    severity: 'error',
    message: 'expected {expected}, found {found}',
    help: '{hint}',
    explanation:
      'A statement is `hook NAME`, `counter NAME by uid per 10s`, `deny when CONDITION` (or `allow`, `errno NAME`, each with `audit` in front where its calls are to be recorded), `audit when CONDITION` or `otherwise deny`.',
    bad: files('deny when path beneath'),
    good: right,
  },
  POL1142: {
    severity: 'error',
    message: '`{text}` is not how hook programs write it',
    help: 'write `{replacement}`',
    explanation: 'Conditions are spelt as in C: `==` and `!=` compare, `&&`, `||` and `!` join. A rule says `when`.',
    bad: files('deny when name == "shadow" and uid != 0'),
    good: files('deny when name == "shadow" && uid != 0'),
  },
  POL1143: {
    severity: 'error',
    message: 'the text is never closed',
    help: 'write the closing double quote on the same line',
    explanation: 'A text ends with the double quote that it begins with, on the same line.',
    bad: files('deny when path beneath "/etc/ssh'),
    good: right,
  },
  POL1144: {
    severity: 'error',
    message: 'there is no such escape in a text',
    help: 'write `\\\\` for a backslash, `\\"` for a double quote, `\\n`, `\\t`, or `\\x01` to `\\x7f`',
    explanation:
      'A backslash in a text begins an escape. Others than these could mean one thing to who writes them and another to the compiler.',
    bad: files('deny when name == "a\\d"'),
    good: files('deny when name == "a\\\\d"'),
  },
  POL1145: {
    severity: 'error',
    message: 'it is not said at which hook this is asked',
    help: 'write `hook` and the name of a hook in front of it: `hook file_open`',
    explanation: 'Every statement belongs to the hook that was named last in front of it.',
    bad: 'deny when uid == 1000\n',
    good: files('deny when uid == 1000'),
  },
  POL1146: {
    severity: 'error',
    message: 'the hook program is {what} than {limit}',
    help: 'split the rule into several, each with a part of the condition',
    explanation: 'Hook programs have limits, so that a compile always ends quickly.',
  },
  POL1147: {
    severity: 'error',
    message: 'the hook program is empty',
    help: 'name a hook and say what is refused there: `hook file_open`, `deny when path beneath "/etc/ssh"`',
    explanation: 'A file without a hook decides nothing, though the policy that names it expects that it does.',
    bad: '# nothing yet\n',
    good: right,
  },
});

export const hookNames = entries({
  POL3160: {
    severity: 'error',
    message: 'the hook `{hook}` has no `{name}`',
    help: 'it has {fields}',
    explanation:
      'What can be asked at a hook is what the kernel hands over there, and what is known of the task that makes the call. `polc docs hooks` lists it.',
    bad: files('deny when port == 22'),
    good: 'hook socket_bind\n  deny when port == 22\n',
  },
  POL3161: {
    severity: 'error',
    message: 'unknown constant `{name}`',
    help: 'write a constant of the interface of the kernel, or its number',
    explanation: 'Constants are those of the kernel, in capitals: `O_CREAT`, `PROT_EXEC`, `AF_INET6`, `CAP_SYS_ADMIN`.',
    bad: files('deny when flags & O_CRAET != 0'),
    good: files('deny when flags & O_CREAT != 0'),
  },
  POL3162: {
    severity: 'error',
    message: 'a counter cannot count apart by `{name}`',
    help: 'count by `uid`, `gid`, `pid`, `tid` or `cgroup`, or leave `by` out',
    explanation: 'A counter keeps a number for each user, group, process, thread or cgroup, or one for all.',
    bad: files('counter opens by user per 10s', 'deny when opens > 100'),
    good: files('counter opens by uid per 10s', 'deny when opens > 100'),
  },
  POL3163: {
    severity: 'error',
    message: 'the counter `{name}` has the name of {what}',
    help: 'call it otherwise, in small letters',
    explanation: 'In conditions a counter is asked by its name, which must mean one thing.',
    bad: files('counter flags per 10s', 'deny when flags > 100'),
    good: files('counter opens per 10s', 'deny when opens > 100'),
  },
  POL3164: {
    severity: 'error',
    message: 'the hook `{hook}` has a second section',
    help: 'put its rules together: the first that holds decides',
    explanation: 'The rules of a hook stand in one list, since their order decides.',
    bad: `${right}hook file_open\n  deny when uid == 1000\n`,
    good: files('deny when path beneath "/etc/ssh"', 'deny when uid == 1000'),
  },
  POL3165: {
    severity: 'error',
    message: '`{file}` says nothing of the hook `{hook}`',
    help: 'write `hook {hook}` in it, or name the file under the hook that it is for',
    explanation:
      'Under `bpf_lsm` each hook names the file with its rules. A file that has none for the hook would leave it undecided.',
  },
  POL3166: {
    severity: 'warning',
    message: '`{file}` has rules for `{hook}`, which the policy does not name',
    help: 'add `{hook}: {file}` to `bpf_lsm`, or delete the rules',
    explanation: 'Only the rules of hooks that the policy names are in force.',
  },
  POL3167: {
    severity: 'error',
    message: 'unknown error `{name}`',
    help: 'write an error of errno(3), such as `EACCES`, or a number from 1 to 4095',
    explanation: 'A call that is refused fails with an error of the kernel: `errno EROFS`.',
    bad: files('errno EACCESS when path beneath "/etc/ssh"'),
    good: files('errno EACCES when path beneath "/etc/ssh"'),
  },
});

export const hookTypes = entries({
  POL4160: {
    severity: 'error',
    message: '`{text}` is {type}, not a condition',
    help: 'compare it with something',
    explanation:
      'Conditions compare, and a field that is true or false is one by itself. `flags & O_CREAT` asks whether a bit is set.',
    bad: files('deny when uid'),
    good: files('deny when uid != 0'),
  },
  POL4161: {
    severity: 'error',
    message: '`{field}` is {type}, and `{text}` is {other}',
    help: 'numbers and constants stand as they are, texts and paths and addresses in double quotes; a truth value stands alone',
    explanation: 'Only things of one kind can be compared.',
    bad: files('deny when comm == 12'),
    good: files('deny when comm == "12"'),
  },
  POL4162: {
    severity: 'error',
    message: '`{operator}` does not go with {type}: `{text}`',
    help: 'numbers are compared, ordered, listed and masked; texts take `==`, `!=`, `in` and `like`, paths `beneath` too, addresses `==`, `!=` and `in`',
    explanation:
      'Each kind of field has its own operators. One field can be put under a mask of constants: `flags & (O_CREAT | O_EXCL)`.',
    bad: files('deny when comm < "b"'),
    good: files('deny when comm like "a*"'),
  },
  POL4163: {
    severity: 'error',
    message: 'fields are compared with constants only',
    help: 'write a number, a constant or a text on one side, and a field on the other',
    explanation: 'A rule says which values it means; two fields are not compared with each other.',
    bad: files('deny when uid == gid'),
    good: files('deny when uid == 1000 && gid == 1000'),
  },
  POL4164: {
    severity: 'error',
    message: '`{field}` is never {number}',
    help: 'it is from {least} to {most}',
    explanation: 'The number does not fit into the bits that the kernel has for the field.',
    bad: 'hook socket_bind\n  deny when port == 70000\n',
    good: 'hook socket_bind\n  deny when port == 7000\n',
  },
  POL4165: {
    severity: 'error',
    message: '`{path}` is no path as the kernel tells it',
    help: 'write an absolute path without `.` and `..`, double slashes and a slash at the end',
    explanation:
      'The kernel tells the absolute path of what was opened, links followed. Another text is never equal to one.',
    bad: files('deny when path beneath "/etc/ssh/"'),
    good: right,
  },
  POL4166: {
    severity: 'error',
    message: '`{constant}` says nothing of `{field}`',
    help: 'the constants of this field begin with {wanted}',
    explanation:
      'Constants are numbers, and one that is made for something else would be read as another bit: `PROT_EXEC` is 4, and so is nothing that open(2) knows.',
    bad: files('deny when flags & PROT_EXEC != 0'),
    good: files('deny when flags & O_CREAT != 0'),
  },
  POL4167: {
    severity: 'error',
    message: '`{text}` is no address',
    help: '{hint}',
    explanation:
      'Addresses are IPv4 or IPv6, blocks an address with the length of its prefix. An IPv4 address inside an IPv6 one is the IPv4 address.',
    bad: 'hook socket_connect\n  deny when address in "10.0.0/8"\n',
    good: 'hook socket_connect\n  deny when address in "10.0.0.0/8"\n',
  },
  POL4168: {
    severity: 'warning',
    message: '`{text}` has more than the {limit} bytes that `{field}` may have',
    help: 'shorten it, or compare its beginning: `like "abc*"`',
    explanation:
      'The kernel keeps 15 bytes of the name of a thread, and names of files have at most 255. A longer text is never equal to one.',
    bad: files('deny when comm == "systemd-networkd"'),
    good: files('deny when comm == "systemd-network"'),
  },
  POL4169: {
    severity: 'warning',
    message: '`{operator}` takes `{text}` as it stands',
    help: 'write `like` for a pattern',
    explanation:
      'A file can have a star in its name, and `==` and `in` mean that one. `like` and `beneath` take patterns.',
    bad: files('deny when path == "/etc/ssh/*.key"'),
    good: files('deny when path like "/etc/ssh/*.key"'),
  },
  POL4170: {
    severity: 'error',
    message: '`**` in `{pattern}` is no pattern',
    help: 'write `beneath` and the folder for everything in it; `*` stands for characters within one component',
    explanation: 'A star does not cross a slash, and neither would two; what lies deeper is asked with `beneath`.',
    bad: files('deny when path like "/home/**"'),
    good: files('deny when path beneath "/home"'),
  },
  POL4171: {
    severity: 'error',
    message: '`{text}` is no time to count for',
    help: 'write a whole number with `ms`, `s`, `m` or `h`, from 1ms to 24h',
    explanation: 'A counter counts in windows of one length, which begin with the first call that is counted in them.',
    bad: files('counter opens per 10', 'deny when opens > 100'),
    good: files('counter opens per 10s', 'deny when opens > 100'),
  },
});

export const hookMeaning = entries({
  POL5190: {
    severity: 'error',
    message: 'it is not said for how long the counter `{name}` counts',
    help: 'write a time: `counter {name} per 10s`',
    explanation: 'A counter that is never reset refuses sooner or later whatever is asked, however slowly it is asked.',
    bad: files('counter opens', 'deny when opens > 100'),
    good: files('counter opens per 10s', 'deny when opens > 100'),
  },
  POL5191: {
    severity: 'error',
    message: 'nothing is left to decide after `otherwise`',
    help: 'move it in front of `otherwise`, or delete it',
    explanation:
      '`otherwise` decides every call that no rule in front of it has decided. It is the last word of a hook.',
    bad: files('otherwise deny', 'allow when path beneath "/usr"'),
    good: files('allow when path beneath "/usr"', 'otherwise deny'),
  },
  POL5192: {
    severity: 'warning',
    message: 'the hook `{hook}` has no rules',
    help: 'say what is refused there, or delete it',
    explanation: 'Without a rule everything is allowed, which it is without the program too.',
    bad: `${right}hook mmap_file\n`,
    good: `${right}hook mmap_file\n  deny when anonymous && prot & PROT_EXEC != 0\n`,
  },
  POL5193: {
    severity: 'warning',
    message: 'nothing asks the counter `{name}`',
    help: 'ask it in a rule, `deny when {name} > 100`, or delete it',
    explanation: 'A counter alone refuses nothing, and counting costs every call some time.',
    bad: files('counter opens per 10s', 'deny when uid == 1000'),
    good: files('counter opens per 10s', 'deny when uid == 1000 && opens > 100'),
  },
  POL5194: {
    severity: 'error',
    message: '`{name}` is not the same on all architectures: {values}',
    help: 'compile for one architecture, or write the number of the one that is meant',
    explanation:
      'One program serves all architectures of the target, and the kernel of each has its own numbers for some constants.',
    bad: files('deny when flags & O_DIRECT != 0'),
    good: files('deny when flags & O_CREAT != 0'),
  },
  POL5195: {
    severity: 'error',
    message: '`{file}` is no BPF object: {reason}',
    help: 'name a hook program in text, `files.bpf`, or an object that clang or polc made for the target: ELF, 64 bits, little-endian, relocatable',
    explanation:
      'A file whose name ends in `.bpf.o` is taken as it is. What the kernel would refuse is said here, before anybody loads it.',
  },
  POL5196: {
    severity: 'error',
    message: '`{file}` has no BTF',
    help: 'compile it with `clang -g`, which describes its types',
    explanation:
      'Hooks are found by the types of the kernel (BTF), and a program that reads its structures has to be fitted to the kernel that it runs on. Neither is possible without the section `.BTF`.',
  },
  POL5197: {
    severity: 'warning',
    message: '`path_truncate` is asked for truncate(2) alone since Linux 6.2',
    help: 'say the same at `file_truncate`, or at `file_open` of a call that opens with `O_TRUNC`',
    explanation:
      'Before, open(2) with O_TRUNC and ftruncate(2) came to `path_truncate` too. They have a hook of their own since then, which older kernels do not have.',
    bad: 'hook path_truncate\n  deny when path beneath "/etc"\n',
    good: 'hook path_truncate\n  deny when path beneath "/etc"\nhook file_truncate\n  deny when path beneath "/etc"\n',
  },
  POL5198: {
    severity: 'error',
    message: 'the error `{name}` refuses nothing at `{hook}`',
    help: 'write `deny`, or another error: `errno EACCES`',
    explanation:
      'At `task_prctl` the kernel takes ENOSYS, and at `fs_context_parse_param` ENOPARAM (519), for the answer that the call is none of the program’s business, and goes on with it.',
    bad: 'hook task_prctl\n  errno ENOSYS when option == 38\n',
    good: 'hook task_prctl\n  errno EACCES when option == 38\n',
  },
});

export const hookSizes = entries({
  POL7340: {
    severity: 'error',
    message: '`{file}` has {size} bytes, more than the {limit} that are read',
    help: 'split the programs over several objects',
    explanation: 'A BPF object holds a few programs of some kilobytes each; one of many megabytes is something else.',
  },
});
