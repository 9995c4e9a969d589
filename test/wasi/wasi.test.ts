import fc from 'fast-check';
import { equal, is, ok } from 'uvu/assert';
import { wasi } from '../../compiler/backends/wasi/index.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { refusesAll } from '../support/backend-fixture.ts';
import { compileText, coverageOf } from '../support/compile-text.ts';
import { suite } from '../support/harness.ts';
import { jsonMutants } from '../support/mutate-json.ts';
import { decisionOf, deny, limitOf, pathRule, policyOf } from '../support/policies.ts';

const { test, run } = suite('wasi');

const seedLike = `runtime: wasm
security:
  landlock:
    paths:
      - { path: /tmp, access: read-write }
      - { path: /usr/lib/python3*, access: read-only }
      - { path: /etc, access: read-only }
resources: { memory: 512MB, cpu: 1.0, timeout: 300s }
network: { mode: loopback-only }
`;

function artifactsOf(lines: string): ReadonlyMap<string, string> {
  const { policy } = compileText(lines, { emit: [] });
  const { artifacts } = wasi.emit(policy!, defaultTarget);
  is(wasi.validate(policy!, defaultTarget, artifacts).counterexample, undefined);
  return new Map(artifacts.map(({ path, content }) => [path, String(content)]));
}

test('capabilities are as seed 002 has them, patterns as they are written', () => {
  equal(JSON.parse(artifactsOf(seedLike).get('wasi.json')!), {
    capabilities: [
      'wasi:filesystem/read-write@/tmp',
      'wasi:filesystem/read@/usr/lib/python3*',
      'wasi:filesystem/read@/etc',
      'wasi:sockets/loopback',
    ],
    memoryBytes: 512_000_000,
    cpus: 1,
    timeoutMilliseconds: 300_000,
  });
});

test('each engine is given what its options can say', () => {
  const artifacts = artifactsOf(seedLike);
  const words = (engine: string) => artifacts.get(`${engine}.args`)!.trim().split('\n').join(' ');
  is(words('wasmtime'), '--dir /tmp::/tmp --dir /etc::/etc -W max-memory-size=511967232 -W timeout=300000ms');
  is(words('wasmer'), '--volume /tmp:/tmp --volume /etc:/etc');
  is(words('wasmedge'), '--dir ./tmp:/tmp --dir ./etc:/etc:readonly --memory-page-limit 7812 --time-limit 300000');
  equal(JSON.parse(artifacts.get('node.json')!).preopens, { '/tmp': '/tmp', '/etc': '/etc' });
});

test('what an engine cannot hold is said for each rule', () => {
  const { losses } = JSON.parse(artifactsOf(seedLike).get('engines.json')!);
  const of = (engine: string) =>
    losses
      .filter((each: { readonly engine: string }) => each.engine === engine)
      .map(({ rule, lost }: { readonly rule: string; readonly lost: string }) => `${rule}: ${lost}`);
  equal(of('wasmedge'), [
    'path/0: the folder is given with every right of writing',
    'path/1: a pattern, which no engine takes: what it stands for is not given',
  ]);
  ok(of('node').includes('path/2: the folder is given to write as well; symbolic links lead out of it'));
  ok(of('node').includes('limit/timeout: no option limits time'));
  ok(of('wasmtime').includes('path/2: the folder is given to write as well'));
});

test('WasmEdge is given names of which it leaves nothing out, and no folder where there is none', () => {
  const rules = ['/', '/a/.b', '/.a/b', '/.a/.b'].map((path) => pathRule(path, ['read_file']));
  const policy = policyOf({ decisions: [decisionOf('path', 'union-of-allows', rules, deny)] });
  const { artifacts } = wasi.emit(policy, defaultTarget);
  const text = (name: string) => String(artifacts.find(({ path }) => path === name)!.content);
  equal(text('wasmedge.args').trim().split('\n'), [
    ...['--dir', '/:/:readonly'],
    ...['--dir', './a/.b:/a/.b:readonly'],
    ...['--dir', '/.a/b:/.a/b:readonly'],
  ]);
  const { losses } = JSON.parse(text('engines.json'));
  equal(
    losses.filter(({ engine }: { readonly engine: string }) => engine === 'wasmedge'),
    [
      {
        engine: 'wasmedge',
        rule: 'path/3',
        topic: 'path[3]',
        lost: 'a name of which the guest would be told a part: it is not given',
      },
    ],
  );
});

test('a policy for WebAssembly is emitted so without being asked, and nothing of it is lost', () => {
  const compilation = compileText(seedLike);
  ok(compilation.outputs.some(({ backend }) => backend === 'wasi'));
  equal([...new Set(coverageOf(compilation, 'runtime').map(({ status }) => status))], ['full']);
  is(
    compileText(seedLike.replace('runtime: wasm', 'runtime: namespace')).outputs.some(
      ({ backend }) => backend === 'wasi',
    ),
    false,
  );
});

const name = fc.stringMatching(/^\.?[a-c*?]{1,3}$/);
const rights = fc.subarray(['read_file', 'read_dir', 'write_file', 'make_reg', 'truncate', 'remove_file'], {
  minLength: 1,
});
const rules = fc.array(
  fc
    .tuple(fc.array(name, { minLength: 1, maxLength: 3 }), rights)
    .map(([names, each]) => pathRule(`/${names.join('/')}`, each)),
  { maxLength: 5 },
);

test('what is emitted is what random policies say', () => {
  fc.assert(
    fc.property(rules, (each) => {
      const policy = policyOf({
        decisions: [decisionOf('path', 'union-of-allows', each, deny)],
        limits: [limitOf('memory', 'bytes', 1 << 20)],
      });
      const { artifacts } = wasi.emit(policy, defaultTarget);
      is(wasi.validate(policy, defaultTarget, artifacts).counterexample, undefined);
    }),
    { numRuns: 200 },
  );
});

test('what was changed is refused', () => {
  const policy = policyOf({
    decisions: [
      decisionOf(
        'path',
        'union-of-allows',
        [pathRule('/a', ['read_file']), pathRule('/b', ['read_file', 'write_file'])],
        deny,
      ),
    ],
    limits: [limitOf('memory', 'bytes', 1 << 20), limitOf('timeout', 'milliseconds', 5)],
  });
  const text = String(wasi.emit(policy, defaultTarget).artifacts[0]!.content);
  ok(refusesAll(wasi, policy, defaultTarget, 'wasi.json', jsonMutants(text, ['/capabilities/2'])) > 4);
  const options = String(
    wasi.emit(policy, defaultTarget).artifacts.find(({ path }) => path === 'wasmtime.args')!.content,
  );
  refusesAll(wasi, policy, defaultTarget, 'wasmtime.args', [
    { what: 'a folder more', text: `${options}--dir\n/etc::/etc\n` },
    { what: 'a folder less', text: options.replace('--dir\n/a::/a\n', '') },
  ]);
  const hidden = policyOf({
    decisions: [decisionOf('path', 'union-of-allows', [pathRule('/a/.b', ['read_file'])], deny)],
  });
  refusesAll(wasi, hidden, defaultTarget, 'wasmedge.args', [
    { what: 'a name of which WasmEdge leaves a part out', text: '--dir\n/a/.b:/a/.b:readonly\n' },
    { what: 'a name of another folder', text: '--dir\n./a/b:/a/.b:readonly\n' },
    { what: 'a folder more', text: '--dir\n./a/.b:/a/.b:readonly\n--dir\n./c:/c\n' },
  ]);
});

run();
