import type { Artifact, Validation } from '../../backends/backend.ts';
import { planKuadrant } from '../../backends/kuadrant/plan.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { checkEach } from '../../dialects/kuadrant/check-each.ts';
import { resourcesOf } from '../../dialects/kuadrant/resource.ts';
import type { EnforceAt, Policy, Quota } from '../../ir/policy.ts';
import { parseYamlStream } from '../../source/parse-yaml.ts';
import { sourceText } from '../../source/text.ts';
import type { YamlNode } from '../../source/tree.ts';
import { compareGrants } from './compare.ts';
import { differ, KuadrantDifference } from './difference.ts';
import { checkPermissions } from './permissions.ts';
import { listOf, mapOf, type Plain, plainOf, textOf, textsOf } from './plain.ts';
import { type ReadPlace, readPolicies } from './read-policies.ts';

const method = 'the schemas of Kuadrant, every rate, and requests of a model of the gateway and the rate limiter';

/**
 * Parses the files again, checks them as a file of Kuadrant's own dialect is checked, and lets requests through a model
 * of what the cluster makes of them: at the bounds of quotas and at random, against what the policy grants.
 */
export function validateKuadrant(policy: Policy, artifacts: readonly Artifact[]): Validation {
  const places = policy.obligations.filter((obligation) => obligation.kind === 'enforce-at');
  if (artifacts.length === 0) return { status: 'tested', method: 'nothing was written', compared: 0 };
  try {
    const read = readPolicies(checkedDocuments(artifacts, 'policies.yaml'));
    checkPermissions(documentsOf(artifacts, 'rbac.yaml').map(plainOf), read);
    checkKeys(documentsOf(artifacts, 'api-key.yaml').map(plainOf), places);
    checkBudgets(artifacts, places);
    if (read.length !== new Set(places.map(targetName)).size) differ('not a set of policies for each target');
    const { lost } = planKuadrant(policy);
    const held = { ...policy, quotas: (policy.quotas ?? []).filter(({ id }) => !lost.has(id)) };
    let compared = 0;
    for (const place of places) {
      const own =
        read.find(({ target: name }) => name === targetName(place)) ?? differ(`nothing for ${targetName(place)}`);
      checkPlace(own, place, held.quotas);
      const comparison = compareGrants(held, place, own);
      compared += comparison.compared;
      if (comparison.counterexample !== undefined) differ(comparison.counterexample);
    }
    return { status: 'tested', method, compared };
  } catch (problem) {
    if (!(problem instanceof KuadrantDifference)) throw problem;
    return { status: 'refused', method, compared: 0, counterexample: problem.message };
  }
}

function documentsOf(artifacts: readonly Artifact[], path: string): readonly YamlNode[] {
  const { documents } = sourceOf(artifacts, path);
  return documents;
}

function sourceOf(artifacts: readonly Artifact[], path: string) {
  const content = artifacts.find((artifact) => artifact.path === path)?.content ?? differ(`no ${path}`);
  const source = sourceText(path, typeof content === 'string' ? content : new TextDecoder().decode(content));
  const documents = parseYamlStream(source).documents.map(({ root, diagnostics }) => {
    const [wrong] = diagnostics;
    return wrong === undefined ? (root ?? differ(`an empty document in ${path}`)) : differ(`${path}: ${wrong.message}`);
  });
  return { source, documents };
}

function checkedDocuments(artifacts: readonly Artifact[], path: string): readonly Plain[] {
  const { source, documents } = sourceOf(artifacts, path);
  const diagnostics: Diagnostic[] = [];
  checkEach(resourcesOf(documents), source, diagnostics);
  const wrong = diagnostics.find(({ severity }) => severity === 'error');
  if (wrong !== undefined) differ(`${path}: ${wrong.message}`);
  return documents.map(plainOf);
}

function targetName({ at, namespace, name, sectionName }: EnforceAt): string {
  const section = sectionName === undefined ? '' : ` ${sectionName}`;
  return `${at === 'gateway' ? 'Gateway' : 'HTTPRoute'} ${namespace}/${name}${section}`;
}

/** What a trace could miss: the labels of keys, and the number and window of each rate. */
function checkPlace(
  { auth, requests, tokens, target }: ReadPlace,
  { keys }: EnforceAt,
  quotas: readonly Quota[],
): void {
  const wanted = JSON.stringify([...keys.labels].sort());
  if (JSON.stringify(Object.entries(auth.selector).sort()) !== wanted) differ(`${target}: keys of other labels`);
  for (const resource of ['requests', 'tokens'] as const) {
    const limits = resource === 'requests' ? requests : tokens;
    const found = limits.flatMap(({ rates, name }) =>
      rates.flatMap(({ limit, windowMilliseconds }) =>
        // A limit of nothing without counters refuses; no quota is meant by it.
        limit === 0 && name === 'refused' ? [] : [`${limit} in ${windowMilliseconds} ms`],
      ),
    );
    const meant = quotas
      .filter((quota) => quota.resource === resource)
      .map((quota) => `${quota.amount} in ${quota.windowMilliseconds} ms`);
    if (found.sort().join() !== meant.sort().join())
      differ(`${target}: the rates of ${resource} are not those of the policy`);
  }
}

/** What is to be written into the annotations of keys. */
function checkBudgets(artifacts: readonly Artifact[], places: readonly EnforceAt[]): void {
  const listed = artifacts.some(({ path }) => path === 'budgets.yaml');
  const found = listed
    ? documentsOf(artifacts, 'budgets.yaml').flatMap((document) => listOf(plainOf(document), 'budgets'))
    : [];
  const said = found.map((each) => {
    const { tier, team, user, budget } = mapOf(each, 'a budget', ['tier', 'team', 'user', 'budget']);
    return JSON.stringify([tier ?? '', team ?? '', user ?? '', Number(textOf(budget, 'the budget'))]);
  });
  for (const { budgets } of places) {
    const meant = budgets.map(({ tier, team, user, dollars }) =>
      JSON.stringify([tier, team ?? '', user ?? '', dollars]),
    );
    if (said.join('\n') !== meant.join('\n')) differ('the budgets are not those of the policy');
  }
}

/** A key that is made from the template must be one. */
function checkKeys(documents: readonly Plain[], places: readonly EnforceAt[]): void {
  const templates = documents.map((document) => {
    const { kind, metadata } = mapOf(document, 'a document of api-key.yaml');
    if (kind !== 'Secret') differ('the template of keys is no Secret');
    const { namespace, labels } = mapOf(metadata, 'metadata');
    return { namespace, labels: textsOf(labels, 'labels') };
  });
  for (const { keys, labels } of places) {
    const fits = templates.some(
      (template) =>
        template.namespace === keys.namespace &&
        template.labels['authorino.kuadrant.io/managed-by'] === 'authorino' &&
        keys.labels.every(([name, value]) => template.labels[name] === value) &&
        Object.values(labels).every((name) => Object.hasOwn(template.labels, name)),
    );
    if (!fits) differ('the template of keys makes Secrets that are none');
  }
}
