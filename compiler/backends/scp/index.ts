import { decisionAt, type Obligation, type Policy } from '../../ir/policy.ts';
import type { AwsTarget } from '../../target.ts';
import { validateIam } from '../../verify/iam/index.ts';
import type { Coverage, PlacedBackend } from '../backend.ts';
import { type DenyPlace, denyCoverage, denyProblems } from '../iam/coverage.ts';
import { type DenyQuota, denyDocuments } from '../iam/deny-documents.ts';
import { sizes } from '../iam/index.ts';

const organisation: DenyPlace = {
  what: 'a service control policy',
  many: 'service control policies',
  holder: 'an account or organizational unit',
  lost: 'it binds nobody in the management account, and from when a person attaches it until one detaches it',
};

/** AWS Organizations attaches at most ten service control policies to a node (quotas of AWS Organizations, 2026). */
const mostAttached = 10;

/**
 * Service control policies that deny the same to the same principals, for an organisation that would rather deny always
 * than respond. They name the principals, since they are attached to accounts.
 */
export const scp: PlacedBackend = {
  name: 'scp',
  summary: 'service control policies for AWS Organizations',
  byDefault: false,
  applies: (policy) => decisionAt(policy, 'aws-request') !== undefined && boundPrincipals(policy).length > 0,
  emit(policy, { aws }, surroundings) {
    const decision = decisionAt(policy, 'aws-request')!;
    const quota = organisationQuota(aws);
    const made = denyDocuments(decision, policy.name, quota, surroundings, boundPrincipals(policy));
    const cost = decisionAt(policy, 'cost-event');
    const unknowing = cost === undefined ? [] : [...cost.rules, cost.otherwise];
    return {
      artifacts: made.documents.map(({ name, document, sourceMap }) => ({
        path: `${name}.json`,
        content: document,
        sourceMap,
      })),
      coverage: [
        ...denyCoverage(decision, made, organisation),
        ...unknowing.map(({ id }): Coverage => none(id, 'a service control policy knows no cost events')),
        ...policy.obligations.map(obligationCoverage),
      ],
      diagnostics: denyProblems(decision, made, quota, organisation),
      summary: sizes(made.documents),
    };
  },
  validate: (policy, { aws }, artifacts, surroundings) =>
    validateIam(policy, artifacts, organisationQuota(aws), surroundings, boundPrincipals(policy)),
};

/** White space counts here, and there is none. */
function organisationQuota(aws: AwsTarget): DenyQuota {
  return { characters: aws.serviceControlPolicy, documents: mostAttached };
}

function boundPrincipals({ obligations }: Policy): readonly string[] {
  return [...new Set(obligations.flatMap((each) => (each.kind === 'attach-deny' ? [each.principal] : [])))].sort();
}

function obligationCoverage({ id, kind }: Obligation): Coverage {
  switch (kind) {
    case 'attach-deny':
      return {
        rule: id,
        status: 'partial',
        enforced: 'named by `aws:PrincipalArn`',
        lost: 'a service control policy is attached and detached by people',
      };
    case 'expire':
      return none(id, 'a service control policy does not end by itself');
    case 'respond':
      return none(id, 'a service control policy asks nobody');
    default:
      return none(id, 'a service control policy only denies');
  }
}

function none(rule: string, lost: string): Coverage {
  return { rule, status: 'none', lost };
}
