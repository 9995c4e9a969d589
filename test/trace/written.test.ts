import { dirname } from 'node:path/posix';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { limitsOf } from '../../cli/trace/report.ts';
import { compile } from '../../compiler/compile.ts';
import { applyEdits } from '../../compiler/diagnostics/fixes.ts';
import { insertItems } from '../../compiler/source/insert-items.ts';
import { parseYaml } from '../../compiler/source/parse-yaml.ts';
import { sourceText } from '../../compiler/source/text.ts';
import type { YamlNode } from '../../compiler/source/tree.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { amendPolicy } from '../../compiler/trace/amend-policy.ts';
import { newPolicy } from '../../compiler/trace/new-policy.ts';
import { observer } from '../../compiler/trace/observe.ts';
import { yamlText } from '../../compiler/trace/policy-lines.ts';
import { descriptorOf, splitArguments, stringOf } from '../../compiler/trace/strace-text.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('trace written');

/** A machine on which nothing that was traced is left. */
const elsewhere = {
  realPath: (path: string) => path,
  isDirectory: () => false,
  mayBeMade: () => true,
  interpreters: (path: string) => (dirname(path) === '/usr/bin' ? ['/lib64/ld-linux-x86-64.so.2'] : []),
};

for (const fixture of fixtureCases('trace')) {
  test(fixture.name, () => {
    const watching = observer(elsewhere, '/srv');
    for (const line of fixture.input('calls.txt')!.split('\n')) watching.line(line);
    const seen = watching.end();
    const policy = fixture.input('policy.yaml');
    if (policy === undefined) {
      const text = newPolicy(seen, {
        name: fixture.name,
        architecture: 'x86_64',
        command: fixture.name,
        asRoot: false,
        exists: () => true,
      });
      fixture.expectReviewed('written.yaml', text);
      fixture.expectReviewed('not-read.txt', seen.unreadable === undefined ? undefined : `${seen.unreadable.first}\n`);
      assert.is(seen.otherWidth, fixture.name === 'threads' ? 32 : undefined);
      // Itself, it allows all that it was made of.
      const again = amended(text, seen);
      assert.is(again?.text, text);
      assert.equal(again?.before.sockets, []);
    } else fixture.expectReviewed('amended.yaml', amended(policy, seen)?.text);
  });
}

test('a name that a policy would take for a pattern is not written, and said', () => {
  const watching = observer(elsewhere, '/srv');
  watching.line('7 execve("/srv/data/plain", ["plain"], 0x7ffe /* 5 vars */) = 0');
  for (const name of ['/srv/data/*', '/srv/data/a?', '/srv/data/plain']) {
    watching.line(`7 openat(AT_FDCWD</srv>, "${name}", O_RDONLY) = 3<${name}>`);
  }
  const seen = watching.end();
  const text = newPolicy(seen, { name: 'p', architecture: 'x86_64', command: 'p', asRoot: false, exists: () => true });
  assert.equal(
    [...text.matchAll(/- path: (\S+)/g)].map(([, path]) => path),
    ['/srv/data/plain'],
  );
  assert.equal(limitsOf(seen, false), [
    '2 paths that a policy would take for a pattern, which is not written into it, first: /srv/data/*',
  ]);
});

test('a program that starts itself anew is that program, also in what it has forked', () => {
  // What the link leads to for polc, which is another program.
  const here = { ...elsewhere, realPath: (path: string) => (path === '/proc/self/exe' ? '/opt/node' : path) };
  const watching = observer(here, '/srv');
  const calls = [
    '7 execve("/opt/busybox", ["sh"], 0x7ffe /* 5 vars */) = 0',
    '7 clone(child_stack=NULL, flags=SIGCHLD) = 8',
    '8 execve("/proc/self/exe", ["cat"], 0x7ffe /* 5 vars */) = 0',
    '7 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>',
    '9 execve("/proc/self/exe", ["wc"], 0x7ffe /* 5 vars */) = 0',
    '9 execve("/opt/other", ["other"], 0x7ffe /* 5 vars */) = 0',
    '9 execve("/proc/self/exe", ["other"], 0x7ffe /* 5 vars */) = 0',
    '7 <... clone resumed>) = 9',
  ];
  for (const line of calls) watching.line(line);
  const executed = [...watching.end().paths].map(([path, { rights }]) => [path, rights.get('execute')?.count]);
  assert.equal(executed, [
    ['/opt/busybox', 3],
    ['/opt/other', 2],
  ]);
});

function amended(text: string, seen: Parameters<typeof amendPolicy>[0]) {
  const source = sourceText('policy.yaml', text);
  const { root } = parseYaml(source);
  const lower = (each: string) =>
    compile('policy.yaml', each, hostOf('.'), { target: defaultTarget, emit: [], maximumMilliseconds: 0 }).lowered;
  const policy = lower(text);
  assert.ok(root?.kind === 'map' && policy !== undefined);
  return amendPolicy(seen, {
    source,
    root,
    policy,
    architecture: 'x86_64',
    exists: () => true,
    isDirectory: () => false,
    lower,
  });
}

test('names and paths are read as what they are', () => {
  const words = fc.constantFrom(
    'true',
    'null',
    '~',
    '1e5',
    '0x1f',
    '007',
    '.5',
    '.inf',
    '12',
    'no',
    'a b',
    '- a',
    '#',
    'é',
  );
  fc.assert(
    fc.property(fc.oneof(words, fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme', minLength: 1 })), (text) => {
      const { root, diagnostics } = parseYaml(sourceText('p.yaml', `name: ${yamlText(text)}\n`));
      if (!diagnostics.some(({ code }) => code.startsWith('POL10')))
        assert.equal(root && plainOf(root), { name: text });
    }),
  );
  const { root } = parseYaml(sourceText('p.yaml', `name: ${yamlText('true')}\n`));
  assert.equal(root && plainOf(root), { name: 'true' });
});

/** Bytes as strace writes them in a string. */
function escaped(text: string): string {
  const bytes = [...new TextEncoder().encode(text)];
  return bytes
    .map((byte) =>
      byte === 0x22 || byte === 0x5c
        ? `\\${String.fromCharCode(byte)}`
        : byte < 0x20 || byte > 0x7e || byte === 0x3c || byte === 0x3e
          ? `\\${byte.toString(8).padStart(3, '0')}`
          : String.fromCharCode(byte),
    )
    .join('');
}

test('arguments are split where strace puts its commas, and texts are what they were', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 12 });
  const one = fc.oneof(
    text.map((value) => ({ written: `"${escaped(value)}"`, value })),
    text.map((value) => ({ written: `3</${escaped(value)}>`, value: `/${value}` })),
    fc.constant({ written: '4<TCP:[10.0.0.1:1->10.0.0.2:2]>', value: 'TCP:[10.0.0.1:1->10.0.0.2:2]' }),
    fc
      .constantFrom('NULL', 'O_RDONLY|O_CLOEXEC', '{a=1, b=[2, 3]}', '[1<<CAP_CHOWN, 2]', '0x7f /* 5 vars */')
      .map((written) => ({ written, value: undefined })),
  );
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 5 }), (parts) => {
      const split = splitArguments(parts.map(({ written }) => written).join(', '));
      assert.equal(
        split,
        parts.map(({ written }) => written),
      );
      for (const [index, { value }] of parts.entries()) {
        if (value !== undefined) assert.is(stringOf(split[index]) ?? descriptorOf(split[index]), value);
      }
    }),
  );
});

test('items go into lists of every style, and nothing else changes', () => {
  const name = fc.constantFrom('read', 'write', '"@file-system"', 'openat');
  const flow = fc.array(name, { maxLength: 3 }).map((names) => ` [${names.join(', ')}]`);
  const block = (indent: string) =>
    fc
      .array(name, { minLength: 1, maxLength: 3 })
      .map((names) => names.map((each) => `\n${indent}- ${each} # about ${each}`).join(''));
  const list = fc.oneof(fc.constant(''), flow, block('      '), block('    '));
  const seccomp = fc.oneof(
    list.map((allow) => `  seccomp:\n    default: deny\n    allow:${allow}\n    log: [sync]\n`),
    fc.constant('  seccomp: { default: deny, log: [sync] }  # flow\n'),
    flow.map((allow) => `  seccomp: { allow:${allow}, default: deny }\n`),
    fc.constant(''),
  );
  const document = fc
    .tuple(fc.constantFrom('\n', '\r\n'), seccomp, fc.boolean())
    .map(([ending, text, last]) =>
      `# first\nprofile: p\nsecurity:\n  level: low # a level\n${text}${last ? 'mode: sandbox\n\n# end\n' : ''}`.replaceAll(
        '\n',
        ending,
      ),
    );
  const keys = ['security', 'seccomp', 'allow'];
  fc.assert(
    fc.property(
      document,
      fc.array(fc.constantFrom('close', 'brk  # why'), { minLength: 1, maxLength: 3 }),
      (text, items) => {
        const source = sourceText('p.yaml', text);
        const { root } = parseYaml(source);
        assert.ok(root?.kind === 'map');
        const edits = insertItems(source, root, [{ keys, items: items.map((item) => [item]) }]);
        assert.ok(edits !== undefined);
        const changed = applyEdits(text, edits);
        const read = parseYaml(sourceText('p.yaml', changed));
        assert.equal(read.diagnostics, [], changed);
        assert.equal(
          plainOf(read.root!),
          expected(
            plainOf(root),
            items.map((item) => item.split(' ')[0]!),
          ),
        );
        for (const comment of text.match(/#.*/g) ?? []) assert.ok(changed.includes(comment.trimEnd()), changed);
      },
    ),
  );
});

/** The value of a tree as JSON has it. */
function plainOf(node: YamlNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'sequence') return node.items.map(plainOf);
  return Object.fromEntries(node.entries.map(({ key, value }) => [key.text, plainOf(value)]));
}

/** The same value with items at the end of security.seccomp.allow. */
function expected(value: unknown, items: readonly string[]): unknown {
  const copy = JSON.parse(JSON.stringify(value));
  const seccomp = { ...(copy.security.seccomp ?? {}) };
  copy.security = { ...copy.security, seccomp: { ...seccomp, allow: [...(seccomp.allow ?? []), ...items] } };
  return copy;
}

run();
