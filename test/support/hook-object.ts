import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { bpfLsm } from '../../compiler/backends/bpf-lsm/index.ts';
import type { BpfManifest } from '../../compiler/backends/bpf-lsm/manifest.ts';
import { compile } from '../../compiler/compile.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import type { Target } from '../../compiler/target.ts';
import { program, programText } from './hook-programs.ts';

export interface HookObject {
  readonly object: Uint8Array;
  readonly policy: Policy;
  readonly manifest: BpfManifest;
}

/** The object for a text that has no mistake; undefined where the text decides nothing. */
export function compileHooks(text: string, target: Target): HookObject | undefined {
  const { outputs, policy, diagnostics } = compile('hooks.bpf', text, nodeHost, {
    target,
    backends: [bpfLsm],
    emit: ['bpf-lsm'],
    maximumMilliseconds: 0,
  });
  assert.equal(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code} ${message}`),
    [],
    text,
  );
  const artifacts = outputs.flatMap((output) => output.artifacts);
  const object = artifacts.find(({ path }) => path === 'policy.bpf.o')?.content;
  const manifest = artifacts.find(({ path }) => path === 'policy.bpf.json')?.content;
  if (object === undefined || manifest === undefined || policy === undefined) return undefined;
  assert.instance(object, Uint8Array);
  return { object: object as Uint8Array, policy, manifest: JSON.parse(String(manifest)) };
}

/** Texts with a random program at each of some hooks; without them, at every hook that has random programs. */
export function randomTexts(count: number, hooks?: readonly string[]): readonly string[] {
  const byHook = new Map<string, string[]>();
  for (const made of fc.sample(program, count * 30)) {
    if (hooks !== undefined && !hooks.includes(made.hook)) continue;
    const texts = byHook.get(made.hook) ?? [];
    // Most that are random refuse nearly every call: each second one says little, and lets pass what it says nothing of.
    const short = {
      ...made,
      rules: made.rules.filter(({ when }) => when !== undefined).slice(0, 2),
      otherwise: undefined,
    };
    byHook.set(made.hook, [...texts, programText(texts.length % 2 === 0 ? made : short)]);
  }
  return Array.from({ length: count }, (_, index) => [...byHook.values()].map((texts) => texts[index] ?? '').join(''));
}
