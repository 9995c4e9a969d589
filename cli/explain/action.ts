import type { Compilation } from '../../compiler/compile.ts';
import { decide, sourceOf } from '../../compiler/ir/evaluate.ts';
import { decisionAt, type Enforceable } from '../../compiler/ir/policy.ts';
import { siblingsOf } from '../../compiler/tables/cost-siblings.ts';
import { type Answer, candidates, label, place, positionsIn } from './answer.ts';

/**
 * What happens to a request for an AWS action while the policy's response lasts.
 *
 * @param action its documented name
 * @param region the region of the request; undefined for any
 */
export function explainAction(compilation: Compilation, action: string, region: string | undefined): Answer {
  const policy = compilation.policy!;
  const decision = decisionAt(policy, 'aws-request');
  if (decision === undefined) {
    return { lines: [`${action} is left alone: the policy denies nothing`], data: { action, effect: 'allow' } };
  }
  const environmentOf = (name: string) => ({
    attribute: (attribute: string) => {
      if (attribute === 'action') return name.toLowerCase();
      return attribute === 'region' ? region : undefined;
    },
    parameter: () => undefined,
  });
  const environment = environmentOf(action);
  const verdict = decide(decision, environment);
  const where = region === undefined ? '' : ` in ${region}`;
  const isDenied = verdict?.effect.kind === 'deny';
  const rules = verdict === undefined ? candidates(decision, environment) : [verdict.by];
  const principals = policy.obligations.flatMap((each) => (each.kind === 'attach-deny' ? [each.principal] : []));
  const documents = isDenied ? documentsOf(compilation, verdict.by) : [];
  const open = isDenied
    ? siblingsOf(action).filter((name) => decide(decision, environmentOf(name))?.effect.kind !== 'deny')
    : [];
  const lines = [
    headline(`${action}${where}`, verdict?.effect.kind),
    ...rules.map((rule) => {
      const written = sourceOf(rule, environment);
      return `${label('policy')}${place(compilation, written)}  ${written.topic}`;
    }),
    `${label('IR')}${positionsIn(decision, rules)}`,
    ...documents.map((document) => `${label(document.backend)}${document.path} ${document.at}`),
    ...(isDenied ? principals.map((principal) => `${label('binds')}${principal}`) : []),
    ...(open.length === 0 ? [] : [`${label('open')}${open.join(', ')}: they reach the same spending`]),
  ];
  const effect = verdict?.effect.kind ?? 'depends';
  const data = {
    action,
    ...(region === undefined ? {} : { region }),
    effect,
    rules: rules.map(({ id, topic }) => ({ id, topic })),
    documents,
    principals: isDenied ? principals : [],
    open,
  };
  return { lines, data };
}

function headline(request: string, effect: string | undefined): string {
  if (effect === undefined) return `${request} depends on its region`;
  return effect === 'deny' ? `${request} is denied while a response lasts` : `${request} is left alone`;
}

/** Where in the emitted documents the rule stands. */
function documentsOf({ outputs }: Compilation, { id }: Enforceable) {
  return outputs
    .filter(({ backend }) => backend === 'iam' || backend === 'scp')
    .flatMap(({ backend, artifacts }) =>
      artifacts.flatMap(({ path, sourceMap }) =>
        sourceMap.filter(({ rule }) => rule === id).map(({ at }) => ({ backend, path, at: String(at) })),
      ),
    );
}
