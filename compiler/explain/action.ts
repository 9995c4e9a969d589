import type { Compilation } from '../compile.ts';
import { decide, sourceOf } from '../ir/evaluate.ts';
import type { ResponseMode } from '../ir/obligation.ts';
import { decisionAt, type Enforceable, type Obligation, type Policy } from '../ir/policy.ts';
import { siblingsOf } from '../tables/cost-siblings.ts';
import { type Answer, candidates, label, place, positionsIn } from './answer.ts';

/**
 * What happens to a request for an AWS action while the policy's response lasts, or would last in `mode: dry_run`.
 *
 * @param action its documented name
 * @param region the region of the request; undefined for any
 */
export function explainAction(compilation: Compilation, action: string, region: string | undefined): Answer {
  const policy = compilation.policy!;
  const response = responseOf(policy);
  const request = region === undefined ? action : `${action} in ${region}`;
  const asked = { action, ...(region === undefined ? {} : { region }), mode: response.mode?.replace('-', '_') };
  const decision = decisionAt(policy, 'aws-request');
  if (decision === undefined || response.principals.length === 0) {
    const effect = response.boundaries.length === 0 ? 'allow' : 'boundary';
    const why = decision === undefined ? 'denies nothing' : 'restricts nobody';
    const reason = effect === 'allow' ? `: the policy ${why}` : '';
    return {
      lines: [`${headline(request, effect, response)}${reason}`, ...boundaryLines(compilation, response)],
      data: {
        ...asked,
        effect,
        rules: [],
        documents: [],
        principals: [],
        boundaries: boundaryData(response),
        open: [],
      },
    };
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
  const effect = effectOf(verdict?.effect.kind, response);
  const isDenied = effect === 'deny';
  const rules = verdict === undefined ? candidates(decision, environment) : [verdict.by];
  const documents = isDenied && verdict !== undefined ? documentsOf(compilation, verdict.by) : [];
  const open = isDenied
    ? siblingsOf(action).filter((name) => decide(decision, environmentOf(name))?.effect.kind !== 'deny')
    : [];
  const lines = [
    headline(request, effect, response),
    ...rules.map((rule) => {
      const written = sourceOf(rule, environment);
      return `${label('policy')}${place(compilation, written)}  ${written.topic}`;
    }),
    `${label('IR')}${positionsIn(decision, rules)}`,
    ...documents.map((document) => `${label(document.backend)}${document.path} ${document.at}`),
    ...(isDenied ? response.principals.map((principal) => `${label('binds')}${principal}`) : []),
    ...boundaryLines(compilation, response),
    ...(open.length === 0 ? [] : [`${label('open')}${open.join(', ')}: they reach the same spending`]),
  ];
  const data = {
    ...asked,
    effect,
    rules: rules.map(({ id, topic }) => ({ id, topic })),
    documents,
    principals: isDenied ? response.principals : [],
    boundaries: boundaryData(response),
    open,
  };
  return { lines, data };
}

interface Response {
  readonly mode: ResponseMode | undefined;
  /** Whom the deny documents are attached to. */
  readonly principals: readonly string[];
  readonly boundaries: readonly Extract<Obligation, { kind: 'set-boundary' }>[];
}

function responseOf({ obligations }: Policy): Response {
  return {
    mode: obligations.find((each) => each.kind === 'respond')?.mode,
    principals: obligations.flatMap((each) => (each.kind === 'attach-deny' ? [each.principal] : [])),
    boundaries: obligations.filter((each) => each.kind === 'set-boundary'),
  };
}

/** `boundary` is left to a permissions boundary, `depends` to the region. */
type ActionEffect = 'allow' | 'deny' | 'boundary' | 'depends';

function effectOf(decided: string | undefined, { boundaries }: Response): ActionEffect {
  if (decided === undefined) return 'depends';
  if (decided === 'deny') return 'deny';
  return boundaries.length > 0 ? 'boundary' : 'allow';
}

function headline(request: string, effect: ActionEffect, { mode }: Response): string {
  const isTold = mode === 'dry-run';
  switch (effect) {
    case 'depends':
      return `${request} depends on its region`;
    case 'allow':
      return `${request} is left alone`;
    case 'boundary':
      return isTold
        ? `${request} would be denied where the permissions boundary does not allow it; \`mode: dry_run\` denies nothing`
        : `${request} is denied while a response lasts where the permissions boundary does not allow it`;
    case 'deny':
      if (isTold) return `${request} would be denied; \`mode: dry_run\` denies nothing`;
      return `${request} is denied while a response lasts`;
  }
}

/** The boundaries that the response sets. What they allow stands in AWS and not in the policy. */
function boundaryLines(compilation: Compilation, { boundaries }: Response): readonly string[] {
  return boundaries.map(
    (each) =>
      `${label('boundary')}${place(compilation, each)}  ${each.boundary} of ${each.principal}: what it does not allow is denied too`,
  );
}

function boundaryData({ boundaries }: Response) {
  return boundaries.map(({ principal, boundary }) => ({ principal, boundary }));
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
