import { qualified } from '../../compiler/dialects/kuadrant/effective/assumed.ts';
import type { Fate } from '../../compiler/dialects/kuadrant/effective/merge.ts';
import type { MergePolicy } from '../../compiler/dialects/kuadrant/effective/rules.ts';
import { type Answer, label } from '../../compiler/explain/answer.ts';
import type { Span } from '../../compiler/source/span.ts';
import { positionAt, type SourceText } from '../../compiler/source/text.ts';
import type { LimitStep } from '../../compiler/verify/kuadrant/request/count.ts';
import { type Evaluated, shownOutcome } from '../../compiler/verify/kuadrant/request/evaluate.ts';
import type { GivenRequest } from '../../compiler/verify/kuadrant/request/given.ts';
import type { Reached } from '../../compiler/verify/kuadrant/request/routing.ts';
import type { RequestTrace, Verdict } from '../../compiler/verify/kuadrant/request/trace.ts';

type Reaching = RequestTrace & { readonly kind: 'reached' };

/** What becomes of a request: where it arrives, which policies are in force there, and what each rule makes of it. */
export function explainRequest(
  trace: RequestTrace,
  given: GivenRequest,
  sources: ReadonlyMap<string, SourceText>,
): Answer {
  const place = (span: Span) => placeIn(sources, span);
  const request = `${given.method} ${given.host}${given.path}${given.query === '' ? '' : `?${given.query}`}`;
  const assumed = trace.assumed.map((each) => `${label('assumed')}${each}`);
  if (trace.kind === 'lost') {
    return {
      lines: [`${request}: ${trace.why}`, ...assumed],
      data: { request, arrives: false, why: trace.why, assumed: trace.assumed },
    };
  }
  const lines = [
    `${request} ${verdictText(trace.verdict, given)}`,
    ...routeLines(trace.reached, place),
    ...(trace.enforced === undefined ? [] : enforcedLines(trace.enforced, place)),
    ...(trace.unenforced ? [`${label('but')}the filter finds no rule for the request, and enforces no policy`] : []),
    ...assumed,
    ...policyLines(trace, place),
    ...authLines(trace, place),
    ...limitLines('RateLimitPolicy', trace.requests, place),
    ...limitLines('TokenRateLimitPolicy', trace.tokens, place),
  ];
  return { lines, data: dataOf(request, trace, place) };
}

type Place = (span: Span) => string;

function placeIn(sources: ReadonlyMap<string, SourceText>, { file, start }: Span): string {
  const source = sources.get(file);
  if (source === undefined) return file;
  const { line, column } = positionAt(source, start);
  return `${file}:${line + 1}:${column + 1}`;
}

function verdictText(verdict: Verdict, { tokens }: GivenRequest): string {
  switch (verdict.kind) {
    case 'refused':
      return verdict.by === undefined
        ? `is refused with ${verdict.status}`
        : `is refused with ${verdict.status}: the limit \`${verdict.by.name}\` lets nothing through`;
    case 'unknown':
      return 'depends on what is not known';
    case 'admitted': {
      const { most } = verdict;
      if (most === undefined) return 'comes through, and no limit counts it';
      const each = tokens === 1 ? '' : `, each of ${tokens} tokens`;
      return `comes through: of equal requests in one window${each}, the first ${most.count} do, by \`${most.by.name}\``;
    }
    default: {
      const unreachable: never = verdict;
      return unreachable;
    }
  }
}

function routeLines({ path, hostname, match }: Reached, place: Place): readonly string[] {
  const { gateway, listener, route, rule } = path;
  return [
    `${label('gateway')}${qualified(gateway.namespace, gateway.name)}, listener ${listener.name}  ${place(gateway.span)}`,
    `${label('route')}${route.kind} ${qualified(route.namespace, route.name)}, ${rule.name}: ${matchText(match)} under ${hostname}  ${place(match.span)}`,
  ];
}

function matchText({ path, method, headers, query }: Reached['match']): string {
  const parts = [
    ...(method === undefined ? [] : [method]),
    `${path.type} ${path.value}`,
    ...headers.map(({ name, value }) => `${name}: ${value}`),
    ...query.map(({ name, value }) => `?${name}=${value}`),
  ];
  return parts.join(' ');
}

function enforcedLines({ path, match }: Reached, place: Place): readonly string[] {
  const { route, rule } = path;
  return [
    `${label('but')}the filter matches by texts, and enforces the policies of ${route.kind} ${qualified(route.namespace, route.name)}, ${rule.name}: ${matchText(match)}  ${place(match.span)}`,
  ];
}

function nameOf({ kind, name, namespace, plan }: MergePolicy): string {
  return `${plan === undefined ? kind : 'PlanPolicy'} ${qualified(namespace, name)}`;
}

function fatesOf({ effective }: Reaching): readonly Fate[] {
  return Object.values(effective).flatMap(({ fates }) => fates);
}

function stateOf({ kept, lost }: Fate): 'in-force' | 'partly' | 'replaced' {
  if (lost.length === 0) return 'in-force';
  return kept.length === 0 ? 'replaced' : 'partly';
}

const marks = { 'in-force': '✔', partly: '⚠', replaced: '✘' } as const;

function policyLines(trace: Reaching, place: Place): readonly string[] {
  const fates = fatesOf(trace);
  if (fates.length === 0) return ['policies: none'];
  return [
    'policies',
    ...fates.map((fate) => {
      const { policy, lost } = fate;
      const state = stateOf(fate);
      const by = [...new Set(lost.flatMap((each) => each.by.map(nameOf)))].join(', ');
      const rules = lost.map(({ rule }) => `\`${rule.id}\``).join(', ');
      const why =
        state === 'in-force'
          ? ''
          : state === 'replaced'
            ? `  replaced as a whole by ${by}`
            : `  without ${rules}, which ${by} replaces`;
      return `  ${marks[state]} ${nameOf(policy)}  ${place(policy.span)}${why}`;
    }),
  ];
}

const authMarks = { accepts: '✔', refuses: '✘', skipped: '–', unknown: '?' } as const;

function authLines({ auth }: Reaching, place: Place): readonly string[] {
  if (auth.outcome === 'none') return [];
  const skipped = auth.outcome === 'skipped' ? ': skipped, since a condition of the policy does not hold' : '';
  return [
    `AuthPolicy${skipped}`,
    ...auth.when.map((each) => evaluatedLine(each, place)),
    ...auth.steps.flatMap(({ section, name, span, outcome, why, conditions }) => [
      `  ${authMarks[outcome]} ${section} ${name} ${outcome}: ${why}  ${place(span)}`,
      ...conditions.map((each) => evaluatedLine(each, place)),
    ]),
  ];
}

const limitMarks = {
  counts: '●',
  'does-not-apply': '–',
  unknown: '?',
  fails: '✘',
  dropped: '✘',
  'not-reached': '–',
} as const;
const limitWords = {
  counts: 'counts',
  'does-not-apply': 'does not apply',
  unknown: 'is not known to apply',
  fails: 'fails, and limits nothing',
  dropped: 'limits nothing',
  'not-reached': 'is not asked',
} as const;

function limitLines(kind: string, steps: readonly LimitStep[], place: Place): readonly string[] {
  if (steps.length === 0) return [];
  return [
    `${kind}`,
    ...steps.flatMap((step) => [
      `  ${limitMarks[step.outcome]} ${step.name} ${limitWords[step.outcome]}${step.outcome === 'counts' ? ` ${ratesText(step)}` : `: ${step.why}`}  ${place(step.span)}`,
      ...step.conditions.map((each) => evaluatedLine(each, place)),
      ...(step.outcome === 'counts' ? [] : step.counters.filter(isOpen).map((each) => evaluatedLine(each, place))),
    ]),
  ];
}

function isOpen({ outcome }: Evaluated): boolean {
  return outcome.kind !== 'value';
}

function ratesText({ rates, counters }: LimitStep): string {
  const amounts = rates.map(({ limit, windowMilliseconds }) => `${limit} in ${windowText(windowMilliseconds)}`);
  const by = counters.map(({ text, outcome }) => `${text} = ${shownOutcome(outcome)}`);
  return `${amounts.join(', ')}, ${by.length === 0 ? 'for all together' : `for ${by.join(', ')}`}`;
}

function windowText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds % 3600 === 0 && seconds > 0) return `${seconds / 3600}h`;
  return seconds % 60 === 0 && seconds > 0 ? `${seconds / 60}m` : `${seconds}s`;
}

function evaluatedLine({ text, span, outcome }: Evaluated, place: Place): string {
  const asks = outcome.kind === 'unknown' ? `: the request does not say \`${outcome.asks}\`` : '';
  const fails = outcome.kind === 'error' ? `: ${outcome.message}` : '';
  return `      ${shownOutcome(outcome).padEnd(7)} ${text.replace(/\s+/g, ' ').trim()}${asks}${fails}  ${place(span)}`;
}

function dataOf(request: string, trace: Reaching, place: Place) {
  const reachedData = ({ path, hostname, match }: Reached) => ({
    gateway: qualified(path.gateway.namespace, path.gateway.name),
    listener: path.listener.name,
    route: { kind: path.route.kind, name: qualified(path.route.namespace, path.route.name), rule: path.rule.name },
    hostname,
    match: matchText(match),
    at: place(match.span),
  });
  const evaluated = ({ text, span, outcome }: Evaluated) => ({
    expression: text,
    at: place(span),
    value: shownOutcome(outcome),
    ...(outcome.kind === 'unknown' ? { asks: outcome.asks } : {}),
    ...(outcome.kind === 'error' ? { error: outcome.message } : {}),
  });
  const limit = (step: LimitStep) => ({
    name: step.name,
    policy: nameOf(step.policy),
    at: place(step.span),
    outcome: step.outcome,
    ...(step.why === '' ? {} : { why: step.why }),
    rates: step.rates.map(({ limit: most, windowMilliseconds }) => ({
      limit: most,
      seconds: windowMilliseconds / 1000,
    })),
    when: step.conditions.map(evaluated),
    counters: step.counters.map(evaluated),
  });
  const { verdict, auth } = trace;
  return {
    request,
    arrives: true,
    verdict:
      verdict.kind === 'admitted'
        ? {
            kind: verdict.kind,
            ...(verdict.most === undefined ? {} : { first: verdict.most.count, by: verdict.most.by.name }),
          }
        : verdict.kind === 'refused'
          ? { kind: verdict.kind, status: verdict.status, ...(verdict.by === undefined ? {} : { by: verdict.by.name }) }
          : { kind: verdict.kind },
    ...reachedData(trace.reached),
    ...(trace.enforced === undefined ? {} : { enforced: reachedData(trace.enforced) }),
    unenforced: trace.unenforced,
    assumed: trace.assumed,
    policies: fatesOf(trace).map((fate) => ({
      policy: nameOf(fate.policy),
      at: place(fate.policy.span),
      state: stateOf(fate),
      replaced: fate.lost.map(({ rule, by }) => ({ rule: rule.id, at: place(rule.span), by: by.map(nameOf) })),
    })),
    auth: {
      outcome: auth.outcome,
      when: auth.when.map(evaluated),
      rules: auth.steps.map((step) => ({
        section: step.section,
        name: step.name,
        policy: nameOf(step.policy),
        at: place(step.span),
        outcome: step.outcome,
        why: step.why,
        conditions: step.conditions.map(evaluated),
      })),
    },
    limits: { requests: trace.requests.map(limit), tokens: trace.tokens.map(limit) },
  };
}
