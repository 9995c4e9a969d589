import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { applyTenancy } from '../../runtime/tenancy/apply.ts';
import { driftOf } from '../../runtime/tenancy/drift.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { withKubernetes } from '../support/kubernetes/server.ts';
import { connectTo, gatewayPolicy, namespaces, tenancyFrom, worldOf } from '../support/tenancy-world.ts';

const { test, skip, run } = suite('tenancies and kubectl');

const options = { timeout: 2000, force: false, dryRun: false };
const name = 'what kubectl changes is drift, what it adds is not, and it finds nothing to change in what polc applied';

if (spawnSync('kubectl', ['version', '--client']).error !== undefined) skip(name, 'there is no kubectl');
else {
  test(name, () =>
    withKubernetes({ objects: namespaces }, (server) =>
      withFolder(async (folder) => {
        const kubectl = (...words: readonly string[]) =>
          promisify(execFile)('kubectl', ['--kubeconfig', server.kubeconfigPath, '-n', 'llm', ...words], {
            env: { PATH: process.env.PATH ?? '', HOME: folder },
          });
        const tenancy = tenancyFrom(gatewayPolicy);
        const world = worldOf(await connectTo(server.kubeconfigPath), folder);
        assert.is((await applyTenancy(tenancy, options, world)).result, 'applied');
        const found = await kubectl(
          'get',
          'authpolicies,ratelimitpolicies',
          '-l',
          'polc/policy=platform',
          '-o',
          'name',
        );
        assert.match(found.stdout, /authpolicy\S* *\n?[\s\S]*ratelimitpolicy/);

        await kubectl('label', 'authpolicy', 'platform', 'owner=us');
        await kubectl('annotate', 'tokenratelimitpolicy', 'platform', 'note=ours');
        const added = await driftOf(tenancy, world.cluster);
        assert.equal(added.ok && added.value.drift, []);

        const patch = '[{"op":"replace","path":"/spec/limits/tier-free-by-team-requests/rates/0/limit","value":77}]';
        await kubectl('patch', 'ratelimitpolicy', 'platform', '--type', 'json', '-p', patch);
        const changed = await driftOf(tenancy, world.cluster);
        assert.ok(changed.ok);
        assert.equal(
          changed.value.drift.map(({ drift, fields }) => [
            drift,
            fields.map(({ path, owners }) => [path.at(-2), owners]),
          ]),
          [['changed', [['tier-free-by-team-requests', ['kubectl-patch']]]]],
        );
        const forced = await applyTenancy(tenancy, { ...options, force: true }, world);
        assert.is(forced.result, 'applied');
        const kept = await kubectl('get', 'authpolicy', 'platform', '-o', 'jsonpath={.metadata.labels.owner}');
        assert.is(kept.stdout, 'us');

        await kubectl('delete', 'tokenratelimitpolicy', 'platform');
        const gone = await driftOf(tenancy, world.cluster);
        assert.equal(gone.ok && gone.value.drift.map(({ drift }) => drift), ['missing']);
      }),
    ),
  );
}

run();
