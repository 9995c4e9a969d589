import { decisionAt, type Obligation, type Policy } from '../../ir/policy.ts';
import { validateGuardrail } from '../../verify/guardrail/index.ts';
import type { Coverage, PlacedBackend } from '../backend.ts';
import { denyDocuments } from '../iam/deny-documents.ts';
import { managedQuota } from '../iam/index.ts';
import { compiledGuardrail, guardrailSourceMap, guardrailText } from './compiled.ts';

/** What `polc guardrail` and the handler for AWS Lambda evaluate cost events against and respond with. */
export const guardrail: PlacedBackend = {
  name: 'guardrail',
  summary: 'the policy as the guardrail runtime reads it',
  byDefault: true,
  applies: (policy) => decisionAt(policy, 'cost-event') !== undefined,
  emit(policy, { aws }, surroundings) {
    const decision = decisionAt(policy, 'cost-event')!;
    const { rules, otherwise } = decision;
    if (otherwise.effect.kind === 'allow') {
      // A disabled policy: there is nothing to respond to, and nothing for a runtime to load.
      const coverage: Coverage[] = [...rules, otherwise, ...policy.obligations].map(({ id }) => ({
        rule: id,
        status: 'full',
        enforced: 'every event is let pass',
      }));
      return { artifacts: [], coverage, diagnostics: [], summary: 'disabled' };
    }
    const denied = decisionAt(policy, 'aws-request');
    const documents =
      denied === undefined ? [] : denyDocuments(denied, policy.name, managedQuota(aws), surroundings).documents;
    const content = guardrailText(compiledGuardrail(policy, decision, documents, surroundings));
    return {
      artifacts: [{ path: 'policy.json', content, sourceMap: guardrailSourceMap(policy, decision) }],
      coverage: [
        ...rules.map(({ id }): Coverage => ({ rule: id, status: 'full', enforced: 'by the guardrail runtime' })),
        { rule: otherwise.id, status: 'full', enforced: 'the guardrail runtime responds' },
        ...policy.obligations.map((obligation) => obligationCoverage(policy, obligation)),
      ],
      diagnostics: [],
      summary: `${rules.length} condition${rules.length === 1 ? '' : 's'}`,
    };
  },
  validate: (policy, { aws }, artifacts, surroundings) =>
    validateGuardrail(policy, artifacts, managedQuota(aws), surroundings),
};

function obligationCoverage(policy: Policy, { id, kind }: Obligation): Coverage {
  const full = (enforced: string): Coverage => ({ rule: id, status: 'full', enforced });
  switch (kind) {
    case 'attach-deny':
      return full('attached by the guardrail runtime, and detached when the response ends');
    case 'set-boundary':
      return full('set by the guardrail runtime, which puts the one before it back');
    case 'respond':
    case 'publish':
    case 'notify':
      return full('by the guardrail runtime');
    case 'expire':
      return isReversible(policy)
        ? full('by a scheduled `polc guardrail rollback --expired`')
        : full('there is nothing to roll back');
    default:
      return { rule: id, status: 'none', lost: 'a guardrail runs no program' };
  }
}

function isReversible({ obligations }: Policy): boolean {
  return obligations.some(({ kind }) => kind === 'attach-deny' || kind === 'set-boundary');
}
