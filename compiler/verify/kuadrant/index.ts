import type { Artifact, Validation } from '../../backends/backend.ts';
import { planKuadrant } from '../../backends/kuadrant/plan.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { checkEach } from '../../dialects/kuadrant/check-each.ts';
import { resourcesOf } from '../../dialects/kuadrant/resource.ts';
import type { EnforceAt } from '../../ir/obligation.ts';
import type { Policy, Quota } from '../../ir/policy.ts';
import { parseYaml } from '../../source/parse-yaml.ts';
import { type SourceText, sourceText } from '../../source/text.ts';
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
    checkPermissions(plainDocuments(artifacts, 'rbac.yaml'), read);
    checkKeys(plainDocuments(artifacts, 'api-key.yaml'), places);
    checkBudgets(artifacts, places);
    if (read.length !== new Set(places.map(targetName)).size) differ('not a set of policies for each target');
    const { lost, limits } = planKuadrant(policy);
    const implied = new Set(limits.flatMap((limit) => limit.implied.map(({ id }) => id)));
    const held = { ...policy, quotas: (policy.quotas ?? []).filter(({ id }) => !lost.has(id)) };
    let compared = 0;
    for (const place of places) {
      const own =
        read.find(({ target: name }) => name === targetName(place)) ?? differ(`nothing for ${targetName(place)}`);
      checkPlace(
        own,
        place,
        held.quotas.filter(({ id }) => !implied.has(id)),
      );
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

interface Document {
  readonly source: SourceText;
  readonly root: YamlNode;
}

/** The documents of a file, each read by itself: no scalar may hold a line that begins a document (YAML 1.2.2, 9.1.2). */
function documentsOf(artifacts: readonly Artifact[], path: string): readonly Document[] {
  const content = artifacts.find((artifact) => artifact.path === path)?.content ?? differ(`no ${path}`);
  const text = typeof content === 'string' ? content : new TextDecoder().decode(content);
  if (/^(\.\.\.|%)|^---[^\n]/m.test(text)) differ(`${path} has a marker that is not written`);
  const parts = text.split(/^---\n/m);
  if (parts[0] === '') parts.shift();
  return parts.map((part) => {
    const source = sourceText(path, part);
    const { root, diagnostics } = parseYaml(source);
    const [wrong] = diagnostics;
    if (wrong !== undefined) return differ(`${path}: ${wrong.message}`);
    return { source, root: root ?? differ(`an empty document in ${path}`) };
  });
}

function plainDocuments(artifacts: readonly Artifact[], path: string): readonly Plain[] {
  return documentsOf(artifacts, path).map(({ root }) => plainOf(root));
}

/** The same after what Kuadrant's own dialect checks. */
function checkedDocuments(artifacts: readonly Artifact[], path: string): readonly Plain[] {
  return documentsOf(artifacts, path).map(({ source, root }) => {
    const diagnostics: Diagnostic[] = [];
    checkEach(resourcesOf([root]), source, diagnostics);
    const wrong = diagnostics.find(({ severity }) => severity === 'error');
    return wrong === undefined ? plainOf(root) : differ(`${path}: ${wrong.message}`);
  });
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
    ? plainDocuments(artifacts, 'budgets.yaml').flatMap((document) => listOf(document, 'budgets'))
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
