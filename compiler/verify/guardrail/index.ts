import type { Artifact, Surroundings, Validation } from '../../backends/backend.ts';
import type { CompiledGuardrail } from '../../backends/guardrail/format.ts';
import type { DenyQuota } from '../../backends/iam/deny-documents.ts';
import { usualEventAge } from '../../ir/obligation.ts';
import { type Decision, decisionAt, type Obligation, type Policy } from '../../ir/policy.ts';
import { validateDocuments } from '../iam/index.ts';
import { mentionedBy } from '../iam/request-classes.ts';
import { compareConditions } from './compare-conditions.ts';
import { readCompiled } from './read-compiled.ts';
import { GuardrailDifference } from './read-predicate.ts';

/**
 * Reads `policy.json` again and proves that its conditions let pass what the policy lets pass, that its response is what
 * the obligations ask for, and that its documents deny what the policy denies.
 */
export function validateGuardrail(
  policy: Policy,
  artifacts: readonly Artifact[],
  quota: DenyQuota,
  surroundings: Surroundings,
): Validation {
  const method = 'every condition over all classes of events, every obligation, every document';
  const decision = decisionAt(policy, 'cost-event');
  const refuse = (counterexample: string): Validation => ({ status: 'refused', method, compared: 0, counterexample });
  if (decision === undefined || decision.otherwise.effect.kind === 'allow') {
    if (artifacts.length > 0) return refuse('there is something to load for a policy that responds to nothing');
    return { status: 'proven', method: 'a disabled policy has nothing that could be loaded', compared: 1 };
  }
  const [artifact, ...others] = artifacts;
  if (artifact?.path !== 'policy.json' || others.length > 0) return refuse('policy.json does not stand alone');
  const text = typeof artifact.content === 'string' ? artifact.content : new TextDecoder().decode(artifact.content);
  try {
    const compiled = readCompiled(text);
    const compared = compareConditions(decision, compiled.conditions);
    comparePlaces(decision, compiled, surroundings);
    compareObligations(policy, compiled);
    compareActions(policy, compiled);
    const documents = validateDocuments(policy, compiled.response.documents, quota, surroundings);
    if (documents.counterexample !== undefined) return refuse(documents.counterexample);
    const total = compared + policy.obligations.length + documents.compared;
    return { status: documents.status, method, compared: total };
  } catch (problem) {
    if (!(problem instanceof GuardrailDifference)) throw problem;
    return refuse(problem.message);
  }
}

function comparePlaces({ rules }: Decision, { conditions }: CompiledGuardrail, { position }: Surroundings): void {
  rules.forEach(({ id, origin: { span } }, index) => {
    const { at } = conditions[index]!;
    const wanted = position(span) ?? { line: 1, column: 1 };
    const same = at.file === span.file && at.start === span.start && at.end === span.end;
    if (!same || at.line !== wanted.line || at.column !== wanted.column) {
      throw new GuardrailDifference(`${id}: another place of the policy`);
    }
  });
}

/** What people are told is denied is what the policy names, in whatever case. */
function compareActions(policy: Policy, { response }: CompiledGuardrail): void {
  const decision = decisionAt(policy, 'aws-request');
  const wanted = new Set(decision === undefined ? [] : mentionedBy(decision, 'action'));
  const said = response.actions.map((action) => action.toLowerCase());
  for (const action of said) if (!wanted.delete(action)) throw new GuardrailDifference(`it tells of ${action}`);
  for (const action of wanted) throw new GuardrailDifference(`it does not tell of ${action}`);
}

function compareObligations({ name, obligations }: Policy, compiled: CompiledGuardrail): void {
  const { response } = compiled;
  if (compiled.policy !== name) throw new GuardrailDifference(`the policy ${compiled.policy}`);
  const said = [
    `respond ${compiled.mode} within ${compiled.maxEventAgeMinutes}`,
    ...(compiled.ttlMinutes === 0 ? [] : [`expire ${compiled.ttlMinutes}`]),
    ...response.denied.map((principal) => `attach-deny ${principal}`),
    ...response.boundaries.map(({ principal, boundary }) => `set-boundary ${principal} ${boundary}`),
    ...response.topics.map((topic) => `publish ${topic}`),
    ...(response.notify === undefined ? [] : [notifyText(response.notify)]),
  ].sort();
  const wanted = obligations.map(obligationText).sort();
  if (!obligations.some(({ kind }) => kind === 'respond')) wanted.unshift(`respond dry-run within ${usualEventAge}`);
  for (const each of wanted) if (!said.includes(each)) throw new GuardrailDifference(`it does not \`${each}\``);
  for (const each of said) if (!wanted.includes(each)) throw new GuardrailDifference(`it would \`${each}\``);
  if (said.length !== wanted.length) throw new GuardrailDifference('an obligation is there twice');
}

function obligationText(obligation: Obligation): string {
  switch (obligation.kind) {
    case 'respond':
      return `respond ${obligation.mode} within ${obligation.withinMinutes ?? usualEventAge}`;
    case 'expire':
      return `expire ${obligation.afterMinutes}`;
    case 'attach-deny':
      return `attach-deny ${obligation.principal}`;
    case 'set-boundary':
      return `set-boundary ${obligation.principal} ${obligation.boundary}`;
    case 'publish':
      return `publish ${obligation.topicArn}`;
    case 'notify':
      return notifyText(obligation);
    default:
      return obligation.kind;
  }
}

interface Notification {
  readonly parameter: string;
  readonly channel?: string;
  readonly mentions: readonly string[];
}

function notifyText({ parameter, channel, mentions }: Notification): string {
  return `notify ${JSON.stringify([parameter, channel ?? null, mentions])}`;
}
