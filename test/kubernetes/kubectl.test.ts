import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { suite } from '../support/harness.ts';
import { administrators } from '../support/kubernetes/access.ts';
import { at, type Json, type JsonObject, listAt, textAt } from '../support/kubernetes/json.ts';
import { configMap, limitPolicy } from '../support/kubernetes/samples.ts';
import { type KubernetesServer, withKubernetes } from '../support/kubernetes/server.ts';
import { until } from '../support/until.ts';

// kubectl is a client that we did not write: what it makes of the server's answers shows that they are what a real API
// server says. Debian's is 1.20; the test passes with newer ones, too.

const { test, skip, run } = suite('kubernetes-kubectl');

interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

type Kubectl = (words: readonly string[], input?: JsonObject) => Promise<Ran>;

function kubectlOf(path: string, home: string): Kubectl {
  return (words, input) =>
    new Promise((resolve, reject) => {
      const child = spawn(program, words, {
        env: { PATH: process.env.PATH, HOME: home, KUBECONFIG: path },
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const said = { output: '', errors: '' };
      child.stdout.on('data', (part) => (said.output += part));
      child.stderr.on('data', (part) => (said.errors += part));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? -1, ...said }));
      child.stdin.end(input === undefined ? '' : JSON.stringify(input));
    });
}

const program = process.env.KUBECTL ?? 'kubectl';
const version = spawnSync(program, ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
const minor = Number(/"minor": "(\d+)/.exec(version.stdout ?? '')?.[1] ?? 0);

function testKubectl(
  name: string,
  check: (kubectl: Kubectl, server: KubernetesServer, reader: Kubectl) => Promise<void>,
): void {
  if (minor === 0) {
    skip(name, 'kubectl is not installed');
    return;
  }
  test(name, async () => {
    const home = mkdtempSync(join(tmpdir(), 'polc-kubectl-'));
    const tokens = {
      administrator: { name: 'root', groups: [administrators] },
      reader: { name: 'reader', groups: [] },
    };
    try {
      await withKubernetes({ tokens }, (server) =>
        check(kubectlOf(server.kubeconfigPath, home), server, kubectlOf(server.kubeconfigFor('reader'), home)),
      );
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });
}

const apply = ['apply', '--server-side', '-f', '-'];

function entryOf(object: Json, manager: string): Json | undefined {
  return listAt(object, 'metadata', 'managedFields').find((each) => textAt(each, 'manager') === manager);
}

testKubectl('applies on the server as two managers, with a conflict and by force', async (kubectl) => {
  const first = await kubectl([...apply, '--field-manager=one'], limitPolicy(5));
  assert.is(first.output, 'ratelimitpolicy.kuadrant.io/limits serverside-applied\n');
  const conflict = await kubectl([...apply, '--field-manager=two'], limitPolicy(6));
  assert.is(conflict.code, 1);
  assert.match(conflict.errors, 'Apply failed with 1 conflict: conflict with "one": .spec.limits.gold.rates');
  const forced = await kubectl([...apply, '--field-manager=two', '--force-conflicts'], limitPolicy(6));
  assert.is(forced.code, 0, forced.errors);
  const flag = minor > 20 ? ['--show-managed-fields'] : [];
  const { output } = await kubectl(['get', 'ratelimitpolicy', 'limits', '-o', 'yaml', ...flag]);
  const object: JsonObject = parse(output);
  const target = { 'f:group': {}, 'f:kind': {}, 'f:name': {} };
  const rates = { '.': {}, 'f:rates': {} };
  assert.equal(at(entryOf(object, 'one'), 'fieldsV1'), {
    'f:spec': { 'f:limits': { 'f:gold': {} }, 'f:targetRef': target },
  });
  assert.equal(at(entryOf(object, 'two'), 'fieldsV1'), {
    'f:spec': { 'f:limits': { 'f:gold': rates }, 'f:targetRef': target },
  });
  assert.equal(at(entryOf(object, 'kuadrant-operator'), 'subresource'), 'status');
});

testKubectl('applies from the client, three ways', async (kubectl, server) => {
  assert.is((await kubectl(['apply', '-f', '-'], configMap('c', { a: '1', b: '2' }))).output, 'configmap/c created\n');
  await kubectl(['patch', 'configmap', 'c', '--type', 'merge', '-p', '{"data":{"other":"x"}}']);
  const changed = await kubectl(['apply', '-f', '-'], configMap('c', { a: '3' }));
  assert.is(changed.output, 'configmap/c configured\n');
  assert.equal(server.object('ConfigMap', 'default', 'c')?.data, { a: '3', other: 'x' });
  assert.is((await kubectl(['apply', '-f', '-'], configMap('c', { a: '3' }))).output, 'configmap/c unchanged\n');
  assert.is((await kubectl(['apply', '-f', '-'], limitPolicy(1))).code, 0);
  assert.is((await kubectl(['apply', '-f', '-'], limitPolicy(2))).code, 0);
  assert.equal(at(server.object('RateLimitPolicy', 'default', 'limits'), 'metadata', 'generation'), 2);
});

testKubectl('shows a diff from dry runs, which write nothing', async (kubectl, server) => {
  server.add(limitPolicy(5));
  const diff = await kubectl(['diff', '--server-side', '--force-conflicts', '-f', '-'], limitPolicy(6));
  assert.is(diff.code, 1, diff.errors);
  assert.match(diff.output, /^-\s+- limit: 5$/m);
  assert.match(diff.output, /^\+\s+- limit: 6$/m);
  const patches = server.calls.filter(({ verb }) => verb === 'patch');
  assert.ok(patches.length > 0 && patches.every(({ query }) => query.get('dryRun') === 'All'));
  assert.equal(at(server.object('RateLimitPolicy', 'default', 'limits'), 'metadata', 'generation'), 1);
});

testKubectl('creates with its verbs, and is told what is there and what is wrong', async (kubectl, server) => {
  assert.is((await kubectl(['create', 'namespace', 'teams'])).output, 'namespace/teams created\n');
  const created = await kubectl(['create', 'secret', 'generic', 's', '-n', 'teams', '--from-literal=api_key=k']);
  assert.is(created.output, 'secret/s created\n', created.errors);
  assert.equal(server.object('Secret', 'teams', 's')?.data, { api_key: 'aw==' });
  const again = await kubectl(['create', 'namespace', 'teams']);
  assert.match(again.errors, 'Error from server (AlreadyExists): namespaces "teams" already exists');
  const invalid = await kubectl(apply, limitPolicy(1, { limits: { gold: { rates: [{ limit: 1, window: '1d' }] } } }));
  assert.match(
    invalid.errors,
    'The RateLimitPolicy "limits" is invalid: spec.limits.gold.rates[0].window: Invalid value: "1d"',
  );
  const unknown = await kubectl(apply, limitPolicy(1, { limit: {} }));
  assert.match(unknown.errors, '.spec.limit: field not declared in schema');
});

testKubectl('asks what it may do', async (kubectl, _server, reader) => {
  assert.is((await kubectl(['auth', 'can-i', 'create', 'ratelimitpolicies.kuadrant.io'])).output, 'yes\n');
  const rules = ['--verb=get,list', '--resource=ratelimitpolicies.kuadrant.io'];
  assert.is((await kubectl(['create', 'role', 'readers', ...rules])).code, 0);
  assert.is((await kubectl(['create', 'rolebinding', 'readers', '--role=readers', '--user=reader'])).code, 0);
  assert.is((await reader(['auth', 'can-i', 'list', 'ratelimitpolicies.kuadrant.io'])).output, 'yes\n');
  assert.is((await reader(['auth', 'can-i', 'delete', 'ratelimitpolicies.kuadrant.io'])).output, 'no\n');
  assert.match((await reader(['auth', 'can-i', '--list'])).output, /^ratelimitpolicies\.kuadrant\.io .*\[get list\]$/m);
  const refused = await reader(['get', 'secrets']);
  assert.match(
    refused.errors,
    'Error from server (Forbidden): secrets is forbidden: User "reader" cannot list resource "secrets" in API group "" in the namespace "default"',
  );
});

testKubectl('watches, waits for a condition, and for what it deletes to be gone', async (kubectl, server) => {
  server.controller = (policy) =>
    at(policy, 'spec', 'limits', 'silver') === undefined
      ? undefined
      : {
          conditions: [{ type: 'Enforced', status: 'True', reason: 'Enforced', message: 'the policy is' }],
          milliseconds: 300,
        };
  server.add({ ...limitPolicy(1), metadata: { name: 'limits', finalizers: ['example.com/hold'] } });
  const waiting = kubectl(['wait', 'ratelimitpolicy/limits', '--for=condition=Enforced', '--timeout=10s']);
  const silver = { silver: { rates: [{ limit: 1, window: '1s' }] } };
  const patch = JSON.stringify({ spec: { limits: silver } });
  assert.is((await kubectl(['patch', 'ratelimitpolicy', 'limits', '--type=merge', '-p', patch])).code, 0);
  assert.is((await waiting).output, 'ratelimitpolicy.kuadrant.io/limits condition met\n');
  const deleting = kubectl(['delete', 'ratelimitpolicy', 'limits', '--wait', '--timeout=10s']);
  const leaving = () => textAt(server.object('RateLimitPolicy', 'default', 'limits'), 'metadata', 'deletionTimestamp');
  await until(() => leaving() !== '');
  const release = JSON.stringify({ metadata: { finalizers: null } });
  await kubectl(['patch', 'ratelimitpolicy', 'limits', '--type=merge', '-p', release]);
  const deleted = await deleting;
  assert.is(deleted.code, 0, deleted.errors);
  assert.equal(server.objects('RateLimitPolicy'), []);
});

testKubectl('is served what a definition defines', async (kubectl, server) => {
  const properties = {
    spec: {
      type: 'object',
      properties: { size: { type: 'integer' }, most: { type: 'integer', default: 3 } },
      'x-kubernetes-validations': [{ rule: 'self.size <= self.most', message: 'too large' }],
    },
  };
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'crates.example.com' },
    spec: {
      group: 'example.com',
      names: { kind: 'Crate', listKind: 'CrateList', plural: 'crates', singular: 'crate', shortNames: ['cr'] },
      scope: 'Namespaced',
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties } } },
      ],
    },
  };
  assert.is((await kubectl([...apply], definition)).code, 0);
  const crate = (size: number) => ({
    apiVersion: 'example.com/v1',
    kind: 'Crate',
    metadata: { name: 'c' },
    spec: { size },
  });
  assert.is((await kubectl(['create', '-f', '-'], crate(2))).output, 'crate.example.com/c created\n');
  assert.is((await kubectl(['get', 'cr', 'c', '-o', 'jsonpath={.spec.most}'])).output, '3');
  const refused = await kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], crate(4));
  assert.match(refused.errors, 'too large');
  assert.equal(at(server.object('Crate', 'default', 'c'), 'spec'), { size: 2, most: 3 });
});

run();
