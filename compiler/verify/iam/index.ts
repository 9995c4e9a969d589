import type { Artifact, Surroundings, Validation } from '../../backends/backend.ts';
import type { DenyQuota } from '../../backends/iam/deny-documents.ts';
import type { Decision, Policy } from '../../ir/policy.ts';
import { decisionAt } from '../../ir/policy.ts';
import { compareDenials } from './compare.ts';
import { IamDifference, type ReadStatement, readDocument } from './read-document.ts';

/** Reads every document again, as strictly as AWS would, and proves that together they deny what the policy denies. */
export function validateIam(
  policy: Policy,
  artifacts: readonly Artifact[],
  quota: DenyQuota,
  surroundings: Pick<Surroundings, 'sha256'>,
  principals?: readonly string[],
): Validation {
  const documents = artifacts.map(({ path, content }) => ({
    name: path.replace(/\.json$/, ''),
    document: typeof content === 'string' ? content : new TextDecoder().decode(content),
  }));
  return validateDocuments(policy, documents, quota, surroundings, principals);
}

/**
 * The same for documents that lie in another artifact.
 *
 * @param principals those whom the policy binds where the documents name them; absent, whoever they are attached to
 */
export function validateDocuments(
  policy: Policy,
  documents: readonly { readonly name: string; readonly document: string }[],
  quota: DenyQuota,
  { sha256 }: Pick<Surroundings, 'sha256'>,
  principals?: readonly string[],
): Validation {
  const method = 'all known actions, regions and resource types';
  const refuse = (counterexample: string): Validation => ({ status: 'refused', method, compared: 0, counterexample });
  const decision = decisionAt(policy, 'aws-request') ?? nothingDenied;
  if (documents.length > quota.documents) return refuse(`${documents.length} documents where ${quota.documents} fit`);
  const names = new Set(documents.map(({ name }) => name));
  if (names.size !== documents.length) return refuse('two documents of one name');
  const statements: ReadStatement[] = [];
  for (const { name, document } of documents) {
    const digest = sha256(`${policy.name}\0${document}`);
    if (name !== `guardrails-deny-${digest.slice(0, 20)}`) return refuse(`${name}: the name is not of its document`);
    try {
      statements.push(...readDocument(document, quota.characters));
    } catch (problem) {
      if (!(problem instanceof IamDifference)) throw problem;
      return refuse(`${name}: ${problem.message}`);
    }
  }
  const { compared, actions, sampled, counterexample } = compareDenials(decision, statements, principals);
  if (counterexample !== undefined) return { status: 'refused', method, compared, counterexample };
  return {
    status: sampled ? 'tested' : 'proven',
    method: sampled
      ? `${actions} actions and all others, all regions, two ARNs of each resource type and pattern`
      : `${actions} actions by name and all others, all regions and resources, by ${compared} classes of requests`,
    compared,
  };
}

const nobody = { span: { file: '', start: 0, end: 0 } };
const nothingDenied: Decision = {
  point: 'aws-request',
  combine: 'deny-overrides',
  rules: [],
  otherwise: { id: 'aws-request/otherwise', topic: 'actions', origin: nobody, effect: { kind: 'allow' } },
};
