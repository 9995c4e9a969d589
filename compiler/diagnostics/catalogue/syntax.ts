import { entries } from '../entry.ts';
import { guardrailExample } from './guardrail-example.ts';

/** A guardrail with a window of time that begins so. */
const windowFrom = (start: string) =>
  guardrailExample({ exceptions: `{ time_windows: [{ start: ${start}, end: "23:30", timezone: UTC, days: [mon] }] }` });

export const syntax = entries({
  POL1001: {
    severity: 'error',
    message: 'the file is not UTF-8: {found}',
    help: 'save the file as UTF-8 without any other encoding',
    explanation:
      'Policies are UTF-8 text. A byte that is no part of a UTF-8 sequence is refused instead of being replaced, because a replaced byte could turn one path or name into another.',
  },
  POL1002: {
    severity: 'error',
    message: 'the file is {size} bytes long, more than the {limit} that are read',
    help: 'split the file, or move generated parts out of it',
    explanation:
      'A source file is limited to 4 MiB so that a compile always ends quickly. Policies are written by people and are thousands of times smaller.',
  },
  POL1003: {
    severity: 'error',
    message: 'the control character {character} cannot stand in a policy',
    help: 'delete it, or write it as an escape in double quotes: `{escape}`',
    explanation:
      'YAML 1.2 (section 5.1) allows the tab, the line feed and the carriage return before a line feed, and no other control character. They are invisible, so a policy with one cannot be reviewed.',
  },
  POL1004: {
    severity: 'error',
    message: 'the character {character} changes the direction in which text is shown',
    help: 'delete it, or write it as an escape in double quotes: `{escape}`',
    explanation:
      'Bidirectional control characters make a text look other than it is (CVE-2021-42574, "Trojan Source"): a reviewer reads one policy and the compiler another. They are refused everywhere in a policy, comments included.',
    bad: 'profile: web\nmode: sandbox\n# allow \u202eonly\u202c this\n',
    good: 'profile: web\nmode: sandbox\n# allow only this\n',
  },
  POL1005: {
    severity: 'error',
    message: 'a lone carriage return does not end a line',
    help: 'end each line with a line feed',
    explanation:
      'Lines end with LF or CR LF. A carriage return alone is shown by some editors as a line break and by others not at all, so that one policy can be read in two ways.',
    bad: 'profile: web\rmode: sandbox\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  level: medium\n',
  },
  POL1006: {
    severity: 'error',
    message: 'the file is {what}, not a policy',
    help: 'name a policy, which is text',
    explanation:
      'Policies are text. What is built from one, the object with programs for the kernel or a module of WebAssembly, begins with bytes that no text begins with, and is read by other verbs: `polc sandbox load` takes the object, `polc wasm harden` and `polc run` take a module beside its policy.',
  },
  POL1010: {
    severity: 'error',
    message: 'a tab cannot indent a line',
    help: 'indent with spaces: `polc fmt` uses two for each level',
    explanation: 'YAML (section 6.1) indents with spaces only, because a tab has no fixed width.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n	level: medium\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  level: medium\n',
  },
  POL1011: {
    severity: 'error',
    message: 'expected `:` after `{key}`',
    help: 'write `{suggestion}`',
    explanation:
      'Inside a mapping each line is a key, a colon and a space, and a value. Here the colon is missing, or the space behind it.',
    bad: 'profile web\nmode: sandbox\n',
    good: 'profile: web\nmode: sandbox\n',
  },
  POL1012: {
    severity: 'error',
    message: '`{key}:` cannot start a mapping in the middle of a line',
    help: 'quote the value if the `:` is part of it, or put `{key}:` on a line of its own',
    explanation:
      'A colon followed by a space separates a key from its value. A value that holds one has to be quoted, and a nested mapping starts on the next line.',
    bad: 'profile: web: server\nmode: sandbox\n',
    good: "profile: 'web: server'\nmode: sandbox\n",
  },
  POL1013: {
    severity: 'error',
    message: '`{text}` is indented by {found} columns, which fits no line above it',
    help: 'indent it like the other {what} beside it, by {expected}',
    explanation:
      'The keys of one mapping and the items of one sequence start at the same column. A line that is indented in between belongs to nothing.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n    level: medium\n  capabilities: []\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  level: medium\n  capabilities: []\n',
  },
  POL1014: {
    severity: 'error',
    message: 'this {quote} quote is never closed',
    help: 'close it with {mark} on the same line',
    explanation:
      'A quoted text ends with the quote that began it. Inside single quotes a quote is written twice; inside double quotes it is written `\\"`.',
    bad: 'profile: "web\nmode: sandbox\n',
    good: 'profile: "web"\nmode: sandbox\n',
  },
  POL1015: {
    severity: 'error',
    message: 'this `{open}` is never closed',
    help: 'close it with `{close}`, and keep the lines in between indented more than the key',
    explanation:
      'A sequence in brackets or a mapping in braces may span lines, which then are indented more than the key that it belongs to.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  capabilities: [NET_BIND_SERVICE\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  capabilities: [NET_BIND_SERVICE]\n',
  },
  POL1016: {
    severity: 'error',
    message: 'expected `,` before `{text}`',
    help: 'separate the items between `{open}` and `{close}` with commas',
    explanation: 'The items of a sequence in brackets and the entries of a mapping in braces are separated by commas.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: errno\n    allow: ["read" "write"]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: errno\n    allow: ["read", "write"]\n',
  },
  POL1017: {
    severity: 'error',
    message: 'there is nothing before this `,`',
    help: 'delete the comma, or write the missing item',
    explanation: 'Commas separate items; one comma after the last item is allowed, an empty item is not.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: errno\n    allow: [read,, write]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: errno\n    allow: [read, write]\n',
  },
  POL1018: {
    severity: 'error',
    message: 'unexpected `{text}`',
    help: 'delete it, or quote the whole value if it is part of the text',
    explanation:
      'The text stands where nothing more can follow: after a closing quote, bracket or brace, or in front of a key.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  capabilities: []]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  capabilities: []\n',
  },
  POL1019: {
    severity: 'error',
    message: 'a value cannot start with `{character}` unless it is quoted',
    help: 'quote it: `{quoted}`',
    explanation:
      'YAML keeps some characters for itself: `@` and the backquote are reserved, the others begin a directive, a block scalar or a flow separator.',
    bad: 'profile: @web\nmode: sandbox\n',
    good: "profile: '@web'\nmode: sandbox\n",
  },
  POL1020: {
    severity: 'error',
    message: '`{escape}` is no escape sequence',
    help: 'write a backslash in double quotes as `\\\\`, or use single quotes',
    explanation:
      'Double quotes give the backslash a meaning (YAML 1.2, section 5.7): `\\n`, `\\t`, `\\x41`, `\\u0041`, `\\U00000041` and a few more. In single quotes a backslash is just itself.',
    bad: 'profile: "web\\d"\nmode: sandbox\n',
    good: 'profile: "web\\\\d"\nmode: sandbox\n',
  },
  POL1021: {
    severity: 'error',
    message: 'an item cannot start with `-` on the line of its key',
    help: 'put each `- ` on a line of its own, or use brackets: `[a, b]`',
    explanation: 'A sequence in block style starts on the line after its key.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  capabilities: - NET_BIND_SERVICE\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  capabilities:\n    - NET_BIND_SERVICE\n',
  },
  POL1022: {
    severity: 'error',
    message: 'expected `- ` before `{text}`',
    help: 'start the item with `- `, or indent it to fit a key above',
    explanation: 'Each line of a sequence in block style starts with a dash and a space.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: errno\n    allow:\n      - "read"\n        "write"\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: errno\n    allow:\n      - "read"\n      - "write"\n',
  },
  POL1023: {
    severity: 'error',
    message: 'a comment starts with a space and `#`',
    help: 'put a space before `#`',
    explanation: 'A `#` begins a comment only after white space; directly behind a value it would be a part of it.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  capabilities: []#none\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  capabilities: [] # none\n',
  },
  POL1024: {
    severity: 'error',
    message: '`{text}` cannot follow `{indicator}` of a block text',
    help: 'write only `-` or `+` and a digit after `{indicator}`, and start the text on the next line',
    explanation:
      '`|` and `>` begin a text of several lines. Their line may hold a chomping indicator, an indentation indicator and a comment, nothing more.',
    bad: 'profile: | web\nmode: sandbox\n',
    good: 'profile: |-\n  web\nmode: sandbox\n',
  },
  POL1025: {
    severity: 'error',
    message: 'this line of a block text is indented by {found} columns instead of {expected}',
    help: 'indent each line of the text by at least {expected} columns',
    explanation:
      'The first line of a block text that is not empty sets the indentation of all; earlier empty lines may not be longer.',
    bad: 'profile: |-\n    \n  web\nmode: sandbox\n',
    good: 'profile: |-\n\n  web\nmode: sandbox\n',
  },
  POL1026: {
    severity: 'error',
    message: '`{text}` needs white space behind it',
    help: 'put a space between `{text}` and the value',
    explanation: 'A tag or an anchor ends with white space.',
    bad: 'profile: !!str"web"\nmode: sandbox\n',
    good: 'profile: !!str "web"\nmode: sandbox\n',
  },
  POL1027: {
    severity: 'error',
    message: 'a `-` item cannot stand between `{open}` and `{close}`',
    help: 'write the items without dashes, separated by commas',
    explanation: 'Inside brackets and braces only flow style is allowed.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: errno\n    allow: [- read]\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: errno\n    allow: [read]\n',
  },
  POL1030: {
    severity: 'error',
    message: 'the key `{key}` is written twice',
    help: 'delete one of the two',
    explanation:
      'A mapping holds each key once. Which of two values should win is not defined by YAML, and readers differ; so a policy that says two things is refused.',
    bad: 'profile: web\nmode: sandbox\nprofile: api\n',
    good: 'profile: web\nmode: sandbox\n',
  },
  POL1031: {
    severity: 'error',
    message: 'merge keys (`<<`) are not supported',
    help: 'repeat the keys, or use `extends` for a whole policy',
    explanation:
      '`<<` belongs to YAML 1.1. In YAML 1.2 it is an ordinary key, and readers differ about what it means, so it is refused.',
    bad: 'profile: web\nmode: sandbox\nresources: &base\n  pids: 256\nperformance:\n  <<: *base\n',
    good: 'profile: web\nmode: sandbox\nresources:\n  pids: 256\n',
  },
  POL1032: {
    severity: 'error',
    message: 'a key has to be a single word or a quoted text',
    help: 'write the key as text before the colon',
    explanation: 'YAML allows sequences, mappings and aliases as keys, and the `? key` form. No policy needs them.',
    bad: 'profile: web\nmode: sandbox\n? security\n: level: medium\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  level: medium\n',
  },
  POL1033: {
    severity: 'error',
    message: 'the key `{key}` is read as {kind}, not as text',
    help: 'quote it: `{quoted}`',
    explanation:
      'Unquoted, YAML reads this key as a number, a boolean or null. Keys are text here; quotes make that explicit.',
    bad: 'profile: web\nmode: sandbox\n443: open\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  level: medium\n',
  },
  POL1034: {
    severity: 'error',
    message: 'unknown tag `{tag}`',
    help: 'delete it: types come from the field, not from tags',
    explanation:
      'Of YAML tags only those of the core schema are read: `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!seq`, `!!map` and `!`.',
    bad: 'profile: !name web\nmode: sandbox\n',
    good: 'profile: web\nmode: sandbox\n',
  },
  POL1035: {
    severity: 'error',
    message: 'no anchor `&{name}` stands before this alias',
    help: 'define it first with `&{name}`, or quote the value if `*` is part of it',
    explanation: 'An alias `*name` repeats the value that was marked `&name` earlier in the same document.',
    bad: 'profile: *web\nmode: sandbox\n',
    good: "profile: '*web'\nmode: sandbox\n",
  },
  POL1036: {
    severity: 'error',
    message: '`*{name}` is inside the value that it repeats',
    help: 'write the value out',
    explanation: 'An alias inside its own anchor would make an endless value.',
    bad: 'profile: web\nmode: sandbox\nsecurity: &self\n  bpf_lsm: *self\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  level: medium\n',
  },
  POL1037: {
    severity: 'error',
    message: 'aliases make this document more than {limit} nodes large',
    help: 'write the values out, or repeat less',
    explanation:
      'Aliases of aliases grow without bound (the "billion laughs" attack). The nodes of a document are counted with every alias expanded.',
  },
  POL1038: {
    severity: 'error',
    message: '`{text}` does not fit the tag `{tag}`',
    help: 'delete the tag, or write a value of that type',
    explanation: 'A tag says which type a value has; this value is of another.',
    bad: 'profile: !!int web\nmode: sandbox\n',
    good: 'profile: !!str web\nmode: sandbox\n',
  },
  POL1040: {
    severity: 'error',
    message: 'values are nested more than {limit} deep',
    help: 'flatten the document',
    explanation:
      'No policy nests deeper than a dozen levels. The limit keeps every later step safe from running out of stack.',
  },
  POL1041: {
    severity: 'error',
    message: 'a second document starts here',
    help: 'put it into a file of its own, or delete `---`',
    explanation: 'This file holds one policy. `---` on a line of its own begins another document.',
    bad: 'profile: web\nmode: sandbox\n---\nprofile: api\nmode: sandbox\n',
    good: 'profile: web\nmode: sandbox\nsecurity:\n  level: medium\n',
  },
  POL1042: {
    severity: 'error',
    message: 'the directive `{directive}` is not supported',
    help: 'delete the line: policies are YAML 1.2',
    explanation:
      'Of directives only `%YAML 1.2` is read. YAML 1.1 gives other meanings to words such as `yes` and to numbers such as `0777`.',
    bad: '%YAML 1.1\n---\nprofile: web\nmode: sandbox\n',
    good: 'profile: web\nmode: sandbox\n',
  },
  POL1043: {
    severity: 'error',
    message: 'the file is empty',
    help: 'write a policy, or start from one with `polc init`',
    explanation: 'The file holds white space and comments only.',
    bad: '# nothing here\n',
    good: 'profile: web\nmode: sandbox\n',
  },
  POL1050: {
    severity: 'hint',
    message: '`{text}` is text here, not {meaning}',
    help: 'write `{meaning}` if a truth value is meant, or quote it as `{quoted}`',
    explanation:
      'YAML 1.1 read `yes`, `no`, `on` and `off` as booleans; YAML 1.2, which is used here, reads them as text.',
    bad: 'profile: on\nmode: sandbox\n',
    good: "profile: 'on'\nmode: sandbox\n",
  },
  POL1051: {
    severity: 'hint',
    message: '`{text}` is text here, not the number {meaning}',
    help: 'quote it as `{quoted}` if text is meant, or write the number',
    explanation:
      'YAML 1.1 read digits with colons in base 60, so that `1:30` was 90; YAML 1.2, which is used here, reads them as text.',
    bad: windowFrom('22:00'),
    good: windowFrom('"22:00"'),
  },
  POL1052: {
    severity: 'hint',
    message: '`{text}` is the decimal number {value} here, not the octal {meaning}',
    help: 'write `0o{digits}` for an octal number, `{value}` for a decimal one, or quote it',
    explanation:
      'YAML 1.1 read a leading zero as octal; YAML 1.2, which is used here, reads decimal. Modes and account numbers are the usual victims.',
    bad: 'profile: web\nmode: sandbox\nresources:\n  pids: 0777\n',
    good: 'profile: web\nmode: sandbox\nresources:\n  pids: 777\n',
  },
});
