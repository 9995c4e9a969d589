import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { labelsOf, type Tenancy } from './desired.ts';
import { placeOf, placeText, tenancyKinds } from './kinds.ts';
import type { Cluster } from './port.ts';
import { tenancySpan } from './problems.ts';

/**
 * Warns of objects with the labels of a policy in namespaces that the policy does not name: what was applied before its
 * targets moved is still in force there, or another policy has the same name. Whose they are only people know, so nothing is
 * done with them. Credentials that may not look at all namespaces find none.
 */
export async function foundElsewhere(tenancy: Tenancy, cluster: Cluster): Promise<readonly Diagnostic[]> {
  const named = new Set(tenancy.objects.map(({ metadata }) => metadata.namespace));
  const labels = labelsOf(tenancy.policy);
  const lists = await Promise.all(
    tenancyKinds.map(async (kind) => {
      const listed = await cluster.list(kind, undefined, labels);
      return listed.ok ? listed.value.map((object) => placeOf(object, kind)) : [];
    }),
  );
  const selector = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return lists
    .flat()
    .filter(({ namespace }) => !named.has(namespace))
    .map((place) => {
      const { namespace, kind } = place;
      const deletion = `kubectl delete ${kind.plural} -n ${namespace} -l ${selector.join(',')}`;
      return report('POL8131', tenancySpan(tenancy.policy), {
        object: placeText(place),
        policy: tenancy.policy,
        deletion,
      });
    });
}
