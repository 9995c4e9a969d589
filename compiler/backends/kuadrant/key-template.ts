import type { Budget, EnforceAt } from '../../ir/obligation.ts';
import type { YamlValue } from './print-yaml.ts';

/** Authorino watches only Secrets with this label (Authorino, "API keys"). */
const watched = ['authorino.kuadrant.io/managed-by', 'authorino'] as const;

/** The Secret of one API key, with what is to be filled in as `${NAME}`: its metadata is what the policies read. */
export function keyTemplate({ keys, labels, annotations }: EnforceAt): YamlValue {
  const chosen: Readonly<Record<string, string>> = Object.fromEntries([watched, ...keys.labels]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: whoever makes a key fills these in
      name: '${NAME}',
      namespace: keys.namespace,
      labels: {
        ...chosen,
        ...filled([
          [labels.team, 'TEAM'],
          [labels.user, 'USER'],
          [labels.tier, 'TIER'],
        ]),
      },
      annotations: filled([
        [annotations.budget, 'BUDGET_USD'],
        [annotations.spent, 'SPENT_USD'],
      ]),
    },
    type: 'Opaque',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: whoever makes a key fills these in
    stringData: { api_key: '${API_KEY}' },
  };
}

/** What is to stand in the annotation of the budget, as a text, for the keys of a tier, a team of it or a user of that. */
export function budgetList(budgets: readonly Budget[]): YamlValue {
  return budgets.map(({ dollars, ...whose }) => ({ ...whose, budget: String(dollars) }));
}

function filled(names: readonly (readonly [key: string, variable: string])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map(([key, variable]) => [key, `\${${variable}}`]));
}
