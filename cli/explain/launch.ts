import type { Compilation } from '../../compiler/compile.ts';
import { type Answer, place } from '../../compiler/explain/answer.ts';
import { evaluate } from '../../compiler/expressions/evaluate.ts';
import { combineLaunches, type LaunchStep, launchSteps, partOf, stepOf } from '../../compiler/ir/launch.ts';
import { launchFacts, refusalOf } from '../../compiler/ir/launch-facts.ts';
import { type EffectiveLimit, effectiveLimits, limitHolds } from '../../compiler/ir/launch-limits.ts';
import type { Policy, Rule } from '../../compiler/ir/policy.ts';
import { printLimit } from '../../compiler/ir/print-limit.ts';
import { isOfTemplate } from '../launch/of-template.ts';

/** A policy whose limits are asked for, as it was lowered, and the files that it was read from. */
export interface AskedPart {
  readonly role: 'profile' | 'template';
  readonly policy: Policy;
  readonly sources: Compilation['sources'];
}

/**
 * The limits that a profile with all around it, and a template, leave to a launch, each with what it comes from. A limit
 * that the template keeps or breaks whatever is launched is marked.
 *
 * @param inherited the names of the templates that the template builds on
 */
export function explainLaunch(asked: readonly AskedPart[], inherited: readonly string[]): Answer {
  const sources = new Map(asked.flatMap((part) => [...part.sources]));
  const where = (rule: Rule) => place({ sources }, rule);
  const policy = combineLaunches(asked);
  const template = asked.find(({ role }) => role === 'template')?.policy.name;
  const facts = launchFacts(policy);
  const environment = {
    attribute: (name: string) => (name === 'launched' ? template : facts(name)),
    parameter: () => undefined,
  };
  const limits = effectiveLimits(policy).map((limit): MarkedLimit => {
    const predicate = limitHolds(limit);
    const known = template === undefined ? undefined : evaluate(predicate, environment);
    const unsaid = template !== undefined && known === undefined && isOfTemplate(predicate);
    return { limit, step: stepOf(limit.sources[0]!.id), holds: impossible(limit) || unsaid ? false : known, unsaid };
  });
  const refused = inherited.flatMap((name) => {
    const rule = refusalOf(policy, name);
    return rule === undefined ? [] : [{ name, rule }];
  });
  const never = refused.length > 0 || limits.some(({ holds }) => holds === false);
  const who = asked.find(({ role }) => role === 'profile')?.policy.name;
  const lines = [
    headline(who, template, never, limits.length),
    ...launchSteps.flatMap((step) => stepLines(step, limits, where)),
    ...refused.map(
      ({ name, rule }) => `✘ ${'source'.padEnd(width)} inherits ${name}, which is refused  ${where(rule)}`,
    ),
  ];
  return {
    lines,
    data: {
      ...(who === undefined ? {} : { profile: who }),
      ...(template === undefined ? {} : { template }),
      possible: !never,
      limits: limits.map(({ limit, step, holds }) => ({
        step,
        says: printLimit(limit),
        holds: holds ?? null,
        ...withoutRules(limit),
        sources: limit.sources.map((rule) => sourceData(rule, where(rule))),
        looser: limit.looser.map((rule) => sourceData(rule, where(rule))),
      })),
      refusedInheritance: refused.map(({ name, rule }) => ({ template: name, by: sourceData(rule, where(rule)) })),
    },
  };
}

const width = Math.max(...launchSteps.map((step) => step.length));
const marks = { true: '✔', false: '✘', undefined: '·' } as const;

function headline(who: string | undefined, template: string | undefined, never: boolean, count: number): string {
  const subject = who === undefined ? `${template}` : `${who}${template === undefined ? '' : ` with ${template}`}`;
  if (never) return `${subject}: nothing can be launched`;
  return count === 0
    ? `${subject}: no limits`
    : `${subject}: a launch keeps to ${count === 1 ? '1 limit' : `${count} limits`}`;
}

interface MarkedLimit {
  readonly limit: EffectiveLimit;
  readonly step: LaunchStep;
  readonly holds: boolean | undefined;
  /** The template would have to say it, and does not: every launch is refused. */
  readonly unsaid: boolean;
}

function stepLines(step: LaunchStep, limits: readonly MarkedLimit[], where: (rule: Rule) => string): readonly string[] {
  return limits
    .filter((each) => each.step === step)
    .flatMap(({ limit, holds, unsaid }) => [
      `${marks[`${holds}`]} ${step.padEnd(width)} ${printLimit(limit)}${unsaid ? ', of which the template says nothing' : ''}`,
      ...limit.sources.map((rule) => `    ${sourceText(rule, where(rule))}`),
      ...limit.looser.map((rule) => `    ${sourceText(rule, where(rule))} (says less)`),
    ]);
}

function sourceText(rule: Rule, at: string): string {
  return `${(rule.origin.by ?? '').padEnd(30)} ${at}  ${rule.topic}`;
}

function sourceData(rule: Rule, at: string) {
  const part = partOf(rule.id);
  return { rule: rule.id, topic: rule.topic, at, ...(part === undefined ? {} : part) };
}

/** An allow-list with nothing on it, or a condition that is false. */
function impossible(limit: EffectiveLimit): boolean {
  if (limit.kind === 'one-of') return limit.values.length === 0;
  return limit.kind === 'condition' && evaluate(limit.holds, { attribute: none, parameter: none }) === false;
}

function none(): undefined {}

/** Integers of the IR as numbers, which JSON has. */
function withoutRules({ sources: _, looser: __, ...body }: EffectiveLimit): object {
  if (body.kind === 'condition') return { kind: body.kind };
  return Object.fromEntries(
    Object.entries(body).map(([key, value]) => [key, typeof value === 'bigint' ? Number(value) : value]),
  );
}
