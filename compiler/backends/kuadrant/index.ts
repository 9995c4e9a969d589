import type { Policy } from '../../ir/policy.ts';
import type { Target } from '../../target.ts';
import { validateKuadrant } from '../../verify/kuadrant/index.ts';
import type { Artifact, Backend, SourceMapEntry } from '../backend.ts';
import { kuadrantCoverage } from './coverage.ts';
import { kuadrantFindings } from './findings.ts';
import { budgetList, keyTemplate } from './key-template.ts';
import { permissionsFor } from './permissions.ts';
import { type KuadrantPlan, planKuadrant } from './plan.ts';
import { type KuadrantObject, policiesAt } from './policies.ts';
import { printYaml, type YamlValue } from './print-yaml.ts';
import { predictSizes } from './sizes.ts';

/** Policies for Kuadrant on Kubernetes: who may send requests, and how much they may use. */
export const kuadrant: Backend = {
  name: 'kuadrant',
  summary: 'AuthPolicy, RateLimitPolicy and TokenRateLimitPolicy, with the RBAC that applying them needs',
  byDefault: true,
  applies: (policy) => policy.obligations.some(({ kind }) => kind === 'enforce-at'),
  emit(policy, { kubernetes }) {
    const plan = planKuadrant(policy);
    const coverage = kuadrantCoverage(policy, plan, kubernetes);
    if (plan.unsayable) return { artifacts: [], coverage, diagnostics: [], summary: '' };
    const objects = kuadrantObjects(policy, plan, { kubernetes });
    const sizes = predictSizes(objects, plan, kubernetes.routes);
    return {
      artifacts: [
        policiesArtifact(objects, plan),
        { path: 'rbac.yaml', content: documents(permissionsFor(objects, objectName(policy.name))), sourceMap: [] },
        { path: 'api-key.yaml', content: documents(keyTemplates(plan)), sourceMap: [] },
        ...budgetArtifacts(plan),
      ],
      coverage,
      diagnostics: kuadrantFindings(plan, sizes, kubernetes),
      summary: summaryOf(objects, plan),
    };
  },
  validate: (policy, _, artifacts) => validateKuadrant(policy, artifacts),
};

function kuadrantObjects(
  policy: Policy,
  plan: KuadrantPlan,
  { kubernetes }: Pick<Target, 'kubernetes'>,
): readonly KuadrantObject[] {
  const taken = new Set<string>();
  const base = objectName(policy.name);
  return plan.places.flatMap((place) => {
    let name = plan.places.length === 1 ? base : objectName(`${base}-${place.name}`);
    for (let number = 2; taken.has(name); number += 1) name = `${objectName(`${base}-${place.name}`)}-${number}`;
    taken.add(name);
    return policiesAt(policy, plan, place, name, kubernetes);
  });
}

/** The policy's name as an object may have it: a DNS subdomain (RFC 1123). */
function objectName(name: string): string {
  const allowed = name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return allowed === '' ? 'polc' : allowed.slice(0, 200).replace(/-+$/, '');
}

/** One document for each object, and where in the file each limit begins. */
function policiesArtifact(objects: readonly KuadrantObject[], plan: KuadrantPlan): Artifact {
  const sourceMap: SourceMapEntry[] = plan.places.map(({ id, origin }) => ({ at: 1, rule: id, span: origin.span }));
  let content = '';
  let line = 1;
  for (const { value, limits } of objects) {
    const text = `---\n${printYaml(value)}`;
    const lines = text.split('\n');
    let from = 0;
    for (const { name, quotas } of limits) {
      const head = `    ${name}:`;
      const at = lines.indexOf(head, from);
      if (at === -1) continue;
      from = at;
      for (const { id, origin } of quotas) sourceMap.push({ at: line + at, rule: id, span: origin.span });
    }
    line += lines.length - 1;
    content += text;
  }
  return { path: 'policies.yaml', content, sourceMap };
}

function keyTemplates({ places }: KuadrantPlan): readonly YamlValue[] {
  const texts = new Map(places.map((place) => [printYaml(keyTemplate(place)), keyTemplate(place)]));
  return [...texts.values()];
}

/** Every place has the same budgets: they are those of the policy. */
function budgetArtifacts({ places }: KuadrantPlan): readonly Artifact[] {
  const budgets = places[0]?.budgets ?? [];
  return budgets.length === 0 ? [] : [{ path: 'budgets.yaml', content: printYaml(budgetList(budgets)), sourceMap: [] }];
}

function documents(values: readonly YamlValue[]): string {
  return values.map((value) => `---\n${printYaml(value)}`).join('');
}

function summaryOf(objects: readonly KuadrantObject[], { limits }: KuadrantPlan): string {
  const rates = limits.reduce((sum, { rates: each }) => sum + each.length, 0);
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
  return `${objects.length} ${objects.length === 1 ? 'policy' : 'policies'} · ${count(limits.length, 'limit')} · ${count(rates, 'rate')}`;
}
