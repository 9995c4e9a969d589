import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('kuadrant-sizes');

function policyOf(kind: 'RateLimitPolicy' | 'TokenRateLimitPolicy', count: number): string {
  const version = kind === 'RateLimitPolicy' ? 'v1' : 'v1alpha1';
  const limits = Array.from(
    { length: count },
    (_, index) =>
      `    t${index}: { rates: [{ limit: 1, window: 1m }], when: [{ predicate: request.path == '/${index}' }] }\n`,
  );
  return `apiVersion: kuadrant.io/${version}
kind: ${kind}
metadata: { name: limits }
spec:
  targetRef: { group: gateway.networking.k8s.io, kind: HTTPRoute, name: web }
  limits:
${limits.join('')}`;
}

const route = (matches: number) => `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec: { rules: [{ matches: [${Array.from({ length: matches }, () => '{ method: GET }').join(', ')}] }] }
`;

function codes(text: string): readonly string[] {
  const { diagnostics } = compile('limits.yaml', text, hostOf('/nowhere'), { maximumMilliseconds: 0 });
  return diagnostics.map(({ code }) => code);
}

test('about 551 matches of token limits fit into the filter of a gateway', () => {
  assert.equal(codes(policyOf('TokenRateLimitPolicy', 440)), []);
  assert.equal(codes(policyOf('TokenRateLimitPolicy', 442)), ['POL5140']);
  assert.equal(codes(policyOf('TokenRateLimitPolicy', 551)), ['POL5140']);
  assert.equal(codes(policyOf('TokenRateLimitPolicy', 552)), ['POL5141']);
});

test('limits of requests take less, and each match of a route counts', () => {
  assert.equal(codes(policyOf('RateLimitPolicy', 552)), []);
  assert.equal(codes(policyOf('RateLimitPolicy', 552) + route(5)), ['POL5140']);
  assert.equal(codes(policyOf('RateLimitPolicy', 552) + route(7)), ['POL5141']);
});

run();
