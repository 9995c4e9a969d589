import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { equal, is, match } from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import type { Artifact } from '../../compiler/backends/backend.ts';
import { decisionModule } from '../../compiler/backends/wasm/decisions.ts';
import { decisionArtifacts } from '../../compiler/backends/wasm/emission.ts';
import { joinedArtifacts } from '../../compiler/backends/wasm/join.ts';
import { compile } from '../../compiler/compile.ts';
import { attribute, compare, literal } from '../../compiler/expressions/predicate.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { suite } from '../support/harness.ts';
import { allow, decisionOf, deny, policyOf } from '../support/policies.ts';

const { test, run } = suite('wasm encoder');
const root = process.env.POLC_ROOT ?? '.';

const decision = decisionOf(
  'request',
  'first-match',
  [
    [compare(attribute("condition:'lab' in auth.identity.groups"), '==', literal(true)), allow],
    [{ kind: 'in-network', term: attribute('client'), network: '10.0.0.0/8' }, allow],
    [compare(attribute('team'), '==', literal('physics')), allow],
  ],
  deny,
);
const requests = policyOf({ name: 'requests', decisions: [decision] });

/** The files that `--emit wasm` makes of an example, in a folder. */
async function withFiles(example: string, act: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'polc-wasm-'));
  try {
    const path = join(root, 'examples', example);
    const { outputs } = compile(path, readFileSync(path), nodeHost, {
      maximumMilliseconds: 0,
      emit: ['wasm', 'guardrail'],
    });
    const wasm = outputs.find(({ backend }) => backend === 'wasm');
    if (wasm === undefined || wasm.artifacts.length !== 5) throw new Error('there is no module');
    for (const { path: name, content } of wasm.artifacts) writeFileSync(join(folder, name), content);
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    await act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('the generated script asks the module and explains what it says', () =>
  withFiles('cs101-class.yaml', async (folder) => {
    const { decisions, explain, effects, rules } = await import(pathToFileURL(join(folder, 'decisions.js')).href);
    const module = new WebAssembly.Module(readFileSync(join(folder, 'decisions.wasm')));
    const { launch } = decisions(new WebAssembly.Instance(module, {}));
    const nothing = explain('launch', launch({}));
    if (nothing.effect !== 'unknown' || !rules.launch.includes(nothing.rule)) throw new Error(JSON.stringify(nothing));
    const refused = explain('launch', launch({ instance_type: 'p5.48xlarge', hourly_cost: 98 }));
    if (refused.effect !== 'deny') throw new Error(JSON.stringify(refused));
    if (effects[1] !== 'allow') throw new Error(effects.join());
  }));

test('its types take what the decision is told, and nothing else', () =>
  withFiles('cs101-class.yaml', (folder) => {
    const use = [
      "import { decisions, explain, problems } from './decisions.js';",
      'declare const instance: WebAssembly.Instance;',
      "const answer: number = decisions(instance)['launch']({ instance_type: 't3.medium', hourly_cost: 0.1 });",
      "const rule: string = explain('launch', answer).rule;",
      '// @ts-expect-error a number is wanted',
      "decisions(instance)['launch']({ hourly_cost: '1' });",
      '// @ts-expect-error no such attribute',
      "decisions(instance)['launch']({ instance: 't3.medium' });",
      "const first: string | undefined = problems('launch', {})[0]?.message;",
      'export { first, rule };',
    ];
    const cel = [
      "import { Uint, decisions } from './requests.js';",
      'declare const instance: WebAssembly.Instance;',
      "decisions(instance)['request']({ auth: { share: new Uint(1n) }, team: 'x' });",
      '// @ts-expect-error a text is wanted',
      "decisions(instance)['request']({ auth: {}, team: 1 });",
    ];
    const joined = [
      "import { explain, policies } from './joined.js';",
      'declare const instance: WebAssembly.Instance;',
      'const { decide, answers } = policies(instance);',
      "const others: number = decide({ auth: {}, team: 'x' });",
      'const policy: string = explain(0, answers[0]!).policy;',
      '// @ts-expect-error a text is wanted',
      'decide({ team: 1 });',
      'export { others, policy };',
    ];
    const typesOf = (artifacts: readonly Artifact[]) =>
      String(artifacts.find(({ path }) => path === 'decisions.d.ts')!.content);
    writeFileSync(join(folder, 'requests.d.ts'), typesOf(decisionArtifacts(requests).artifacts));
    writeFileSync(join(folder, 'joined.d.ts'), typesOf(joinedArtifacts([requests, requests], 'request')));
    writeFileSync(join(folder, 'use.ts'), use.join('\n'));
    writeFileSync(join(folder, 'cel.ts'), cel.join('\n'));
    writeFileSync(join(folder, 'many.ts'), joined.join('\n'));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const flags = ['--noEmit', '--strict', '--module', 'esnext', '--moduleResolution', 'bundler', '--types', ''];
    const files = ['use.ts', 'cel.ts', 'many.ts'];
    try {
      execFileSync(process.execPath, [tsc, ...flags, ...files], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      throw new Error(String((error as { stdout?: string }).stdout));
    }
  }));

/** The script that asks a policy, and its module. */
async function loaded(policy: Policy) {
  const { artifacts } = decisionArtifacts(policy);
  const content = (path: string) => artifacts.find((each) => each.path === path)!.content;
  const script = await import(`data:text/javascript,${encodeURIComponent(String(content('decisions.js')))}`);
  return { script, bytes: content('decisions.wasm') as BufferSource, types: String(content('decisions.d.ts')) };
}

function messageOf(act: () => unknown, kind: typeof TypeError | typeof RangeError): string {
  try {
    act();
  } catch (error) {
    if (error instanceof kind) return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('of a text that the module has no room for the script says how long it may be', async () => {
  const rules = [[compare(attribute('team'), '==', literal('physics')), allow]] as const;
  const plain = policyOf({ name: 'p', decisions: [decisionOf('request', 'first-match', rules, deny)] });
  const { script, bytes } = await loaded(plain);
  const { decisions, explain, problems } = script;
  const messages = (length: number) =>
    problems('request', { team: 'x'.repeat(length) }).map(({ message }: { readonly message: string }) => message);
  const { request } = decisions(new WebAssembly.Instance(new WebAssembly.Module(bytes)));
  const told = /^team: the module has room for a string of (\d+) UTF-16 code units here, and one of 400000 came$/;
  const most = Number(told.exec(messages(400_000).join())?.[1]);
  const effectOf = (length: number) => explain('request', request({ team: 'x'.repeat(length) })).effect;
  equal([messages(most), effectOf(most)], [[], 'deny']);
  equal([messages(most + 1).length, effectOf(most + 1)], [1, 'unknown']);
});

test('what is given wrongly is unknown, and the script says what was expected and what came', async () => {
  const { script, bytes } = await loaded(requests);
  const { decisions, explain, problems, Uint, Timestamp, Duration } = script;
  const { request } = decisions(new WebAssembly.Instance(new WebAssembly.Module(bytes)));
  const asked = { auth: {}, client: '10.0.0.256', team: 7, user: 'ada' };
  is(explain('request', request(asked)).effect, 'unknown');
  const messages = (attributes: unknown) =>
    problems('request', attributes).map(({ message }: { readonly message: string }) => message);
  equal(messages(asked), [
    'team: a string is expected, and the number 7 came',
    'client: an IP address is expected, and the string "10.0.0.256" came',
    'user: the policy asks for nothing of this name',
  ]);
  equal(messages({ client: '::1' }), [
    'team: a string is expected, and nothing came',
    'auth: a value of the request is expected, and nothing came',
  ]);
  equal(messages({ auth: null, client: '10.0.0.1', team: 'x' }), []);
  equal(messages({ auth: null, client: '10.0.0.1', team: 'x\ud800' }), [
    'team: a string is expected, and half of a surrogate pair, which is no character, in the string "x\\ud800" came',
  ]);
  equal(messages('x'), ['an object of attributes is expected, and the string "x" came']);
  is(
    messageOf(() => request(undefined), TypeError),
    'request: an object of attributes is expected, and undefined came',
  );
  is(
    messageOf(() => request(null), TypeError),
    'request: an object of attributes is expected, and null came',
  );
  is(
    messageOf(() => explain('reqest', 1), RangeError),
    'a decision is expected, one of request, and the string "reqest" came',
  );
  is(
    messageOf(() => problems('toString', {}), RangeError),
    'a decision is expected, one of request, and the string "toString" came',
  );
  is(
    messageOf(() => explain('request', undefined), RangeError),
    'an answer of request is expected, and nothing came',
  );
  is(
    messageOf(() => explain('request', 9999), RangeError),
    'an answer of request is expected, and the number 9999 came',
  );
  is(
    messageOf(() => new Uint(3), TypeError),
    'Uint: a bigint is expected, and the number 3 came',
  );
  is(
    messageOf(() => new Timestamp(0.5), TypeError),
    'Timestamp: a whole number is expected, and the number 0.5 came',
  );
  is(
    messageOf(() => new Duration('1s'), TypeError),
    'Duration: a bigint is expected, and the string "1s" came',
  );
});

test('a script asks the module that it was made with, and no other', async () => {
  const { script, bytes } = await loaded(requests);
  const otherwise = policyOf({ decisions: [{ ...decision, rules: decision.rules.slice(1) }] });
  const renamed = policyOf({
    decisions: [{ ...decision, rules: decision.rules.map((rule, at) => ({ ...rule, id: `renamed/${at}` })) }],
  });
  const instance = (of: BufferSource) => new WebAssembly.Instance(new WebAssembly.Module(of));
  for (const policy of [otherwise, renamed, policyOf({ decisions: [] })]) {
    const { bytes: other } = await loaded(policy);
    match(
      messageOf(() => script.decisions(instance(other)), TypeError),
      /^the module is of another build than this script: /,
    );
  }
  const module = (text: string) => Uint8Array.from(`\0asm\x01\0\0\0${text}`, (each) => each.charCodeAt(0));
  const abi = (version: number) =>
    module(`\x06\x06\x01\x7f\0\x41${String.fromCharCode(version)}\x0b\x07\x07\x01\x03abi\x03\0`);
  const said = (of: Uint8Array) => messageOf(() => script.decisions(instance(of as BufferSource)), TypeError);
  match(said(module('')), /modules of ABI 1, and this is no decision module: take /);
  match(said(abi(2)), /modules of ABI 1, and this is one of ABI 2: take /);
  // As of a polc that wrote no fingerprints.
  match(said(abi(1)), /another build/);
  const { instance: wanted, module: compiled } = await WebAssembly.instantiate(bytes);
  match(
    messageOf(() => script.decisions({ instance: wanted, module: compiled }), TypeError),
    /the `instance` of what WebAssembly.instantiate gives, and an object came/,
  );
  match(
    messageOf(() => script.decisions(undefined), TypeError),
    /and nothing came$/,
  );
  script.decisions(wanted);
});

test("modules of the seed's policy and of the examples are small", () => {
  const files = [
    'test/fixtures/sandbox/seed-002/policy.yaml',
    'examples/python-ai-turbo.yaml',
    'examples/cs101-class.yaml',
  ];
  for (const file of files) {
    const path = join(root, file);
    const { policy } = compile(path, readFileSync(path), nodeHost, { maximumMilliseconds: 0 });
    const { length } = decisionModule(policy!).bytes;
    if (length > 10_000) throw new Error(`${file}: ${length} bytes`);
  }
});

run();
