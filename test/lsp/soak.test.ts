import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { longPolicies } from '../support/long-policies.ts';
import { soak } from '../support/lsp-soak.ts';

const { test, run } = suite('lsp-soak');

const example = (name: string) => readFileSync(join(process.env.POLC_ROOT ?? '.', 'examples', name), 'utf8');
const folder = '/nowhere/soak';
const files = new Map([
  [`${folder}/sandbox.yaml`, example('python-ai-turbo.yaml')],
  [
    `${folder}/base.yaml`,
    'profile: base\nmode: sandbox\nsecurity:\n  seccomp:\n    default: errno(EPERM)\n    allow: ["@basic-start"]\n',
  ],
  [`${folder}/derived.yaml`, 'extends: base.yaml\nprofile: derived\nmode: sandbox\nresources:\n  memory: 1GiB\n'],
  [`${folder}/tenancy.yaml`, longPolicies.tenancy(60)],
  [`${folder}/guardrail.yaml`, longPolicies.guardrail(40)],
  // Long enough that findings come in two parts.
  [`${folder}/long.yaml`, longPolicies.tenancy(1100)],
]);

/** POLC_SOAK=10000 goes on until so many edits were made, however long that takes; otherwise until the time is up. */
const wanted = Number(process.env.POLC_SOAK ?? 0);
const milliseconds = 12_000;

test('whatever was edited before, what is found is what a fresh compilation finds', async () => {
  const seed = wanted > 0 || process.env.POLC_TEST_STRICT ? 20_261_123 : Math.floor(Math.random() * 2 ** 31);
  const end = performance.now() + milliseconds;
  const soaked = await soak(files, seed, ({ edits }) =>
    wanted > 0 ? edits >= wanted : edits >= 500 || (edits >= 50 && performance.now() > end),
  );
  assert.ok(soaked.edits >= 50 && soaked.withFindings > 0, JSON.stringify(soaked));
  if (wanted > 0) console.log(JSON.stringify(soaked));
});

run();
