import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import type { BackendName, PlacedBackend } from '../../compiler/backends/backend.ts';
import { backendsOf } from '../../compiler/backends/index.ts';
import { type CompileOptions, compile } from '../../compiler/compile.ts';
import { nodeText } from '../../compiler/memory/node-text.ts';
import { Memory, Remembered } from '../../compiler/memory/remembered.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('memory of the compiler');

const example = readFileSync(join(process.env.POLC_ROOT ?? '.', 'examples/python-ai-turbo.yaml'), 'utf8');

type Edit = readonly [from: string, to: string];

/** Changes in every section, some of which move what stands below, some of which nothing can enforce. */
const edits: readonly Edit[] = [
  ['profile: python-ai-turbo', 'profile: other'],
  ['profile:', '# another line\n\nprofile:'],
  ['memory: 512MiB', 'memory: 513MiB'],
  ['pids: 256', 'pids: 7'],
  ['timeout: 300s', 'timeout: 2s'],
  ['nofile: 1024', 'nofile: 64'],
  ['tmpfs: 1GiB', 'tmpfs: 1MiB'],
  ['      - uname\n', ''],
  ['      - uname\n', '      - uname\n      - ptrace\n'],
  ['default: errno(EPERM)', 'default: errno(EACCES)'],
  ['[AF_INET, AF_INET6]', '[AF_INET]'],
  ['path: /tmp', 'path: /var/tmp'],
  ['access: read-write', 'access: read-only'],
  ['path: /usr', 'path: /usr*'],
  ['capabilities: []', 'capabilities: [net_bind_service]'],
  ['mode: loopback-only', 'mode: none'],
  ['level: medium', 'level: low'],
  ['runtime: auto', 'zygote: true\nruntime: auto'],
  ['security:', 'performance: { prefetch: python }\n\nsecurity:'],
  ['because: /tmp is', 'because: it is'],
];

const edited = fc
  .subarray([...edits])
  .map((chosen) => chosen.reduce((text, [from, to]) => text.replace(from, to), example));

function compiled(path: string, text: string, options: CompileOptions) {
  const { phases: _, sources: __, ...all } = compile(path, text, nodeHost, { maximumMilliseconds: 0, ...options });
  return all;
}

test('a compilation with a memory gives what one without gives, whatever was compiled before', () => {
  const memory = new Memory();
  fc.assert(
    fc.property(edited, fc.constantFrom('one.yaml', 'two.yaml'), fc.constantFrom(4, 6), (text, path, landlock) => {
      const target = { ...defaultTarget, landlock };
      assert.equal(compiled(path, text, { memory, target }), compiled(path, text, { target }));
    }),
    { numRuns: 40 },
  );
});

/** Counts what each backend is asked for. */
function counted(asked: Map<string, number>): readonly PlacedBackend[] {
  const count = (what: string) => asked.set(what, (asked.get(what) ?? 0) + 1);
  return backendsOf(['linux']).map((backend) => ({
    ...backend,
    emit(...given) {
      count(`emit ${backend.name}`);
      return backend.emit(...given);
    },
    validate(...given) {
      count(`validate ${backend.name}`);
      return backend.validate(...given);
    },
  }));
}

test('only what looks at the changed section is asked again', () => {
  const asked = new Map<string, number>();
  const options = { memory: new Memory(), backends: counted(asked) };
  const times = (name: BackendName) => [asked.get(`emit ${name}`), asked.get(`validate ${name}`)];
  compiled('one.yaml', example, options);
  compiled('two.yaml', example.replace('profile:', '\nprofile:'), options);
  compiled('one.yaml', example.replace('memory: 512MiB', 'memory: 513MiB'), options);
  for (const name of ['seccomp', 'landlock', 'launcher'] as const) assert.equal(times(name), [1, 1], name);
  assert.equal(times('cgroup'), [3, 3]);
  compiled('one.yaml', example.replace('nofile: 1024', 'nofile: 64'), options);
  assert.equal(times('seccomp'), [1, 1]);
  assert.equal(times('launcher'), [2, 2]);
  compiled('one.yaml', example.replace('      - uname\n', ''), options);
  for (const name of ['seccomp', 'landlock', 'launcher'] as const)
    assert.equal(times(name), name === 'launcher' ? [3, 3] : [2, 2], name);
});

test('what a validator refused stays refused', () => {
  const backends = backendsOf(['linux'])
    .filter(({ name }) => name === 'seccomp')
    .map(
      (backend): PlacedBackend => ({
        ...backend,
        emit(...given) {
          const { artifacts, ...rest } = backend.emit(...given);
          const broken = artifacts.map((artifact) =>
            typeof artifact.content === 'string' ? artifact : { ...artifact, content: artifact.content.slice(8) },
          );
          return { ...rest, artifacts: broken };
        },
      }),
    );
  const options = { memory: new Memory(), backends, accept: [], emit: ['seccomp'] as const };
  for (const path of ['one.yaml', 'one.yaml', 'two.yaml']) {
    const policy = 'profile: p\nmode: sandbox\nsecurity: { seccomp: { default: deny, allow: [read] } }\n';
    const { ok, diagnostics } = compiled(path, policy, options);
    assert.not(ok);
    assert.ok(diagnostics.some(({ code }) => code === 'POL9002'));
  }
});

const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('', '1', 'a', '"1:', 'a:', '{', '}', '[0', 1, 12, -1, 0.5, Infinity, 1n, 12n, true, false),
    fc.constantFrom(undefined, '-', 'y', '~1;', '#1;', '1:a"1:a'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'of', 'span'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

test('nodes have one text only where they are the same', () => {
  const node = fc.dictionary(fc.constantFrom('a', 'b', 'of'), value, { maxKeys: 3, minKeys: 1, noNullPrototype: true });
  const texts = new Map<string, unknown>();
  fc.assert(
    fc.property(node, (made) => {
      const { text } = nodeText(made);
      if (texts.has(text)) assert.ok(isDeepStrictEqual(texts.get(text), made), text);
      texts.set(text, made);
    }),
    { numRuns: 20_000 },
  );
});

test('the results that were asked for last are kept', () => {
  const memory = new Memory();
  const squares = new Remembered<number>(2);
  let made = 0;
  const square = (input: string) =>
    squares.recall(memory, input, () => {
      made += 1;
      return Number(input) ** 2;
    });
  assert.equal(['2', '3', '2', '4', '2', '3'].map(square), [4, 9, 4, 16, 4, 9]);
  assert.is(made, 4);
  squares.recall(new Memory(), '2', () => 0);
  assert.is(square('2'), 4);
  assert.is(made, 4);
});

test('what is remembered has a size, the last result whatever its own', () => {
  const memory = new Memory();
  const texts = new Remembered<string>(1000, ({ length }) => length);
  const million = 1_000_000;
  let made = 0;
  const ask = (name: string, length: number) =>
    texts.recall(memory, name, () => {
      made += 1;
      return 'x'.repeat(length);
    }).length;
  for (let at = 0; at < 8; at += 1) ask(`${at}`, million);
  for (let at = 0; at < 8; at += 1) ask(`${at}`, million);
  assert.is(made, 8);
  // The ninth takes the place of the first.
  ask('8', million);
  ask('1', million);
  assert.is(made, 9);
  ask('0', million);
  assert.is(made, 10);
  assert.is(ask('larger than all', 20 * million), 20 * million);
  ask('larger than all', 20 * million);
  assert.is(made, 11);
  ask('1', million);
  assert.is(made, 12);
});

run();
