import { decisionAt } from '../../ir/policy.ts';
import type { AwsTarget } from '../../target.ts';
import { validateIam } from '../../verify/iam/index.ts';
import type { PlacedBackend } from '../backend.ts';
import { type DenyPlace, denyCoverage, denyProblems } from './coverage.ts';
import { type DenyQuota, denyDocuments } from './deny-documents.ts';

const managed: DenyPlace = {
  what: 'a managed policy',
  many: 'managed policies',
  holder: 'a role or user',
};

/** Managed policies that deny what the policy denies, to be attached while a response lasts. */
export const iam: PlacedBackend = {
  name: 'iam',
  summary: 'IAM managed policies that deny',
  byDefault: true,
  applies: (policy) => decisionAt(policy, 'aws-request') !== undefined,
  emit(policy, { aws }, surroundings) {
    const decision = decisionAt(policy, 'aws-request')!;
    const quota = managedQuota(aws);
    const made = denyDocuments(decision, policy.name, quota, surroundings);
    return {
      artifacts: made.documents.map(({ name, document, sourceMap }) => ({
        path: `${name}.json`,
        content: document,
        sourceMap,
      })),
      coverage: denyCoverage(decision, made, managed),
      diagnostics: denyProblems(decision, made, quota, managed),
      summary: sizes(made.documents),
    };
  },
  validate: (policy, { aws }, artifacts, surroundings) =>
    validateIam(policy, artifacts, managedQuota(aws), surroundings),
};

/** White space does not count towards the size of a managed policy, and there is none. */
export function managedQuota(aws: AwsTarget): DenyQuota {
  return { characters: aws.managedPolicy, documents: aws.attachedPolicies };
}

/** `312 characters`, `6,120 + 840 characters`. */
export function sizes(documents: readonly { readonly document: string }[]): string {
  if (documents.length === 0) return '';
  return `${documents.map(({ document }) => document.length).join(' + ')} characters`;
}
