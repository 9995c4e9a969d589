/** What an example changes in a guardrail that is sound: parts as YAML on one line. */
interface Changes {
  readonly mode?: string;
  readonly ttl?: string;
  readonly source?: string;
  readonly accounts?: string;
  readonly least?: string;
  /** Further keys of `match`. */
  readonly match?: string;
  readonly principals?: string;
  /** Further keys of `scope`. */
  readonly scope?: string;
  readonly actions?: string;
  /** Further keys of `notify`. */
  readonly notify?: string;
  readonly exceptions?: string;
  /** Further keys of the policy, each a line. */
  readonly more?: string;
}

const harmless = '[{ type: attach_deny_policy, deny: ["sqs:CreateQueue"] }]';
const role = '{ type: iam_role, arn: "arn:aws:iam::123456789012:role/ci-deployer" }';

/** A whole policy file for the examples of the catalogue. Simple, since every start of the compiler makes them all. */
export function guardrailExample(changes: Changes = {}): string {
  const { mode = 'manual', ttl = '180', source = '[anomaly]', accounts = '["123456789012"]', least = '200' } = changes;
  const { principals = `[${role}]`, actions = harmless, match, scope, notify, exceptions, more } = changes;
  return `policy_id: policy
mode: ${mode}
ttl_minutes: ${ttl}
match: { source: ${source}, account_ids: ${accounts}, min_amount_usd: ${least}${further(match)} }
scope: { principals: ${principals}${further(scope)} }
actions: ${actions}
notify: { slack_webhook_ssm_param: /guardrails/slack_webhook${further(notify)} }
${exceptions === undefined ? '' : `exceptions: ${exceptions}\n`}${more === undefined ? '' : `${more}\n`}`;
}

function further(keys: string | undefined): string {
  return keys === undefined ? '' : `, ${keys}`;
}

/** A list of one action that denies these. */
export function denying(...actions: readonly string[]): string {
  return `[{ type: attach_deny_policy, deny: [${actions.map((action) => `"${action}"`).join(', ')}] }]`;
}

/** A list of one principal. */
export function principal(arn: string, type = 'iam_role'): string {
  return `[{ type: ${type}, arn: "${arn}" }]`;
}
