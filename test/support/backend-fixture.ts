import * as assert from 'uvu/assert';
import type { PlacedBackend } from '../../compiler/backends/backend.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import type { Target } from '../../compiler/target.ts';
import type { FixtureCase } from './fixtures.ts';
import { surroundings } from './guardrails.ts';

/** Emits, validates, and compares every artifact and the coverage with what was reviewed. */
export function reviewBackend(backend: PlacedBackend, fixture: FixtureCase, policy: Policy, target: Target): void {
  const { artifacts, coverage, diagnostics } = backend.emit(policy, target, surroundings);
  assert.is(backend.validate(policy, target, artifacts, surroundings).counterexample, undefined);
  for (const { path, content } of artifacts) fixture.expectReviewed(path.replaceAll('/', '-'), String(content));
  const lines = coverage.map(({ rule, status, enforced, lost }) =>
    [`${rule}: ${status}`, ...(enforced ? [`  enforced: ${enforced}`] : []), ...(lost ? [`  lost: ${lost}`] : [])].join(
      '\n',
    ),
  );
  const messages = diagnostics.map(({ code, message }) => `${code}: ${message}`);
  fixture.expectReviewed('coverage.txt', `${[...lines, ...messages].join('\n')}\n`);
}

/** Every changed artifact must be refused. Returns how many were. */
export function refusesAll(
  backend: PlacedBackend,
  policy: Policy,
  target: Target,
  path: string,
  mutants: readonly { readonly what: string; readonly text: string }[],
): number {
  const { artifacts } = backend.emit(policy, target, surroundings);
  for (const { what, text } of mutants) {
    const changed = artifacts.map((artifact) => (artifact.path === path ? { ...artifact, content: text } : artifact));
    assert.is(backend.validate(policy, target, changed, surroundings).status, 'refused', `${path}: ${what}`);
  }
  return mutants.length;
}
