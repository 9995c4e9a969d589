import { type AcceptanceOf, acceptances, isSection } from './acceptances.ts';
import type { BackendName, Coverage } from './backends/backend.ts';
import { lossesOf, partsOf, placeOf } from './coverage-losses.ts';
import { type LeftOut, remedyOf } from './coverage-remedy.ts';
import { type Deployment, type DeploymentName, deployments, holdersIn } from './deployments.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { report } from './diagnostics/report.ts';
import type { Acceptance } from './dialects/dialect.ts';
import { hintsOfRun, isOfRun } from './hints-of-run.ts';
import { contributors, type Enforceable, enforceables, type Policy } from './ir/policy.ts';
import type { Span } from './source/span.ts';

export interface BackendAnswer extends Coverage {
  readonly backend: BackendName;
}

/** What one deployment makes of one rule, limit or obligation. */
export interface DeployedCoverage {
  readonly node: Enforceable;
  /** The best of the answers: what one part of a deployment holds, the whole holds. */
  readonly status: Coverage['status'];
  readonly answers: readonly BackendAnswer[];
}

/** What becomes of one rule, limit or obligation on the target, in the deployment that loses least. */
export interface JoinedCoverage {
  readonly rule: string;
  readonly topic: string;
  readonly span: Span;
  readonly by?: string;
  readonly status: Coverage['status'];
  /** What each deployment that was emitted holds of it. */
  readonly deployments: readonly { readonly name: DeploymentName; readonly status: Coverage['status'] }[];
  /** The answers of every backend, also of those that are not of the best deployment. */
  readonly answers: readonly BackendAnswer[];
  /** Why the author accepts what is lost. */
  readonly accepted?: string;
  /** The id of the rule that decides otherwise wherever this one holds. Its status is then `none`. */
  readonly overridden?: string;
}

const order = { none: 0, partial: 1, full: 2 } as const;

/**
 * Joins the answers of the backends that are deployed together, one entry for each node of the policy in its order.
 *
 * @param answers those of one deployment's backends; a node of which none speaks is lost
 */
export function joinDeployment(policy: Policy, answers: readonly BackendAnswer[]): readonly DeployedCoverage[] {
  const known = byRule(answers);
  return enforceables(policy).map((node) => {
    const own = known.get(node.id) ?? [];
    const status = own.reduce<Coverage['status']>(
      (best, { status: each }) => (order[each] > order[best] ? each : best),
      'none',
    );
    return { node, status, answers: own };
  });
}

/**
 * Joins the backends' answers for each deployment, and reports the losses of the one that loses least. A field that it
 * does not enforce is an error and one that it enforces in part is a warning, unless it is accepted by name; an
 * acceptance that accepts nothing is a warning, and one of a whole section an error.
 *
 * @param whole false where these are not all the ways of deploying the policy: an acceptance may be of use in another
 * @param leftOut what the other backends say, where the caller chose backends; help then names those that would enforce
 */
export function joinCoverage(
  policy: Policy,
  answers: readonly BackendAnswer[],
  accepted: readonly Acceptance[],
  diagnostics: Diagnostic[],
  leftOut?: LeftOut,
  whole = true,
): readonly JoinedCoverage[] {
  const named = accepted.filter(({ loss, span }) => {
    if (!isSection(loss)) return true;
    if (span !== undefined) diagnostics.push(report('POL6007', span, { loss }));
    return false;
  });
  const acceptanceOf = acceptances(named);
  const emitted = deployments.filter(({ backends }) => answers.some(({ backend }) => backends.includes(backend)));
  const candidates = (emitted.length === 0 ? deployments.slice(0, 1) : emitted).map((deployment) => ({
    name: deployment.name,
    deployment,
    nodes: joinDeployment(
      policy,
      answers.filter(({ backend }) => holdersIn(deployment).includes(backend)),
    ),
  }));
  const best = candidates.reduce((least, each) =>
    weigh(each.nodes, acceptanceOf) < weigh(least.nodes, acceptanceOf) ? each : least,
  );

  const used = new Set<Acceptance>();
  /** The ids of what is lost and not accepted, also of what an optimisation took into other rules. */
  const lost = new Set<string>();
  const known = byRule(answers);
  // What can never happen is not held in part.
  const unfired = new Set(diagnostics.flatMap(({ code, span }) => (code === 'POL5028' ? placeOf(span) : [])));
  const joined = best.nodes.flatMap((entry, index): readonly JoinedCoverage[] => {
    const { node, status } = entry;
    const each = candidates.map(({ name, nodes }) => ({ name, status: nodes[index]!.status }));
    const own = known.get(node.id) ?? [];
    // Whoever enforces a rule enforces what an optimisation took into it, unless that decides nothing.
    return contributors(node).map((part): JoinedCoverage => {
      const { id, topic, origin, overridden } = part;
      const place = { rule: id, topic, span: origin.span, ...(origin.by === undefined ? {} : { by: origin.by }) };
      if (overridden !== undefined) {
        const none = each.map(({ name }) => ({ name, status: 'none' as const }));
        return { ...place, status: 'none', deployments: none, answers: [], overridden };
      }
      const accepting = status === 'full' ? [] : acceptanceOf(part);
      for (const one of isOfRun(entry) ? acceptanceOf(part) : accepting) used.add(one);
      const [acceptance] = accepting;
      const isSaid = status === 'partial' && unfired.has(placeOf(origin.span));
      if (status !== 'full' && acceptance === undefined && !isSaid) lost.add(id);
      const because = acceptance === undefined ? {} : { accepted: acceptance.because };
      return { ...place, status, deployments: each, answers: own, ...because };
    });
  });
  diagnostics.push(...hintsOfRun(policy, best.nodes, acceptanceOf));
  if (lost.size > 0) {
    const losing = best.nodes.filter(({ node }) => contributors(node).some(({ id }) => lost.has(id)));
    const remedy = leftOut === undefined ? undefined : remedyOf(policy, losing, answers, leftOut);
    diagnostics.push(...lossesOf(policy, best.nodes, lost, remedy));
  }
  for (const candidate of candidates) {
    if (candidate !== best) diagnostics.push(...weakerThan(best, candidate, acceptanceOf, used));
  }
  for (const acceptance of named) {
    if (!whole || acceptance.span === undefined || used.has(acceptance)) continue;
    diagnostics.push(report('POL6005', acceptance.span, { loss: acceptance.loss }));
  }
  return joined;
}

function byRule(answers: readonly BackendAnswer[]): ReadonlyMap<string, readonly BackendAnswer[]> {
  const known = new Map<string, BackendAnswer[]>();
  for (const answer of answers) {
    const list = known.get(answer.rule);
    if (list === undefined) known.set(answer.rule, [answer]);
    else list.push(answer);
  }
  return known;
}

/**
 * How much is lost that nobody accepts: one rule that is lost weighs more than any number that are held in part. What does
 * not run the program in what the policy says that it runs in weighs more than all rules.
 */
function weigh(nodes: readonly DeployedCoverage[], acceptanceOf: AcceptanceOf): number {
  let weight = 0;
  for (const { node, status } of nodes) {
    if (status === 'full' || partsOf(node).every((part) => acceptanceOf(part).length > 0)) continue;
    weight += status === 'partial' ? 1 : (nodes.length + 1) ** (node.topic === 'runtime' ? 2 : 1);
  }
  return weight;
}

const hardenInstead =
  'see `polc explain`; run the program with `polc run`, or put the policy into it with `polc wasm harden`';

interface Candidate {
  readonly deployment: Deployment;
  readonly nodes: readonly DeployedCoverage[];
}

/**
 * The hint that a deployment which was emitted too lacks what the best one enforces, unless that is accepted. What it
 * holds in part is left to the manifest and to `explain`: an OCI runtime's own calls pass every filter that it attaches.
 */
function weakerThan(
  best: Candidate,
  { deployment, nodes }: Candidate,
  acceptanceOf: AcceptanceOf,
  used: Set<Acceptance>,
): readonly Diagnostic[] {
  const { enforcer, insteadOf } = deployment;
  if (insteadOf === undefined) return [];
  const help = best.deployment.name === 'wasi' ? hardenInstead : insteadOf;
  const topics = new Map<string, Span>();
  nodes.forEach(({ node, status }, index) => {
    if (status !== 'none' || best.nodes[index]!.status === 'none' || isOfRun(best.nodes[index]!)) return;
    for (const part of partsOf(node)) {
      const accepting = acceptanceOf(part);
      for (const each of accepting) used.add(each);
      if (accepting.length > 0) continue;
      const topic = part.topic.replace(/\[\d+\]/g, '');
      if (!topics.has(topic)) topics.set(topic, part.origin.span);
    }
  });
  const [first] = topics.values();
  if (first === undefined) return [];
  const list = [...topics.keys()].map((topic) => `\`${topic}\``).join(', ');
  return [report('POL6006', first, { enforcer, topics: list, best: best.deployment.enforcer }, { help })];
}

/** The rules that the author wrote as one field. */
export type FieldCoverage = readonly [JoinedCoverage, ...JoinedCoverage[]];

/** What becomes of each field: one has one mark, however many rules it was lowered to. */
export function coverageByField(coverage: readonly JoinedCoverage[]): readonly FieldCoverage[] {
  const fields = new Map<string, [JoinedCoverage, ...JoinedCoverage[]]>();
  for (const entry of coverage) {
    const key = `${entry.topic} ${entry.span.start} ${entry.span.file} ${entry.by ?? ''}`;
    const field = fields.get(key);
    if (field === undefined) fields.set(key, [entry]);
    else field.push(entry);
  }
  return [...fields.values()];
}

export const coverageMarks = { full: '✔', partial: '⚠', none: '✘' } as const;

/** Full or none where all are, otherwise partial. */
export function jointStatus(all: readonly JoinedCoverage['status'][]): JoinedCoverage['status'] {
  return all.every((each) => each === all[0]) ? all[0]! : 'partial';
}

export function fieldStatus(field: FieldCoverage): JoinedCoverage['status'] {
  return jointStatus(field.map(({ status }) => status));
}
