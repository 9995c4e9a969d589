/** Policies of any length, sound or nearly so: one entry of two lines after the other in one section. */
export const longPolicies = {
  tenancy(lines: number): string {
    const head = `targets:
  - gateway: { namespace: llm, name: inference-gateway }
spend_writer: usage-pipeline
models: [simulator-model]
platform_default:
  models_allowed: [simulator-model]
  rate_limit_window: 1m
  burst_limit: 20
tiers:
  free:
    token_limit_per_hour: 10000
  standard:
    token_limit_per_hour: 50000
accept:
  - loss: models_allowed
    because: it is so
teams:
`;
    return filled(head, lines, (at) => `  team-${at}:\n    tier: standard\n`);
  },
  guardrail(lines: number): string {
    const head = `policy_id: big
mode: manual
ttl_minutes: 180
notify: [slack:#finops]
match:
  source: [budgets]
  account_ids: ["123456789012"]
  min_amount_usd: 200
actions:
  - type: attach_deny_policy
    deny: [ec2:RunInstances]
scope:
  principals:
`;
    const arn = 'arn:aws:iam::123456789012:role';
    return filled(head, lines, (at) => `    - type: iam_role\n      arn: ${arn}/ci-${at}\n`);
  },
  sandbox(lines: number): string {
    const head = `profile: web
mode: sandbox
security:
  seccomp:
    default: errno(EPERM)
    allow: ["@basic-start"]
  landlock:
    paths:
`;
    return filled(head, lines, (at) => `      - path: /srv/data/${at}\n        access: read-only\n`);
  },
  template(lines: number): string {
    const head = 'name: Big\nslug: big\nbase: ubuntu-24.04\npackages:\n  system:\n';
    return filled(head, lines, (at) => `    - package-${at}\n    - other-${at}\n`);
  },
  tested(lines: number): string {
    const head = `profile: web
mode: sandbox
security:
  seccomp:
    default: errno(EPERM)
    allow: ["@basic-start"]
tests:
`;
    return filled(head, lines, (at) => `  - { syscall: read, expect: allow }\n    # test ${at}\n`);
  },
  'hook program'(lines: number): string {
    return filled('hook file_open\n', lines, (at) => `  # rule ${at}\n  deny when uid == ${at}\n`);
  },
} as const;

export type LongPolicy = keyof typeof longPolicies;

function filled(head: string, lines: number, entry: (at: number) => string): string {
  let text = head;
  const count = (lines - head.split('\n').length) / 2;
  for (let at = 0; at < count; at += 1) text += entry(at);
  return text;
}
