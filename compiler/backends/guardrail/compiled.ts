import { usualEventAge } from '../../ir/obligation.ts';
import type { Decision, Obligation, Policy, Rule } from '../../ir/policy.ts';
import { decisionAt } from '../../ir/policy.ts';
import type { SourceMapEntry, Surroundings } from '../backend.ts';
import { documentedCase } from '../iam/action-name.ts';
import { deniedRules } from '../iam/deny-clauses.ts';
import type { DenyDocument } from '../iam/deny-documents.ts';
import type { CompiledCondition, CompiledGuardrail, CompiledResponse, PolicyPlace } from './format.ts';

/** What the runtime needs of a policy. */
export function compiledGuardrail(
  policy: Policy,
  decision: Decision,
  documents: readonly DenyDocument[],
  surroundings: Pick<Surroundings, 'position'>,
): CompiledGuardrail {
  const respond = policy.obligations.find(({ kind }) => kind === 'respond');
  const expire = policy.obligations.find(({ kind }) => kind === 'expire');
  return {
    format: 'polc-guardrail-1',
    policy: policy.name,
    mode: respond?.kind === 'respond' ? respond.mode : 'dry-run',
    ttlMinutes: expire?.kind === 'expire' ? expire.afterMinutes : 0,
    maxEventAgeMinutes: (respond?.kind === 'respond' ? respond.withinMinutes : undefined) ?? usualEventAge,
    conditions: decision.rules.map((rule) => conditionOf(rule, surroundings)),
    response: responseOf(policy, documents),
  };
}

/** Deterministic: one line for each condition, so that reviews and line-based tools have something to hold on to. */
export function guardrailText({ conditions, response, ...head }: CompiledGuardrail): string {
  const fields = Object.entries(head).map(([key, value]) => ` ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  const lines = conditions.map((condition) => `  ${JSON.stringify(condition, writeInteger)}`);
  const list = lines.length === 0 ? '[]' : `[\n${lines.join(',\n')}\n ]`;
  return [
    '{',
    ...fields,
    ` "conditions": ${list},`,
    ` "response": ${JSON.stringify(response, undefined, 1).replaceAll('\n', '\n ')}`,
    '}',
    '',
  ].join('\n');
}

/** JSON has no 64-bit integers. */
function writeInteger(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? { integer: String(value) } : value;
}

/** JSON pointers to the conditions, and to what the obligations became. */
export function guardrailSourceMap(policy: Policy, decision: Decision): readonly SourceMapEntry[] {
  const counts = new Map<string, number>();
  const next = (list: string) => {
    const count = counts.get(list) ?? 0;
    counts.set(list, count + 1);
    return `/response/${list}/${count}`;
  };
  return [
    ...decision.rules.map(({ id, origin }, index) => ({ at: `/conditions/${index}`, rule: id, span: origin.span })),
    ...policy.obligations.flatMap((obligation) => {
      const at = placeOf(obligation, next);
      return at === undefined ? [] : [{ at, rule: obligation.id, span: obligation.origin.span }];
    }),
  ];
}

function placeOf(obligation: Obligation, next: (list: string) => string): string | undefined {
  switch (obligation.kind) {
    case 'respond':
      return '/mode';
    case 'expire':
      return '/ttlMinutes';
    case 'attach-deny':
      return next('denied');
    case 'set-boundary':
      return next('boundaries');
    case 'publish':
      return next('topics');
    case 'notify':
      return '/response/notify';
    default:
      return undefined;
  }
}

function conditionOf(rule: Rule, surroundings: Pick<Surroundings, 'position'>): CompiledCondition {
  return { rule: rule.id, topic: rule.topic, at: policyPlace(rule, surroundings), passes: rule.when };
}

function policyPlace({ origin: { span } }: Rule, { position }: Pick<Surroundings, 'position'>): PolicyPlace {
  const { line, column } = position(span) ?? { line: 1, column: 1 };
  return { file: span.file, line, column, start: span.start, end: span.end };
}

function responseOf(policy: Policy, documents: readonly DenyDocument[]): CompiledResponse {
  const { obligations } = policy;
  const notify = obligations.find(({ kind }) => kind === 'notify');
  const denied = decisionAt(policy, 'aws-request');
  const patterns = denied === undefined ? [] : deniedRules(denied).flatMap(({ clauses }) => clauses ?? []);
  return {
    denied: obligations.flatMap((each) => (each.kind === 'attach-deny' ? [each.principal] : [])),
    documents: documents.map(({ name, document }) => ({ name, document })),
    actions: [...new Set(patterns.flatMap(({ actions }) => actions))].map(documentedCase),
    boundaries: obligations.flatMap((each) =>
      each.kind === 'set-boundary' ? [{ principal: each.principal, boundary: each.boundary }] : [],
    ),
    topics: obligations.flatMap((each) => (each.kind === 'publish' ? [each.topicArn] : [])),
    ...(notify?.kind === 'notify'
      ? {
          notify: {
            parameter: notify.parameter,
            ...(notify.channel === undefined ? {} : { channel: notify.channel }),
            mentions: notify.mentions,
          },
        }
      : {}),
  };
}
