import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import binaryen from 'binaryen';
import { equal, is, ok } from 'uvu/assert';
import wabt from 'wabt';
import { moduleOptimiser } from '../../cli/build/optimise-module.ts';
import { nodeHost } from '../../cli/host.ts';
import type { Artifact } from '../../compiler/backends/backend.ts';
import { celExtension } from '../../compiler/backends/wasm/cel/extension.ts';
import { decisionModule } from '../../compiler/backends/wasm/decisions.ts';
import { decisionArtifacts } from '../../compiler/backends/wasm/emission.ts';
import { compile } from '../../compiler/compile.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { expected, expressionsOf, said, shown } from '../../compiler/verify/wasm/index.ts';
import { inputsOf } from '../../compiler/verify/wasm/inputs.ts';
import { readLayout } from '../../compiler/verify/wasm/read-layout.ts';
import { everyPoint } from '../support/any-decision.ts';
import { suite } from '../support/harness.ts';
import { askWabt } from '../support/wabt-interpreter.ts';
import { given } from '../support/wasm-cel.ts';

/** Modules of all policies among the fixtures and examples, each asked by the script that was made with it. */
const { test, run } = suite('wasm every policy');
const root = process.env.POLC_ROOT ?? '.';
/** So many questions are asked of each decision. */
const most = 60;

interface Decided {
  readonly file: string;
  readonly dialect: string;
  readonly policy: Policy;
}

/** Policies that decide something, one of each that have the same module. */
function decidedPolicies(): readonly Decided[] {
  const found = new Map<string, Decided>();
  for (const folder of ['examples', 'test/fixtures']) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(yaml|bpf)$/.test(name)) continue;
      const file = join(root, folder, name);
      const { policy, dialect = '' } = compile(file, readFileSync(file), nodeHost, {
        backends: [],
        maximumMilliseconds: 0,
      });
      if (policy === undefined || policy.decisions.length === 0) continue;
      const bytes = Buffer.from(decisionModule(policy, celExtension()).bytes).toString('latin1');
      if (!found.has(bytes)) found.set(bytes, { file: join(folder, name), dialect, policy });
    }
  }
  return [...found.values()];
}

const decided = decidedPolicies();

interface Script {
  decisions(instance: WebAssembly.Instance): Readonly<Record<string, (attributes: object) => number>>;
}

function moduleOf(artifacts: readonly Artifact[]): Uint8Array {
  return artifacts.find(({ path }) => path === 'decisions.wasm')!.content as Uint8Array;
}

/** Asks about what lies around the constants of the policy, and gives what differs from the reference evaluator. */
async function differences(policy: Policy, artifacts: readonly Artifact[]): Promise<readonly string[]> {
  const text = (path: string) => String(artifacts.find((each) => each.path === path)!.content);
  const url = `data:text/javascript,${encodeURIComponent(text('decisions.js'))}`;
  const { decisions }: Script = await import(url);
  const asked = decisions(new WebAssembly.Instance(new WebAssembly.Module(moduleOf(artifacts) as BufferSource), {}));
  const { layouts } = readLayout(text('decisions.json'), policy.decisions);
  const wrong: string[] = [];
  for (const [place, decision] of policy.decisions.entries()) {
    const layout = layouts[place]!;
    const expressions = expressionsOf(decision, layout);
    let count = 0;
    for (const input of inputsOf(decision, expressions?.slots ?? layout.slots).known) {
      if (count >= most) break;
      const questions = expressions?.inputs.of(input, count === 0) ?? [{ known: input, bindings: {} }];
      for (const { known, bindings } of questions) {
        count += 1;
        const request = Object.entries(bindings).map(([name, value]) => [
          name,
          value === undefined ? value : given(value),
        ]);
        const answer = asked[decision.point]!(Object.fromEntries([...known, ...request]));
        const [is, should] = [said(decision, answer), expected(decision, known)];
        if (is !== should) wrong.push(`${decision.point}: ${is}, not ${should}, for ${shown(known)}`);
      }
    }
  }
  return wrong;
}

test('there is a policy of each point and dialect', () => {
  equal([...new Set(decided.flatMap(({ policy }) => policy.decisions.map(({ point }) => point)))].sort(), [
    ...everyPoint.toSorted(),
  ]);
  equal([...new Set(decided.map(({ dialect }) => dialect))].sort(), [
    'governance',
    'guardrail',
    'hook-program',
    'kuadrant',
    'sandbox',
    'template',
    'tenancy',
  ]);
  ok(decided.length > 120, `${decided.length} policies`);
});

test('every module is valid for binaryen, wabt and Node, and its script answers as the reference evaluator', async () => {
  const tools = await wabt();
  const wrong: string[] = [];
  for (const { file, policy } of decided) {
    const { artifacts } = decisionArtifacts(policy);
    wrong.push(...(await differences(policy, artifacts)).slice(0, 1).map((each) => `${file}: ${each}`));
    const bytes = moduleOf(artifacts);
    const module = binaryen.readBinary(bytes);
    module.setFeatures(binaryen.Features.MVP);
    if (module.validate() !== 1) wrong.push(`${file}: binaryen finds it invalid`);
    module.dispose();
    const read = tools.readWasm(bytes, { readDebugNames: false });
    read.validate();
    read.destroy();
  }
  equal(wrong, []);
});

test('what binaryen makes of every module is not larger and answers the same', async () => {
  const optimise = await moduleOptimiser();
  const wrong: string[] = [];
  let [before, after] = [0, 0];
  for (const { file, policy } of decided) {
    const plain = decisionModule(policy, celExtension()).bytes.length;
    const { artifacts, size } = decisionArtifacts(policy, optimise);
    wrong.push(...(await differences(policy, artifacts)).slice(0, 1).map((each) => `${file}: ${each}`));
    if (size > plain) wrong.push(`${file}: ${size} bytes of ${plain}`);
    before += plain;
    after += size;
  }
  equal(wrong, []);
  ok(after < 0.95 * before, `${after} bytes of ${before}`);
});

test("wabt's interpreter answers about each point as the reference evaluator", async () => {
  for (const point of everyPoint) {
    const size = ({ policy }: Decided) => policy.decisions.find((each) => each.point === point)?.rules.length ?? 0;
    const { file, policy } = decided.reduce((best, each) => (size(each) > size(best) ? each : best));
    const compiled = decisionModule(policy, celExtension());
    const place = policy.decisions.findIndex((each) => each.point === point);
    const decision = policy.decisions[place]!;
    const { layout } = compiled.decisions[place]!;
    const slots = layout.slots.map(({ name, present, ...slot }) => ({ ...slot, attribute: name, known: present }));
    const expressions = expressionsOf(decision, { slots });
    const inputs = [...inputsOf(decision, expressions?.slots ?? slots).known];
    const { known, bindings } = expressions?.inputs.of(inputs[inputs.length >> 1]!, false)[0] ?? {
      known: inputs[inputs.length >> 1]!,
      bindings: {},
    };
    const { answer, output } = await askWabt(compiled, place, { ...Object.fromEntries(known), ...bindings });
    is(said(decision, answer), expected(decision, known), `${file} ${point}: ${output}`);
  }
});

run();
