import { entries } from '../entry.ts';
import { ruleExample } from './rule-example.ts';

export const types = entries({
  POL4001: {
    severity: 'error',
    message: '`{text}` is a number, not a condition',
    help: 'compare it: `{text} != 0`',
    explanation:
      'A condition is a comparison, `in`, or `arg & MASK`, which asks whether a bit of the mask is set. Other numbers are not taken for a condition, since one is usually a comparison that was forgotten.',
    bad: ruleExample('arg0'),
    good: ruleExample('arg0 != 0'),
  },
  POL4002: {
    severity: 'error',
    message: '`{text}` is a condition, not a number',
    help: 'compare arguments with numbers, and join comparisons with `&&` and `||`',
    explanation: '`&`, `|`, `~` and comparisons work on numbers. `&&`, `||` and `!` join conditions.',
    bad: ruleExample('arg0 == (arg1 == 1)'),
    good: ruleExample('arg0 == 1 && arg1 == 1'),
  },
  POL4003: {
    severity: 'error',
    message: '`{number}` is wider than 64 bits',
    help: 'the largest value of an argument is 0xffffffffffffffff',
    explanation: 'Arguments are 64 bits wide, so none is ever equal to a wider number.',
    bad: ruleExample('arg0 == 0x10000000000000000'),
    good: ruleExample('arg0 == 0xffffffffffffffff'),
  },
  POL4004: {
    severity: 'error',
    message: '`{text}` is negative, and arguments are unsigned',
    help: 'write the bit pattern; of an `int` -1 it is 0xffffffff in the low 32 bits: `arg1 & 0xffffffff == 0xffffffff`',
    explanation:
      'A filter sees arguments as unsigned 64-bit numbers. A negative number may be asked for by `==`, `!=` and in a list where the argument is an `int` to every call of the rule; the order of numbers is always that of unsigned ones. Where the kernel takes 64 bits, some commands of `keyctl`, `prctl` and others still make an `int` of the low 32, and what stands in the high ones depends on how the program made the call.',
    bad: ruleExample('arg1 == -1', 'keyctl'),
    good: ruleExample('arg1 & 0xffffffff == 0xffffffff', 'keyctl'),
  },
  POL4005: {
    severity: 'error',
    message: 'arguments are compared with constants only',
    help: 'write a number or a named constant on one side',
    explanation:
      "A seccomp filter of this compiler decides by constants: comparing one argument with another is not expressible in the part of BPF that the kernel's cache understands.",
    bad: ruleExample('arg0 == arg1'),
    good: ruleExample('arg0 == 1'),
  },
  POL4006: {
    severity: 'error',
    message: '`{operator}` cannot be applied to an argument here: `{text}`',
    help: 'only `arg & MASK` with one argument is possible; put constants in parentheses: `arg0 & (A | B)`',
    explanation:
      'Arguments can be masked and compared. `|` and `~` combine constants. `&` binds tighter than `|`, so `arg0 & A | B` is `(arg0 & A) | B`.',
    bad: ruleExample('arg0 & 1 | 2 == 1'),
    good: ruleExample('arg0 & (1 | 2) == 1'),
  },
  POL4007: {
    severity: 'error',
    message: '`{argument}` of `{call}` is `{name}`, a pointer into the memory of the program',
    help: 'decide by another argument; files are named in `landlock`, addresses in `network`',
    explanation:
      'A filter sees the address and not what lies there, and the program could change it after the check. Only whether a pointer is null can be asked: `arg1 == 0`.',
    bad: ruleExample('arg1 == 5', 'openat'),
    good: ruleExample('arg2 & O_CREAT', 'openat'),
  },
  POL4008: {
    severity: 'warning',
    message: '`{call}` takes {takes}, so `{argument}` is whatever the register held',
    help: 'compare an argument that the call takes',
    explanation:
      'The kernel hands six registers to the filter whatever the call takes. The others hold leftovers, so the condition depends on chance.',
    bad: ruleExample('arg4 == 1'),
    good: ruleExample('arg2 == 1'),
  },
  POL4009: {
    severity: 'error',
    message: 'the range `{low}..{high}` is empty',
    help: 'write the smaller number first',
    explanation: 'A range holds both of its ends and all between them; with the larger one first it holds nothing.',
    bad: ruleExample('arg0 in 5..2'),
    good: ruleExample('arg0 in 2..5'),
  },
  POL4020: {
    severity: 'warning',
    message: '`{text}` never holds',
    help: 'correct the mask or the value, or delete the comparison',
    explanation:
      'No value of the argument fulfils the comparison: the value has a bit that the mask takes away, or lies beyond what is left. Of an `int` the kernel takes the low 32 bits only, of a file mode 16, so no wider number is ever met there.',
    bad: ruleExample('arg1 & 1 == 2'),
    good: ruleExample('arg1 & 2 == 2'),
  },
  POL4021: {
    severity: 'warning',
    message: '`{text}` always holds',
    help: 'correct the mask or the value, or delete the comparison',
    explanation: 'Every value of the argument fulfils the comparison, so that it decides nothing.',
    bad: ruleExample('arg1 & 3 < 4'),
    good: ruleExample('arg1 & 3 < 2'),
  },
  POL4022: {
    severity: 'hint',
    message: '`{text}` compares all 64 bits, and a caller may pass `{extended}`',
    help: 'if it is an `int`, compare its low 32 bits: `{argument} & 0xffffffff`',
    explanation:
      'A number with bit 31 set is a negative `int` in C. Programs widen it to 64 bits with zeros or with ones. The kernel takes the argument as 64 bits, but some commands of `keyctl`, `fcntl` and others make an `int` of it and drop the high half, which a filter sees. Arguments that are an `int` by the prototype of the call need no mask: their low 32 bits are what is compared.',
    bad: ruleExample('arg1 == 0xfffffffe', 'keyctl'),
    good: ruleExample('arg1 & 0xffffffff == 0xfffffffe', 'keyctl'),
  },
  POL4040: {
    severity: 'error',
    message: 'the path `{path}` is relative',
    help: 'start it with `/`; what a relative path means depends on where the program starts',
    explanation: 'Paths of a sandbox are absolute. `~` and variables are not expanded.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  landlock:\n    paths:\n      - { path: usr, access: execute }\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  landlock:\n    paths:\n      - { path: /usr, access: execute }\n',
  },
  POL4041: {
    severity: 'error',
    message: 'the path `{path}` goes through `..`',
    help: 'write the path that is meant: `{better}`',
    explanation:
      "`..` after a symbolic link leads to the parent of the link's target, so what the path names cannot be read off it.",
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  landlock:\n    paths:\n      - { path: /usr/../usr, access: execute }\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  landlock:\n    paths:\n      - { path: /usr, access: execute }\n',
  },
  POL4042: {
    severity: 'error',
    message: '{what} is not possible in a path: `{path}`',
    help: 'a rule speaks of everything beneath its path; `*` and `?` stand for characters within one component',
    explanation: '`**` is not needed, since a path rule already means all that lies beneath the path.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  landlock:\n    paths:\n      - { path: /usr/**, access: execute }\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  landlock:\n    paths:\n      - { path: /usr, access: execute }\n',
  },
});
