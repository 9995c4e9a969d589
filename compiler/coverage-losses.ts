import { acceptText, shortName } from './acceptances.ts';
import type { BackendName } from './backends/backend.ts';
import type { BackendAnswer, DeployedCoverage } from './coverage.ts';
import type { Remedy } from './coverage-remedy.ts';
import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { report } from './diagnostics/report.ts';
import { type Contribution, contributors, type Enforceable, type Policy } from './ir/policy.ts';
import type { Span } from './source/span.ts';

/** What a field of the policy loses. */
interface Loss {
  /** The first of its rules that loses something. */
  readonly part: Contribution;
  /** True for an object that others have compiled. */
  readonly isObject: boolean;
  readonly status: 'partial' | 'none';
  readonly answers: readonly BackendAnswer[];
  /** Backends with which the loss would not be. */
  readonly emit: readonly BackendName[] | undefined;
  /** True for `access: none`, which no ruleset of Landlock can say. */
  readonly deniesPath: boolean;
}

/** The node and what was merged into it, but for what decides nothing. */
export function partsOf(node: Enforceable): readonly Contribution[] {
  return contributors(node).filter(({ overridden }) => overridden === undefined);
}

/**
 * One finding for each field that loses something, whatever the number of rules that it became.
 *
 * @param lost the ids of the parts that are lost and not accepted
 */
export function lossesOf(
  policy: Policy,
  all: readonly DeployedCoverage[],
  lost: ReadonlySet<string>,
  remedy: Remedy | undefined,
): readonly Diagnostic[] {
  const refusing = refusingNodes(policy);
  const fields = new Map<string, (DeployedCoverage & { readonly part: Contribution })[]>();
  const parts = all.flatMap((entry) => partsOf(entry.node).map((part) => ({ ...entry, part })));
  for (const { part } of parts) if (lost.has(part.id)) fields.set(fieldOf(part), []);
  for (const each of parts) fields.get(fieldOf(each.part))?.push(each);
  const losses = [...fields.values()].map((entries): Loss => {
    const losing = entries.filter(({ part }) => lost.has(part.id));
    // That something is let through proves nothing where the same field's refusals are lost.
    const refusals = entries.filter(({ node }) => refusing.has(node.id));
    const counted = refusals.some(({ status }) => status === 'none') ? refusals : entries;
    const { node, part } = losing[0]!;
    return {
      isObject: 'kind' in node && node.kind === 'hook-program',
      part,
      status: counted.every((entry) => entry.status === 'none') ? 'none' : 'partial',
      answers: losing.flatMap((entry) => entry.answers),
      emit: losing.every((entry) => remedy?.rules.has(entry.node.id)) ? remedy?.emit : undefined,
      deniesPath: refusing.has(node.id) && part.topic.startsWith('security.landlock.paths['),
    };
  });
  return hooksTogether(losses).map(lossOf);
}

const hooks = 'security.bpf_lsm';

/** What is lost of several hooks by the same words is lost once. */
function hooksTogether(losses: readonly Loss[]): readonly Loss[] {
  const together = new Map<string | Loss, Loss>();
  for (const loss of losses) {
    const { part, status, answers, emit } = loss;
    const lost = new Set(answers.map((each) => each.lost));
    const words = [status, emit?.join(), ...lost].join('\n');
    const key = part.topic.startsWith(hooks) ? words : loss;
    const known = together.get(key);
    if (known === undefined) together.set(key, loss);
    else if (known.part.topic !== part.topic) together.set(key, { ...known, part: { ...known.part, topic: hooks } });
  }
  return [...together.values()];
}

function refusingNodes({ decisions }: Policy): ReadonlySet<string> {
  return new Set(
    decisions.flatMap(({ rules, otherwise }) =>
      [...rules, otherwise]
        .filter(({ effect }) => effect.kind !== 'allow' && effect.kind !== 'log')
        .map(({ id }) => id),
    ),
  );
}

/** What the author sees as one: a topic at one place of one file. */
function fieldOf({ topic, origin: { span } }: Contribution): string {
  return `${topic} ${placeOf(span)}`;
}

/** By which two spans that begin at one place are known. */
export function placeOf({ start, file }: Span): string {
  return `${start} ${file}`;
}

function lossOf({ part: { topic, origin }, isObject, status, answers, emit, deniesPath }: Loss): Diagnostic {
  const { span } = origin;
  const found = answers.flatMap(({ backend, enforced, lost }) =>
    [enforced === undefined ? undefined : `enforced: ${enforced}`, lost === undefined ? undefined : `lost: ${lost}`]
      .filter((part) => part !== undefined)
      .join(' · ')
      .replace(/^(?=.)/, `${backend}: `),
  );
  const notes = [...new Set(found)].filter((note) => note !== '');
  const acceptance = `accept the loss with \`${acceptText([shortName(topic)])}\``;
  const help =
    emit === undefined ? undefined : `emit what enforces it as well, \`--emit ${emit.join(',')}\`, or ${acceptance}`;
  if (status === 'partial') {
    return report('POL6004', span, { topic }, { notes, help: help ?? acceptance });
  }
  const instead = answers.find((answer) => answer.instead !== undefined)?.instead;
  const advice = isObject
    ? `load the object yourself, which polc checks and does not load, and ${acceptance}`
    : topic.startsWith(hooks) && answers.length === 0
      ? `${acceptance}, or let programs of the kernel hold it (\`--emit bpf-lsm\`), on a machine that takes them: see \`polc doctor\``
      : deniesPath && !answers.some(({ backend }) => backend === 'bpf-lsm')
        ? `${acceptance}, or let programs of the kernel hold it beside Landlock, on a target that takes them: \`--target bpf-lsm=yes\`, or \`target: { bpf-lsm: true }\` in polc.config.yaml`
        : instead !== undefined
          ? `no target and no backend can enforce it: ${instead}, or ${acceptance}`
          : `${acceptance}, or choose a target, or backends (\`--emit\`), that can enforce it`;
  return report('POL6001', span, { topic }, { notes, help: help ?? advice });
}
