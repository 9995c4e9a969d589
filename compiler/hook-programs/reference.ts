import type { HookField } from '../tables/hook-field.ts';
import { hookFields } from '../tables/hook-fields.ts';
import { hookSince, refusingHooks } from '../tables/lsm-hooks.ts';

const contextFields = new Set(['uid', 'gid', 'pid', 'tid', 'comm', 'cgroup']);

/** The reference of hook programs, in Markdown: `polc docs hooks`, docs/hook-programs.md. */
export function hookReference(note: readonly string[] = []): string {
  const hooks = refusingHooks();
  const context = hookFields('file_open').filter(({ name }) => contextFields.has(name));
  return `${[
    '# Hook programs',
    '',
    ...note.flatMap((line) => [line, '']),
    ...introduction,
    '## Every hook',
    '',
    'Of the task that makes the call each hook has these, except where none does (a packet arrives):',
    '',
    ...fieldTable(context),
    '',
    `## The ${hooks.length} hooks`,
    '',
    'These are the hooks of Linux 6.18 at which a program can refuse. A kernel in brackets is the first with the hook, where it',
    'is newer than 5.15. What is marked with `?` only some calls have, and a comparison with it does not hold for the others.',
    'Numbers are unsigned unless they are called signed.',
    '',
    ...hooks.flatMap((hook) => hookSection(hook)),
  ]
    .join('\n')
    .trimEnd()}\n`;
}

const introduction: readonly string[] = [
  'A hook program says what the kernel refuses at hooks of its security modules (LSM), in a file beside the policy:',
  '',
  '```yaml',
  'profile: web',
  'mode: sandbox',
  'security:',
  '  bpf_lsm:',
  '    file_open: files.bpf',
  '    socket_connect: network.bpf',
  '```',
  '',
  '```',
  '# files.bpf',
  'hook file_open',
  '  audit deny when path beneath ["/root", "/home/*/.ssh"]',
  '  errno EROFS when flags & O_ACCMODE != O_RDONLY && !(path beneath "/tmp")',
  '  counter opens by uid per 10s',
  '  deny when opens > 500 && comm != "python3"',
  '```',
  '',
  '```',
  '# network.bpf',
  'hook socket_connect',
  '  allow when address in "10.0.0.0/8" && port in [443, 8000..8100]',
  '  deny when family in [AF_INET, AF_INET6]',
  '```',
  '',
  'The file has a section for each hook, which may be in several files. A name that ends in `.bpf.o` is an object that clang',
  'or polc has made; it is looked at, and loaded by whoever uses it. `polc check files.bpf` says what is wrong in a file, `polc fmt files.bpf` lays it out.',
  '',
  '| statement | what it does |',
  '| --- | --- |',
  '| `hook NAME` | begins the section of a hook |',
  '| `allow`, `deny`, `errno NAME`, each with `when CONDITION` | a rule: the first whose condition holds decides; `deny` is `errno EPERM` |',
  '| `audit` in front of a rule | each call that the rule decides is recorded |',
  '| `audit when CONDITION` | records each call for which it holds, whatever is decided, wherever it stands |',
  '| `counter NAME by uid per 10s when CONDITION` | counts calls before the rules are asked, in windows that begin with the first call counted; `by` may be `uid`, `gid`, `pid`, `tid`, `cgroup` or several of them, and left out, as may `when` |',
  '| `otherwise` and a verdict | decides what no rule has decided; without it that is allowed |',
  '',
  '| conditions on | how |',
  '| --- | --- |',
  '| numbers | `== != < <= > >=`, `in [1, 4..7]`, `flags & MASK == VALUE`; `flags & MASK` alone asks whether a bit is set; constants by their names: `O_CREAT`, `AF_INET6` |',
  '| counters | as numbers, by their names: the calls in the window, this one included |',
  '| texts | `==`, `!=`, `in ["a", "b"]`, `like "py*"`; `*` stands for any characters and `?` for one |',
  '| paths | the same, and `beneath "/usr/lib"`: the path or what lies in it; in paths `*` and `?` do not cross a slash |',
  '| addresses | `== "10.1.2.3"`, `in "10.0.0.0/8"`; an IPv4 address inside an IPv6 one is the IPv4 address |',
  '| truth values | alone: `anonymous` |',
  '| all | `&&`, `\\|\\|`, `!( )` and parentheses; `&` and `\\|` bind tighter than comparisons |',
  '',
  '**What is not known refuses.** A path that is longer than the kernel tells, or a counter that has no room: where a rule that',
  'is reached asks for it, the call fails with EPERM. Paths begin at the root of the process, which chroot(2) moves. Where the kernel',
  'does not tell them, programs walk them up: 64 components at most, and nothing that is not beneath that root. `path` is not known of a',
  'file that was removed; `place` is then the path that it had. `name` and `parent` are names in the file system at the time of the call: a',
  'file that is linked or renamed has another one, while `path` is the one that it was opened by. `comm` any program can choose',
  'for itself. Calls that are refused count too. A counter by `pid` or `tid` keeps the newest 16,384 of them and forgets the others.',
  '',
  'Since Linux 6.2 `path_truncate` is asked for truncate(2) alone, and `file_truncate` for ftruncate(2) and for open(2) with `O_TRUNC`;',
  'before, all of them come to `path_truncate`. Who wants to refuse them on both kinds of kernels says it at both hooks.',
  '',
  'In the folder `examples` are `python-file-policy.bpf`, what a Python program may open, which shows paths, masks, records and a counter,',
  'and `deny-fork.bpf`, which lets a process have threads and no children. `python-guarded.yaml` names both.',
  '',
];

function hookSection(hook: string): readonly string[] {
  const since = hookSince(hook);
  const fields = hookFields(hook).filter(({ name }) => !contextFields.has(name));
  const own = fields.length === 0 ? ['Nothing of its own.'] : fieldTable(fields);
  return [`### ${hook}${since === undefined ? '' : ` (${since})`}`, '', ...own, ''];
}

function fieldTable(fields: readonly HookField[]): readonly string[] {
  return [
    '| field | kind | what it is | read from |',
    '| --- | --- | --- | --- |',
    ...fields.map(
      (field) =>
        `| \`${field.name}\`${field.given === undefined ? '' : ' ?'} | ${kindOf(field)} | ${docOf(field)} | ${placeOf(field)} |`,
    ),
  ];
}

/** What a field is, with the beginnings of its constants. */
function docOf({ doc, constants }: HookField): string {
  const names = constants?.map((prefix) => `\`${prefix}…\``).join(', ');
  return `${doc}${names === undefined ? '' : `; ${names}`}`;
}

export function kindOf({ type, bits, signed }: HookField): string {
  switch (type) {
    case 'integer':
      return `${signed === true ? 'signed ' : ''}number, ${bits} bits`;
    case 'boolean':
      return 'truth value';
    case 'string':
      return 'text';
    case 'path':
    case 'address':
      return type;
    default: {
      const unreachable: never = type;
      return unreachable;
    }
  }
}

/** `file->f_flags` as the kernel would write it, with dots for every step. */
export function placeOf({ read }: HookField): string {
  switch (read.from) {
    case 'context':
      return 'the task';
    case 'sockaddr':
      return `\`${read.argument}\``;
    case 'argument': {
      const folder = read.walk?.folder;
      const place = `\`${[read.argument, ...read.members].join('.')}\``;
      return folder === undefined ? place : `${place} in \`${folder.argument}\``;
    }
    default: {
      const unreachable: never = read;
      return unreachable;
    }
  }
}
