import * as assert from 'uvu/assert';
import { applyTenancy } from '../../runtime/tenancy/apply.ts';
import { deleteTenancy } from '../../runtime/tenancy/delete.ts';
import { driftOf } from '../../runtime/tenancy/drift.ts';
import { documentsIn } from '../../runtime/tenancy/yaml-documents.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';
import { administrators, serviceAccountUser } from '../support/kubernetes/access.ts';
import { isObject, type JsonObject, listAt } from '../support/kubernetes/json.ts';
import { withKubernetes } from '../support/kubernetes/server.ts';
import { artifactOf, connectTo, gatewayPolicy, namespaces, tenancyFrom, worldOf } from '../support/tenancy-world.ts';

const { test, run } = suite('permissions of a tenancy');

const options = { timeout: 2000, force: false, dryRun: false };
const rbac = documentsIn('rbac.yaml', artifactOf(gatewayPolicy, 'rbac.yaml')).map((value) => {
  const object: JsonObject = JSON.parse(JSON.stringify(value));
  return object;
});

/** Everything that a policy goes through: made, changed with one object gone, compared, deleted. Gives what was said. */
async function lifeUnder(roles: readonly JsonObject[]): Promise<string> {
  let said = '';
  const tokens = {
    administrator: { name: 'administrator', groups: [administrators] },
    polc: serviceAccountUser('llm', 'polc-platform'),
  };
  await withKubernetes({ objects: [...namespaces, ...roles], tokens, token: 'polc' }, (server) =>
    withFolder(async (folder) => {
      const world = worldOf(await connectTo(server.kubeconfigPath), folder);
      const outcomes = [
        await applyTenancy(tenancyFrom(gatewayPolicy), options, world),
        await applyTenancy(tenancyFrom(gatewayPolicy.replace(', burst_limit: 10', '')), options, world),
      ];
      const drift = await driftOf(tenancyFrom(gatewayPolicy), world.cluster);
      if (!drift.ok) said += `${drift.failure.message}\n`;
      outcomes.push({ result: 'applied', ...(await deleteTenancy(tenancyFrom(gatewayPolicy), options, world)) });
      for (const { code, message, help } of outcomes.flatMap(({ diagnostics }) => diagnostics)) {
        said += `${code} ${message} | ${help}\n`;
      }
    }),
  );
  return said;
}

test('the role that the build writes suffices', async () => {
  assert.is(await lifeUnder(rbac), '');
});

test('one account applies to all namespaces of the targets', async () => {
  const route = '{ route: { namespace: edge, name: models } }';
  const policy = gatewayPolicy.replace(' }]', ` }, ${route}]`);
  const roles = documentsIn('rbac.yaml', artifactOf(policy, 'rbac.yaml')).map(
    (value): JsonObject => JSON.parse(JSON.stringify(value)),
  );
  const edge = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'edge' } };
  const tokens = { polc: serviceAccountUser('llm', 'polc-platform') };
  await withKubernetes({ objects: [...namespaces, edge, ...roles], tokens, token: 'polc' }, (server) =>
    withFolder(async (folder) => {
      const world = worldOf(await connectTo(server.kubeconfigPath), folder);
      const { result, diagnostics } = await applyTenancy(tenancyFrom(policy), options, world);
      assert.equal([result, diagnostics.map(({ message }) => message)], ['applied', []]);
    }),
  );
});

test('without any one of its verbs a call is refused, and said with what to do', async () => {
  const rules = rbac.flatMap((each) => listAt(each, 'rules'));
  const grants = rules.flatMap((rule, index) => listAt(rule, 'verbs').map((verb) => [index, String(verb)] as const));
  assert.ok(grants.length >= 6);
  for (const [index, verb] of grants) {
    const lesser = rbac.map((each) =>
      each.kind === 'Role'
        ? {
            ...each,
            rules: rules.flatMap((rule, at) => {
              if (at !== index || !isObject(rule)) return [rule];
              const verbs = listAt(rule, 'verbs').filter((other) => other !== verb);
              return verbs.length === 0 ? [] : [{ ...rule, verbs }];
            }),
          }
        : each,
    );
    const said = await lifeUnder(lesser);
    const about = index === rules.length - 1 ? 'events' : '(authpolicies|ratelimitpolicies|tokenratelimitpolicies)';
    assert.match(said, new RegExp(`POL812[07] .*${about}.*rbac\\.yaml`), `rule ${index} without ${verb}: ${said}`);
    assert.match(said, new RegExp(`cannot ${verb} resource`), `rule ${index} without ${verb}: ${said}`);
  }
});

run();
