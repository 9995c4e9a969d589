import { once } from 'node:events';
import * as assert from 'uvu/assert';
import { suite } from '../support/harness.ts';
import { overridden } from '../support/kubernetes/controller.ts';
import { type KubernetesServer, withKubernetes } from '../support/kubernetes/server.ts';
import { type Finished, type ProjectFolder, withProject } from '../support/polc-process.ts';
import { gatewayPolicy, namespaces, stateOf } from '../support/tenancy-world.ts';

const { test, run } = suite('polc tenancy');

interface Place {
  readonly server: KubernetesServer;
  readonly project: ProjectFolder;
  polc(words: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>;
}

/** The server runs in this process, so that polc is not waited for in one go. */
function inPlace(run: (place: Place) => Promise<void>): Promise<void> {
  return withKubernetes({ objects: namespaces, secure: false }, (server) =>
    withProject((project) =>
      run({
        server,
        project,
        async polc(words, env = {}) {
          const child = project.start(words, { env: { KUBECONFIG: server.kubeconfigPath, ...env } });
          let stdout = '';
          let stderr = '';
          child.stdout?.on('data', (text) => {
            stdout += text;
          });
          child.stderr?.on('data', (text) => {
            stderr += text;
          });
          await once(child, 'close');
          return { status: child.exitCode, stdout, stderr };
        },
      }),
    ),
  );
}

const files = { 'platform.yaml': gatewayPolicy };

test('plan, apply, status, drift and delete, one after the other', () =>
  inPlace(async ({ server, project, polc }) => {
    project.write(files);
    const planned = await polc(['tenancy', 'plan', 'platform.yaml', '--exit-code']);
    assert.equal([planned.status, planned.stderr], [4, '']);
    assert.match(planned.stdout, /^gateway llm\/inference-gateway, by the policy\nplatform → http:\/\/127\.0\.0\.1/);
    assert.match(planned.stdout, / {2}\+ create {4}AuthPolicy llm\/platform\n/);
    assert.match(planned.stdout, /team research of tier standard may use 8,000 tokens in 1 h, from now on apart/);
    assert.is(stateOf(server), '[]');

    const applied = await polc(['tenancy', 'apply', 'platform.yaml']);
    assert.equal([applied.status, applied.stderr], [0, '']);
    assert.match(applied.stdout, /✔ applied, and enforced by the operator\n$/);
    const again = await polc(['tenancy', 'apply', 'platform.yaml', '--format', 'json']);
    assert.is(JSON.parse(again.stdout).result, 'unchanged', again.stderr);

    const status = await polc(['tenancy', 'status', 'platform.yaml', '--exit-code']);
    assert.equal([status.status, status.stderr], [0, '']);
    assert.match(status.stdout, /✔ TokenRateLimitPolicy llm\/platform {2}generation 1 {2}accepted and enforced/);
    assert.match(status.stdout, /team research of tier standard {2}8,000 tokens in 1 h\n/);

    const ofTeam = await polc(['tenancy', 'status', 'platform.yaml', '--team', 'research']);
    assert.match(ofTeam.stdout, /\n\n {2}team research of tier standard {2}8,000 tokens in 1 h\n$/);
    const ofOther = await polc(['tenancy', 'status', 'platform.yaml', '--team', 'blue', '--format', 'json']);
    assert.equal(
      JSON.parse(ofOther.stdout).limits.map(({ limit }: { limit: string }) => limit),
      ['tier-free-by-team-requests', 'tier-free-by-team-tokens', 'tier-standard-by-team-tokens'],
    );

    assert.equal((await polc(['tenancy', 'drift', 'platform.yaml'])).stdout, '✔ no drift in 3 objects\n');
    project.write({ 'platform.yaml': gatewayPolicy.replace('8000', '9000') });
    const drift = await polc(['tenancy', 'drift', 'platform.yaml']);
    assert.is(drift.status, 4);
    assert.match(drift.stdout, /✘ TokenRateLimitPolicy llm\/platform is of another version of the policy\n/);
    assert.match(drift.stdout, /- \[\{"limit":8000,"window":"1h"\}\]\n {6}\+ \[\{"limit":9000,"window":"1h"\}\]/);

    const deleted = await polc(['tenancy', 'delete', 'platform.yaml', '--format', 'json']);
    assert.equal(
      JSON.parse(deleted.stdout).deleted.map(({ kind }: { kind: string }) => kind),
      ['RateLimitPolicy', 'TokenRateLimitPolicy', 'AuthPolicy'],
    );
    assert.is(stateOf(server), '[]');
  }));

test('what a policy left in a namespace that it names no more is warned of, and left', () =>
  inPlace(async ({ server, project, polc }) => {
    project.write(files);
    server.add({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'edge' } });
    await polc(['tenancy', 'apply', 'platform.yaml']);
    project.write({ 'platform.yaml': gatewayPolicy.replace('namespace: llm', 'namespace: edge') });
    const applied = await polc(['tenancy', 'apply', 'platform.yaml']);
    assert.is(applied.status, 0);
    assert.match(applied.stderr, /warning\[POL8131\]: `AuthPolicy llm\/platform` is of a policy `platform` too/);
    const drift = await polc(['tenancy', 'drift', 'platform.yaml']);
    assert.equal([drift.status, drift.stderr.match(/POL8131/g)?.length], [0, 3]);
    assert.match(
      drift.stderr,
      /`kubectl delete authpolicies -n llm -l app.kubernetes.io\/managed-by=polc,polc\/policy=platform`/,
    );
    assert.is(server.objects('AuthPolicy', 'llm').length, 1);
  }));

test('an apply that fails ends with 3 and says that all is as it was', () =>
  inPlace(async ({ server, project, polc }) => {
    project.write(files);
    server.controller = () => overridden();
    const failed = await polc(['tenancy', 'apply', 'platform.yaml', '--timeout', '1']);
    assert.is(failed.status, 3);
    assert.match(failed.stdout, /✘ what was there before is there again\n$/);
    assert.match(failed.stderr, /error\[POL8123\]: .*is not ready after 1 s: it is not enforced/);
    assert.is(stateOf(server), '[]');
  }));

test('what kills a run at a change is finished by the next', () =>
  inPlace(async ({ server, project, polc }) => {
    project.write(files);
    for (const [at, when] of [
      [0, 'after'],
      [1, 'after'],
      [2, 'before'],
    ] as const) {
      const struck = new Promise<void>((resolve) => {
        let changes = 0;
        server.fault = ({ verb, query }) => {
          if (verb !== 'patch' || query.get('dryRun') !== null) return undefined;
          changes += 1;
          if (changes !== at + 1) return undefined;
          // With `after` the effect is there once this has returned.
          setTimeout(resolve, 20);
          return { when, answer: 'hang' };
        };
      });
      const child = project.start(['tenancy', 'apply', 'platform.yaml'], {
        env: { KUBECONFIG: server.kubeconfigPath },
      });
      const closed = once(child, 'close');
      await Promise.race([struck, closed]);
      assert.is(child.exitCode, null, 'it is struck before it ends');
      child.kill('SIGKILL');
      await closed;
      server.fault = () => undefined;
      if (at === 1) {
        const told = await polc(['tenancy', 'drift', 'platform.yaml']);
        assert.match(told.stderr, /warning\[POL8128\]: an apply of `platform` was cut off at 2/);
        const restored = await polc(['tenancy', 'apply', 'platform.yaml', '--restore']);
        assert.is(restored.status, 0, restored.stderr);
        assert.is(stateOf(server), '[]');
      } else {
        const next = await polc(['tenancy', 'apply', 'platform.yaml']);
        assert.is(next.status, 0, next.stderr);
        assert.is(server.objects('AuthPolicy', 'llm').length, 1);
        await polc(['tenancy', 'delete', 'platform.yaml']);
      }
    }
  }));

test('an option counts more than the environment, and that more than the policy', () =>
  inPlace(async ({ project, polc }) => {
    project.write(files);
    const env = { GATEWAY_NAME: 'web', GATEWAY_NAMESPACE: 'llm' };
    const byEnvironment = await polc(['tenancy', 'plan', 'platform.yaml'], env);
    assert.match(
      byEnvironment.stdout,
      /^gateway llm\/web, by GATEWAY_NAME and GATEWAY_NAMESPACE\n/,
      byEnvironment.stderr,
    );
    const byOption = await polc(['tenancy', 'plan', 'platform.yaml', '--gateway', 'edge'], env);
    assert.match(byOption.stdout, /^gateway llm\/edge, by --gateway and GATEWAY_NAMESPACE\n/);
    project.write({
      'where.yaml': 'targets: [{ gateway: { namespace: llm, name: inference-gateway } }]\n',
      'including.yaml': 'include: [where.yaml]\ntiers: { free: { burst_limit: 10 } }\n',
    });
    const twice = await polc(['tenancy', 'plan', 'including.yaml'], env);
    assert.is(twice.status, 2);
    assert.match(
      twice.stderr,
      /GATEWAY_NAME names one gateway, and a file that the policy includes has `targets` too\n/,
    );
    const off = await polc(['tenancy', 'apply', 'platform.yaml'], { ENABLE_POLICY_MANAGEMENT: 'false' });
    assert.equal([off.status, off.stdout], [0, '']);
    assert.match(off.stderr, /ENABLE_POLICY_MANAGEMENT switches it off: nothing was changed/);
    const odd = await polc(['tenancy', 'apply', 'platform.yaml'], { ENABLE_POLICY_MANAGEMENT: 'maybe' });
    assert.is(odd.status, 2);
  }));

test('tiers of a ConfigMap are applied where no policy is named', () =>
  inPlace(async ({ server, project, polc }) => {
    project.write(files);
    const data = { 'tier-free-policy.yaml': 'token_limit_per_hour: 1000\n' };
    server.add({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'platform-default-policies', namespace: 'llm' },
      data,
    });
    const env = {
      GATEWAY_NAME: 'inference-gateway',
      GATEWAY_NAMESPACE: 'llm',
      POLICY_TEMPLATE_CONFIGMAP: 'platform-default-policies',
    };
    const applied = await polc(['tenancy', 'apply'], env);
    assert.is(applied.status, 0, applied.stderr);
    assert.is(server.objects('TokenRateLimitPolicy', 'llm').length, 1);
    const lost = await polc(['tenancy', 'apply'], { ...env, POLICY_TEMPLATE_CONFIGMAP: 'none' });
    assert.is(lost.status, 3);
    assert.match(lost.stderr, /error\[POL8120\]: `get configmaps llm\/none` failed: .*not found/);
    const unnamed = await polc(['tenancy', 'apply']);
    assert.equal([unnamed.status, unnamed.stdout], [2, '']);
  }));

test('a policy that is wrong, a cluster that is not there and credentials that are unknown are said', () =>
  inPlace(async ({ server, project, polc }) => {
    project.write({ ...files, 'wrong.yaml': 'tiers: { free: { token_limit_per_hour: -1 } }\n' });
    const wrong = await polc(['tenancy', 'apply', 'wrong.yaml'], { KUBECONFIG: '/nowhere' });
    assert.is(wrong.status, 1);
    assert.match(wrong.stderr, /wrong\.yaml:1/);
    const lost = await polc(['tenancy', 'plan', 'platform.yaml'], { KUBECONFIG: '/nowhere' });
    assert.is(lost.status, 3);
    assert.match(lost.stderr, /POL8120.*read the configuration of kubectl.*ENOENT/);
    const unknown = await polc(['tenancy', 'plan', 'platform.yaml', '--kubeconfig', server.kubeconfigFor('stranger')]);
    assert.is(unknown.status, 3);
    assert.match(unknown.stderr, /POL8120.*Unauthorized[\s\S]*renew the credentials/);
    const context = await polc(['tenancy', 'plan', 'platform.yaml', '--context', 'none']);
    assert.is(context.status, 3);
    assert.match(context.stderr, /there is no context `none`/);
  }));

run();
