import { obstacleOf } from '../../compiler/backends/wasm/cel/extension.ts';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { grouped } from '../../compiler/diagnostics/grouped.ts';
import { mentionedValues } from '../../compiler/expressions/mentioned-values.ts';
import type { Point, Policy } from '../../compiler/ir/policy.ts';
import { compileFile, type Unread } from '../build/compile-file.ts';
import type { InputFile } from '../build/inputs.ts';
import type { Project } from '../project.ts';

/** A policy that is joined with others, and the file that it stands in. */
export interface JoinedPolicy {
  readonly path: string;
  readonly policy: Policy;
}

export interface ReadPolicies {
  readonly ok: boolean;
  readonly policies: readonly JoinedPolicy[];
  readonly diagnostics: readonly Diagnostic[];
  /** Files of other tools in the folders that were named. */
  readonly strangers: readonly string[];
}

/** Compiles policies for what they decide alone: what a build would make besides has nothing to say of it. */
export function readPolicies(files: readonly InputFile[], project: Project): ReadPolicies | Unread {
  const policies: JoinedPolicy[] = [];
  const diagnostics: Diagnostic[] = [];
  const strangers: string[] = [];
  const parts = new Set<string>();
  let ok = true;
  for (const { path, named } of files) {
    const compilation = compileFile(path, project, { backends: [], bundled: false, maximumMilliseconds: 0 });
    if ('problem' in compilation) return compilation;
    for (const read of compilation.contents.keys()) if (read !== path) parts.add(read);
    if (!named && compilation.diagnostics.some(({ code }) => code === 'POL2010')) {
      strangers.push(path);
      continue;
    }
    // Who enforces what is decided is asked of whoever builds the policy: here nobody does, nor is meant to.
    const found = compilation.diagnostics.filter(({ code }) => !code.startsWith('POL6'));
    diagnostics.push(...found);
    if (compilation.policy !== undefined) policies.push({ path, policy: compilation.policy });
    ok &&= compilation.policy !== undefined && !found.some(({ severity }) => severity === 'error');
  }
  return { ok, policies, diagnostics, strangers: strangers.filter((path) => !parts.has(path)) };
}

/** How many policies decide at each point. */
export function countsByPoint(policies: readonly JoinedPolicy[]): ReadonlyMap<Point, number> {
  const counts = new Map<Point, number>();
  for (const { policy } of policies) {
    for (const { point } of policy.decisions) counts.set(point, (counts.get(point) ?? 0) + 1);
  }
  return counts;
}

export function policiesText(count: number): string {
  return count === 1 ? '1 policy' : `${grouped(count)} policies`;
}

/** What whoever asks the module has to know of it: what is not in it, and what the host does itself. */
export function notesOf(read: ReadPolicies, deciding: readonly JoinedPolicy[], point: Point): readonly string[] {
  const silent = read.policies.filter((each) => !deciding.includes(each)).map(({ path }) => path);
  const notes = [
    ...leftOut(read.strangers, ['is no policy', 'are no policies']),
    ...leftOut(silent, [`decides nothing at the point ${point}`, `decide nothing at the point ${point}`]),
  ];
  const paths = new Map<string, string[]>();
  for (const { path, policy } of deciding) paths.set(policy.name, [...(paths.get(policy.name) ?? []), path]);
  for (const [name, of] of paths) {
    if (of.length > 1)
      notes.push(`${of.join(' and ')} are both called ${name}: tell their answers apart by their places`);
  }
  const rules = deciding.flatMap(({ policy }) =>
    policy.decisions.filter((each) => each.point === point).flatMap((each) => each.rules),
  );
  for (const name of mentionedValues(rules.map(({ when }) => when)).keys()) {
    const obstacle = /^(condition|value):/.test(name) ? obstacleOf(name) : undefined;
    if (obstacle === undefined) continue;
    const text = name.slice(name.indexOf(':') + 1);
    notes.push(`the module does not lower ${obstacle}: work out \`${text}\` yourself, and give it as \`${name}\``);
  }
  return notes;
}

function leftOut(paths: readonly string[], [one, several]: readonly [one: string, several: string]): readonly string[] {
  const [first, second, third, ...more] = paths;
  if (first === undefined) return [];
  if (second === undefined) return [`${first} ${one}; it is left out`];
  const listed = [first, second, ...(third === undefined ? [] : [third])].join(', ');
  return [`${grouped(paths.length)} files ${several} and are left out: ${listed}${more.length > 0 ? ', …' : ''}`];
}
