/** What an example changes in a tenancy policy that is sound: parts as YAML on one line. */
interface Changes {
  readonly targets?: string;
  readonly tiers?: string;
  readonly teams?: string;
  /** Further keys of the policy, each a line. */
  readonly more?: string;
}

/** A whole policy file for the examples of the catalogue. Simple, since every start of the compiler makes them all. */
export function tenancyExample(changes: Changes = {}): string {
  const { targets = '[{ gateway: { namespace: llm, name: inference-gateway } }]', more } = changes;
  const { tiers = '{ standard: { token_limit_per_hour: 50000 } }', teams = '{ blue: { tier: standard } }' } = changes;
  return `targets: ${targets}
tiers: ${tiers}
teams: ${teams}
${more === undefined ? '' : `${more}\n`}`;
}

/** A ConfigMap of tiers with this data. */
export function configMapExample(data: string, kind = 'ConfigMap'): string {
  return `# polc: tenancy
apiVersion: v1
kind: ${kind}
metadata: { name: platform-default-policies, namespace: llm }
data:
${data}`;
}
