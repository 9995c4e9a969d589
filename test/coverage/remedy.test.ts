import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import type { BackendName } from '../../compiler/backends/backend.ts';
import { type CompileOptions, compile } from '../../compiler/compile.ts';
import { defaultTarget } from '../../compiler/target.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('remedy');
const examples = join(process.env.POLC_ROOT ?? '.', 'examples');

/** `topic` of each loss by the backends that its help names; undefined where the help names none. */
function lossesOf(file: string, emit: readonly BackendName[]): ReadonlyMap<string, readonly BackendName[] | undefined> {
  const { diagnostics } = compile(file, readFileSync(join(examples, file), 'utf8'), nodeHost, {
    emit,
    maximumMilliseconds: 0,
  });
  const lost = diagnostics.filter(({ code }) => code === 'POL6001' || code === 'POL6004');
  return new Map(
    lost.map(({ message, help }) => [
      /`(.*?)`/.exec(message)![1]!,
      /`--emit ([a-z,-]+)`/.exec(help)?.[1]?.split(',') as readonly BackendName[] | undefined,
    ]),
  );
}

function subsetsOf<T>(all: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: 1 << all.length }, (_, set) => all.filter((__, index) => (set >> index) % 2 === 1));
}

for (const [file, backends] of [
  ['ci-ec2-spike-manual.yaml', ['guardrail', 'iam', 'scp', 'budgets-action', 'eventbridge']],
  ['python-ai-turbo.yaml', ['launcher', 'landlock', 'seccomp', 'oci']],
] as const) {
  test(`${file}: whatever is chosen, with the backends that the help names the loss is none`, () => {
    let named = 0;
    for (const chosen of subsetsOf<BackendName>(backends)) {
      const losses = lossesOf(file, chosen);
      for (const emit of new Set([...losses.values()].filter((each) => each !== undefined))) {
        named++;
        assert.ok(chosen.every((name) => emit.includes(name)));
        const left = lossesOf(file, emit);
        for (const [topic, wanted] of losses) if (wanted === emit) assert.not(left.has(topic), `${emit}: ${topic}`);
        // What is lost all the same, no choice of backends holds.
        assert.equal(
          [...left.values()].filter((each) => each !== undefined),
          [],
          emit.join(),
        );
      }
    }
    assert.ok(named > 10);
  });
}

test('service control policies alone are told of the runtime that they lack, in words that can be pasted', () => {
  const file = 'ci-ec2-spike-manual.yaml';
  const text = readFileSync(join(examples, file), 'utf8');
  const options: CompileOptions = { emit: ['scp'], maximumMilliseconds: 0 };
  const { diagnostics } = compile(file, text, nodeHost, options);
  const helpOf = (topic: string) => diagnostics.find(({ message }) => message.startsWith(`\`${topic}\``))?.help;
  const emit = 'emit what enforces it as well, `--emit scp,guardrail,iam`, or accept the loss with';
  assert.is(helpOf('mode'), `${emit} \`accept: [{ loss: mode, because: REASON }]\``);
  assert.is(helpOf('actions[0].deny[0]'), `${emit} \`accept: [{ loss: "actions[0].deny[0]", because: REASON }]\``);
  const entries = diagnostics.flatMap(({ help }) => help.match(/{ loss: .* }/) ?? []);
  const accepted = compile(file, `${text}accept: [${entries.join(', ')}]\n`, nodeHost, options);
  assert.equal(accepted.diagnostics, []);
  assert.ok(accepted.ok);
});

test('who denies a path that Landlock cannot is told of programs of the kernel, and nobody else', () => {
  const helps = (paths: string, bpfLsm: boolean) => {
    const text = `profile: p\nmode: sandbox\nsecurity: { landlock: { paths: [{ path: /usr, access: execute }, ${paths}] } }\n`;
    const target = { ...defaultTarget, bpfLsm };
    const { diagnostics } = compile('p.yaml', text, nodeHost, { target, maximumMilliseconds: 0 });
    return diagnostics.filter(({ code }) => code === 'POL6001' || code === 'POL6040').map(({ help }) => help);
  };
  const denied = helps('{ path: /usr/secret, access: none }', false);
  assert.is(denied.length, 2);
  for (const help of denied) {
    assert.ok(help.includes('(`--target bpf-lsm=yes`') || help.includes(': `--target bpf-lsm=yes`'), help);
    assert.ok(help.includes('`target: { bpf-lsm: true }` in polc.config.yaml'), help);
  }
  assert.equal(helps('{ path: /usr/secret, access: none }', true), []);
  assert.equal(helps('{ path: /opt, access: execute }', false), []);
});

run();
