import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { nodeHost } from '../../cli/host.ts';
import { decisionModule } from '../../compiler/backends/wasm/decisions.ts';
import { compile } from '../../compiler/compile.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('wasm encoder');
const root = process.env.POLC_ROOT ?? '.';

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
      "import { decisions, explain } from './decisions.js';",
      'declare const instance: WebAssembly.Instance;',
      "const answer: number = decisions(instance)['launch']({ instance_type: 't3.medium', hourly_cost: 0.1 });",
      "const rule: string = explain('launch', answer).rule;",
      '// @ts-expect-error a number is wanted',
      "decisions(instance)['launch']({ hourly_cost: '1' });",
      '// @ts-expect-error no such attribute',
      "decisions(instance)['launch']({ instance: 't3.medium' });",
      'export { rule };',
    ];
    writeFileSync(join(folder, 'use.ts'), use.join('\n'));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const flags = ['--noEmit', '--strict', '--module', 'esnext', '--moduleResolution', 'bundler', '--types', ''];
    try {
      execFileSync(process.execPath, [tsc, ...flags, 'use.ts'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      throw new Error(String((error as { stdout?: string }).stdout));
    }
  }));

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
