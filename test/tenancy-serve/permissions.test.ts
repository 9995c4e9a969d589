import * as assert from 'uvu/assert';
import { documentsIn } from '../../runtime/tenancy/yaml-documents.ts';
import { suite } from '../support/harness.ts';
import { administrators, serviceAccountUser } from '../support/kubernetes/access.ts';
import { isObject, type Json, type JsonObject } from '../support/kubernetes/json.ts';
import { serving } from '../support/serving.ts';
import { servicePolicy } from '../support/tenancy-service.ts';
import { artifactOf, namespaces, readText } from '../support/tenancy-world.ts';

const { test, run } = suite('permissions of a tenancy service');

/** The role that the guide tells. */
function guideRole(): JsonObject {
  const text = /```yaml\n(apiVersion: rbac[^`]*)```/.exec(readText('docs/tenancy.md'))?.[1] ?? '';
  const [role] = objectsIn(text);
  assert.ok(role !== undefined);
  return role;
}

function objectsIn(text: string): readonly JsonObject[] {
  const values: readonly Json[] = JSON.parse(JSON.stringify(documentsIn('rbac.yaml', text)));
  return values.filter(isObject);
}

test('the role of the build and that of the guide suffice', () => {
  const account = 'polc-platform';
  const binding: JsonObject = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'polc-serve', namespace: 'llm' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'polc-serve' },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'llm' }],
  };
  const objects = [...namespaces, ...objectsIn(artifactOf(servicePolicy, 'rbac.yaml')), guideRole(), binding];
  const tokens = {
    administrator: { name: 'administrator', groups: [administrators] },
    polc: serviceAccountUser('llm', account),
  };
  return serving(
    async ({ service, server }) => {
      const done = async (method: string, path: string, body?: Json) => {
        const operation = await service.change(method, path, body);
        assert.is(operation.state, 'done', JSON.stringify(operation));
      };
      await done('PUT', '/tiers/gold', { settings: { token_limit_per_hour: 5 } });
      await done('POST', '/teams', { team: 'ants', tier: 'gold', members: { amy: {} }, overrides: { burst_limit: 2 } });
      await done('POST', '/teams', { team: 'bees', tier: 'gold' });
      await done('PUT', '/tiers/gold', { settings: { token_limit_per_hour: 6 } });
      await done('POST', '/teams/ants/opt-in');
      assert.is((await service.call('POST', '/teams/ants/keys', { body: { user: 'amy' } })).status, 201);
      await done('PUT', '/teams/ants/budget', { budget_usd_monthly: 3 });
      await done('DELETE', '/teams/ants');
      await done('DELETE', '/teams/bees');
      await done('DELETE', '/tiers/gold');
      assert.ok(server.objects('Event').some(({ reason }) => reason === 'TemplateInherited'));
      assert.equal(server.objects('Secret'), []);
    },
    { kubernetes: { objects, tokens, token: 'polc' } },
  );
});

run();
