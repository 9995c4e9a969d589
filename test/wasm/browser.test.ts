import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { equal, ok } from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { decisionArtifacts } from '../../compiler/backends/wasm/emission.ts';
import { compile } from '../../compiler/compile.ts';
import { attribute, compare, literal, type Value } from '../../compiler/expressions/predicate.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { expected, said } from '../../compiler/verify/wasm/index.ts';
import { inputsOf } from '../../compiler/verify/wasm/inputs.ts';
import { readLayout } from '../../compiler/verify/wasm/read-layout.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { allow, decisionOf, deny, policyOf } from '../support/policies.ts';

const { test, skip, run } = suite('wasm browser');
const root = process.env.POLC_ROOT ?? '.';
const chromium = '/usr/bin/chromium';

interface Question {
  /** Of the policy, among those that the page loads. */
  readonly policy: number;
  readonly point: string;
  readonly attributes: readonly (readonly [name: string, value: unknown])[];
}

/** What a browser runs: it asks all questions of the modules, which it loads as a page would, and sends the answers. */
const page = `<!doctype html><script type="module">
const whole = (key, value) => {
  const [, type, text] = (typeof value === 'string' && /^(bigint|number):(.*)$/.exec(value)) || [];
  return type === 'bigint' ? BigInt(text) : type === 'number' ? Number(text) : value;
};
try {
  const questions = JSON.parse(await (await fetch('questions.json')).text(), whole);
  const loaded = new Map();
  const answers = [];
  for (const { policy, point, attributes } of questions) {
    if (!loaded.has(policy)) {
      const { decisions } = await import('./' + policy + '/decisions.js');
      const { instance } = await WebAssembly.instantiateStreaming(fetch(policy + '/decisions.wasm'));
      loaded.set(policy, decisions(instance));
    }
    answers.push(loaded.get(policy)[point](Object.fromEntries(attributes)));
  }
  await fetch('answers', { method: 'POST', body: JSON.stringify(answers) });
} catch (error) {
  await fetch('answers', { method: 'POST', body: JSON.stringify(String(error.stack)) });
}
</script>`;

/** Of what JSON has not. */
const plain = (_: string, value: unknown) =>
  typeof value === 'bigint' || typeof value === 'number' ? `${typeof value}:${value}` : value;

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  wasm: 'application/wasm',
  json: 'application/json',
};

/** Serves files to a browser without a screen until the page has sent what it found. */
async function inBrowser(files: ReadonlyMap<string, string | Uint8Array>): Promise<unknown> {
  let found: (text: string) => void = () => {};
  const answers = new Promise<string>((resolve) => {
    found = resolve;
  });
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (request.method === 'POST') {
      const parts: Buffer[] = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        response.end();
        found(Buffer.concat(parts).toString());
      });
      return;
    }
    const content = files.get(path);
    response.writeHead(content === undefined ? 404 : 200, {
      'content-type': types[path.split('.').pop()!] ?? 'text/html',
    });
    response.end(content);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    let text = '';
    await withFolder(async (folder) => {
      const words = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
      const child = spawn(
        chromium,
        [...words, '--disable-background-networking', `--user-data-dir=${folder}`, `http://127.0.0.1:${port}/`],
        {
          stdio: 'ignore',
          detached: true,
        },
      );
      const ended = new Promise<string>((resolve) => child.on('close', () => resolve('"the browser ended"')));
      try {
        text = await Promise.race([answers, ended]);
      } finally {
        // The browser and the processes that it started.
        try {
          process.kill(-child.pid!, 'SIGKILL');
        } catch {}
        await ended;
      }
    });
    return JSON.parse(text);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const groups = "auth.identity.groups.exists(group, group == 'lab' || group.startsWith('team-'))";
const requests = policyOf({
  decisions: [
    decisionOf(
      'request',
      'first-match',
      [[compare(attribute(`condition:${groups}`), '==', literal(true)), allow]],
      deny,
    ),
  ],
});
/** With what the evaluator is told of the condition. */
const lists: readonly (readonly [groups: unknown, holds: boolean | undefined])[] = [
  [['lab'], true],
  [['x', 'team-é'], true],
  [[], false],
  [['labs', 'tea😀m-'], false],
  [['x', 7], undefined],
  ['lab', undefined],
];

const examples = [
  'cs101-class.yaml',
  'platform-tiers.yaml',
  'python-ai-turbo.yaml',
  'sandbox-auto-quarantine.yaml',
  'python-file-policy.bpf',
];

if (!existsSync(chromium)) {
  skip('the examples answer in a browser as the reference evaluator', 'there is no chromium');
} else {
  test('the examples answer in a browser as the reference evaluator', async () => {
    const policies: Policy[] = examples.map((name) => {
      const file = join(root, 'examples', name);
      return compile(file, readFileSync(file), nodeHost, { backends: [], maximumMilliseconds: 0 }).policy!;
    });
    const files = new Map<string, string | Uint8Array>([['/', page]]);
    const questions: Question[] = [];
    const should: string[] = [];
    const decide: ((answer: number) => string)[] = [];
    for (const [index, policy] of [...policies, requests].entries()) {
      const { artifacts } = decisionArtifacts(policy);
      for (const { path, content } of artifacts) files.set(`/${index}/${path}`, content);
      const { layouts } = readLayout(String(files.get(`/${index}/decisions.json`)), policy.decisions);
      const ask = (
        point: string,
        attributes: Question['attributes'],
        meant: string,
        say: (answer: number) => string,
      ) => {
        questions.push({ policy: index, point, attributes });
        should.push(meant);
        decide.push(say);
      };
      for (const [place, decision] of policy.decisions.entries()) {
        const { point } = decision;
        const say = (answer: number) => said(decision, answer);
        if (policy === requests) {
          for (const [list, holds] of lists) {
            const known = new Map<string, Value | undefined>([[`condition:${groups}`, holds]]);
            ask(point, [['auth', { identity: { groups: list } }]], expected(decision, known), say);
          }
          continue;
        }
        const { slots } = layouts[place]!;
        ok(!slots.some(({ type }) => type === 'value'), 'an example has expressions of its own');
        let count = 0;
        for (const known of inputsOf(decision, slots).known) {
          if (count++ === 100) break;
          ask(point, [...known], expected(decision, known), say);
        }
      }
    }
    files.set('/questions.json', JSON.stringify(questions, plain));
    const answers = await inBrowser(files);
    ok(Array.isArray(answers), String(answers));
    const wrong = answers.flatMap((answer, at) => {
      const is = decide[at]!(answer);
      return is === should[at] ? [] : [`${is}, not ${should[at]}: ${JSON.stringify(questions[at], plain)}`];
    });
    equal(wrong, []);
    equal(answers.length, should.length);
    ok(new Set(should).size > 20, `${new Set(should).size} different answers`);
  });
}

run();
