import { visible } from '../../compiler/diagnostics/render/width.ts';
import { matchesGlob } from '../../compiler/expressions/glob.ts';
import type { LaunchStep } from '../../compiler/ir/launch.ts';
import type { Obligation, Policy, Rule } from '../../compiler/ir/policy.ts';
import { dollars } from '../../compiler/ir/print-limit.ts';
import type { Span } from '../../compiler/source/span.ts';
import { positionAt, type SourceText } from '../../compiler/source/text.ts';
import type { Alternative, Alternatives } from './alternatives.ts';
import { type LaunchCheck, launchChecks, launchViolations, type Violation } from './checks.ts';
import type { LaunchVerdict } from './decide.ts';
import { type LaunchFacts, launchEnvironment } from './facts.ts';
import type { LaunchSubject } from './sayings.ts';

/** A launch that is decided, to be told to people. */
export interface DecidedLaunch {
  /** The combined policy of all parts, not optimised. */
  readonly policy: Policy;
  readonly facts: LaunchFacts;
  readonly verdict: LaunchVerdict;
  /** Where a span is, for people: `placesIn`. */
  place(span: Span): string;
  /** The id of the image that the instance is made of; absent where it is made of its base image. */
  readonly image?: string;
  readonly costFrom?: 'price-file' | 'template';
  /** What is not signed, or not as it is. */
  readonly unsigned?: LaunchSubject['unsigned'];
  /** The arithmetic of a budget in a sentence. */
  readonly spending?: LaunchSubject['spending'];
  /** What was refused, with what else would be allowed. */
  readonly alternatives?: Alternatives;
  /** The decision is in the audit log. */
  readonly audited?: boolean;
}

export interface LaunchReport {
  readonly checks: readonly LaunchCheck[];
  readonly violations: readonly Violation[];
  /** What does not refuse and should be known. */
  readonly warnings: readonly string[];
  /** The whole transcript: checks, and how it ends. Nothing in it commands a terminal, whatever an image's tags say. */
  readonly lines: readonly string[];
}

/** What people are told of a decision, in the words and the order of a transcript. */
export function launchReport(decided: DecidedLaunch): LaunchReport {
  const { policy, facts, verdict, image, costFrom, unsigned, spending } = decided;
  const environment = launchEnvironment(policy, facts);
  const template = environment.attribute('template');
  const subject: LaunchSubject = {
    launched: facts.launched,
    ...(typeof template === 'string' ? { template } : {}),
    ...(image === undefined ? {} : { image }),
    ...(costFrom === undefined ? {} : { costFrom }),
    ...(unsigned === undefined ? {} : { unsigned }),
    attribute: (name) => environment.attribute(name),
    ...(spending === undefined ? {} : { spending }),
  };
  const checks = launchChecks(policy, environment, verdict.steps, subject);
  const violations = launchViolations(environment, verdict.steps, subject);
  const warnings = deprecations(decided, subject);
  const lines = [
    ...checks.map((check) => checkLine(check, decided)),
    ...warnings.map((warning) => `Warning: ${warning}`),
    ...(verdict.allowed ? approval(decided) : refusal(decided, violations)),
  ];
  return { checks, violations, warnings, lines: lines.map((line) => `→ ${visible(line)}`) };
}

/**
 * `cs101-class.yaml:32` of a span in one of these files, and the name of anything else, such as the id of the image that
 * carries a rule.
 */
export function placesIn(sources: ReadonlyMap<string, SourceText>): (span: Span) => string {
  return ({ file, start }) => {
    const source = sources.get(file);
    return source === undefined ? file : `${file}:${positionAt(source, start).line + 1}`;
  };
}

/** What each step checks, where no image stands for a policy of its own. */
const kinds: Readonly<Record<LaunchStep, string>> = {
  source: 'Policy',
  signature: 'Policy',
  resources: 'Resource',
  classification: 'Security',
  compliance: 'Compliance',
};

function checkLine({ step, passed, text, notes, rules }: LaunchCheck, { image, place }: DecidedLaunch): string {
  const kind = image === undefined ? kinds[step] : 'Policy';
  const said = passed ? notes : [...new Set(rules.map(({ origin }) => place(origin.span)))];
  return `${kind} check: ${text} ${passed ? '✓' : '✗'}${said.length === 0 ? '' : ` (${said.join(', ')})`}`;
}

function approval({ facts, image, audited = false }: DecidedLaunch): readonly string[] {
  if (image === undefined) return [...(audited ? ['Compliance check: Audit logged ✓'] : []), 'Launch approved'];
  return [
    ...(image === facts.launched ? [] : ['Policy check: Using pre-compiled AMI for faster launch ✓']),
    `Launch approved${audited ? ' with audit log entry' : ''} (${image})`,
  ];
}

function refusal({ verdict, alternatives }: DecidedLaunch, violations: readonly Violation[]): readonly string[] {
  const problems = verdict.problems.map((problem) => `Error: ${problem}`);
  const errors = violations.flatMap(({ lines }) => lines);
  const available: readonly (readonly [string, readonly string[]])[] = [
    ['templates', alternatives?.templates ?? []],
    ['instance types', (alternatives?.instanceTypes ?? []).map(priced)],
    ['regions', (alternatives?.regions ?? []).map(priced)],
  ];
  return [
    ...new Set([...problems, ...errors]),
    ...available.flatMap(([what, names]) => (names.length === 0 ? [] : [`Available ${what}: ${names.join(', ')}`])),
  ];
}

function priced({ name, hourlyCost }: Alternative): string {
  return hourlyCost === undefined ? name : `${name} (${dollars(hourlyCost)})`;
}

/** What is launched is deprecated, by an institution's list or by itself. */
function deprecations({ policy, facts, place }: DecidedLaunch, { template }: LaunchSubject): readonly string[] {
  const names = [facts.launched, ...(template === undefined ? [] : [template])];
  const warning = `Template '${template ?? facts.launched}' is deprecated`;
  const listed = policy.obligations.filter(
    (each) =>
      each.kind === 'deprecate' && each.templates.some((pattern) => names.some((name) => matchesGlob(name, pattern))),
  );
  const places = listed.map(({ origin }: Obligation | Rule) => place(origin.span));
  if (places.length > 0) return [`${warning} (${places.join(', ')})`];
  return facts.lifecycle === 'deprecated' ? [warning] : [];
}
