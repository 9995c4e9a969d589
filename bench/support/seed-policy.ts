import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import type { Acceptance } from '../../compiler/dialects/dialect.ts';
import { root, scratchFolder } from './native.ts';

export interface SeedPolicy {
  /** A folder with the policy and what it names. */
  readonly folder: string;
  readonly path: string;
  readonly text: string;
  /** All that is lost on the default target, so that a build with these acceptances emits everything. */
  readonly accept: readonly Acceptance[];
}

/** Seed 002's example as it stands, in a folder of its own. */
export function seedPolicy(): SeedPolicy {
  const folder = join(scratchFolder(), 'seed-002');
  cpSync(join(root, 'test/fixtures/sandbox/seed-002'), folder, { recursive: true });
  const path = join(folder, 'policy.yaml');
  const text = readFileSync(path, 'utf8');
  const { coverage } = compile(path, text, nodeHost, { maximumMilliseconds: 0 });
  const losses = new Set(coverage.filter(({ status }) => status !== 'full').map(({ topic }) => topic));
  return { folder, path, text, accept: [...losses].map((loss) => ({ loss, because: 'measured here' })) };
}

/** The same policy, with its acceptances written into it. */
export function acceptingSeedPolicy(): SeedPolicy {
  const seed = seedPolicy();
  const accept = seed.accept.map(({ loss, because }) => `  - { loss: "${loss}", because: ${because} }\n`).join('');
  const text = `${seed.text}\naccept:\n${accept}`;
  writeFileSync(seed.path, text);
  return { ...seed, text };
}
