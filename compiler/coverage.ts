import type { BackendName, Coverage } from './backends/backend.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { report } from './diagnostics/report.ts';
import type { Acceptance } from './dialects/dialect.ts';
import { contributors, type Enforceable, enforceables, type Policy } from './ir/policy.ts';
import type { Span } from './source/span.ts';

export interface BackendAnswer extends Coverage {
  readonly backend: BackendName;
}

/** What becomes of one rule, limit or obligation on the target: the best of the backends' answers. */
export interface JoinedCoverage {
  readonly rule: string;
  readonly topic: string;
  readonly span: Span;
  readonly by?: string;
  readonly status: 'full' | 'partial' | 'none';
  readonly answers: readonly BackendAnswer[];
  /** Why the author accepts what is lost. */
  readonly accepted?: string;
}

const order = { none: 0, partial: 1, full: 2 } as const;

/**
 * Joins the backends' answers. A rule that none enforces is an error and one that is enforced in part is a warning,
 * unless it is accepted by name; an acceptance that accepts nothing is a warning.
 */
export function joinCoverage(
  policy: Policy,
  answers: readonly BackendAnswer[],
  accepted: readonly Acceptance[],
  diagnostics: Diagnostic[],
): readonly JoinedCoverage[] {
  const byRule = new Map<string, BackendAnswer[]>();
  for (const answer of answers) {
    const list = byRule.get(answer.rule);
    if (list === undefined) byRule.set(answer.rule, [answer]);
    else list.push(answer);
  }
  const used = new Set<Acceptance>();
  const joined = enforceables(policy).flatMap((node): readonly JoinedCoverage[] => {
    const own = byRule.get(node.id) ?? [];
    const status = own.reduce<Coverage['status']>(
      (best, { status: each }) => (order[each] > order[best] ? each : best),
      'none',
    );
    const acceptance = status === 'full' ? undefined : accepted.find(({ loss }) => names(loss, node.topic));
    if (acceptance !== undefined) used.add(acceptance);
    else if (status !== 'full') diagnostics.push(lossOf(node, status, own));
    // Whoever enforces a rule enforces what an optimisation took into it.
    return contributors(node).map(({ id, topic, origin }) => ({
      rule: id,
      topic,
      span: origin.span,
      ...(origin.by === undefined ? {} : { by: origin.by }),
      status,
      answers: own,
      ...(acceptance === undefined ? {} : { accepted: acceptance.because }),
    }));
  });
  for (const acceptance of accepted) {
    if (acceptance.span === undefined || used.has(acceptance)) continue;
    diagnostics.push(report('POL6005', acceptance.span, { loss: acceptance.loss }));
  }
  return joined;
}

function lossOf(node: Enforceable, status: 'partial' | 'none', answers: readonly BackendAnswer[]): Diagnostic {
  const notes = answers.flatMap(({ backend, enforced, lost }) =>
    [enforced === undefined ? undefined : `enforced: ${enforced}`, lost === undefined ? undefined : `lost: ${lost}`]
      .filter((part) => part !== undefined)
      .join(' · ')
      .replace(/^(?=.)/, `${backend}: `),
  );
  const values = { topic: node.topic };
  const options = { notes: notes.filter((note) => note !== '') };
  return status === 'partial'
    ? report('POL6004', node.origin.span, values, options)
    : report(
        'POL6001',
        node.origin.span,
        {
          ...values,
          advice: `accept the loss with \`accept: [{ loss: ${shortName(node.topic)}, because: REASON }]\`, or choose a target that can enforce it`,
        },
        options,
      );
}

/** Whether `loss` names the topic: some of its consecutive components, with or without an index. */
function names(loss: string, topic: string): boolean {
  const wanted = loss.split('.');
  const parts = topic.split('.');
  for (let start = 0; start + wanted.length <= parts.length; start++) {
    const fits = wanted.every(
      (word, at) => parts[start + at] === word || parts[start + at]!.replace(/\[\d+\]$/, '') === word,
    );
    if (fits) return true;
  }
  return false;
}

function shortName(topic: string): string {
  return topic.replace(/^(security|resources|network|performance)\./, '');
}
