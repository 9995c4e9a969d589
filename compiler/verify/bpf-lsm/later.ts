import { type Decision, decisionAt, type Policy } from '../../ir/policy.ts';
import { fileSystemRights } from '../../tables/landlock.ts';
import type { Target } from '../../target.ts';
import { both, denied, either, holds, type Known, liesAbove, type Need, needs, unknown } from './path-questions.ts';

/** What an object is held against. */
export interface ComparedPart {
  readonly policy: Policy;
  /** Whether it is of a level that a running program is moved to: its programs wait for that, and hold paths alone. */
  readonly later: boolean;
  /** Those whose programs decide whenever its own do, and are asked before them. */
  readonly before?: readonly ComparedPart[];
}

/** The map whose number says that the program was moved to the level. */
export const levelWord = 'level';

/** What each stricter level says otherwise than the start, by the name that its object has. */
export function laterParts({
  name,
  adaptive,
  obligations,
}: Policy): readonly (ComparedPart & { readonly name: string })[] {
  return (adaptive?.levels ?? []).map((level) => {
    const decisions = level.decisions.filter(({ point }) => ['hook', 'path', 'socket'].includes(point));
    const counted = decisions.some(({ point }) => point === 'hook')
      ? obligations.filter(({ kind }) => kind === 'count-calls')
      : [];
    return {
      name: `level-${level.level}`,
      policy: { name, decisions, limits: [], obligations: [...counted, ...level.obligations] },
      later: true,
    };
  });
}

const mounts: readonly string[] = ['move_mount', 'sb_mount', 'sb_pivotroot', 'sb_remount', 'sb_umount'];

function listOf(policy: Policy): Decision | undefined {
  const decision = decisionAt(policy, 'path');
  if (decision?.otherwise.effect.kind !== 'deny') return undefined;
  const ordered = decision.combine === 'first-match' && decision.rules.some(({ effect }) => effect.kind !== 'allow');
  return ordered ? undefined : decision;
}

/** The hooks at which there has to be a program for a level's decision about paths. */
export function demandedAlone(policy: Policy): readonly string[] {
  if (listOf(policy) === undefined) return [];
  const opening = [
    'file_open',
    'path_mkdir',
    'path_rename',
    'path_link',
    'path_unlink',
    'path_chroot',
    'path_truncate',
  ];
  return [...opening, ...mounts];
}

/** With what a program has to refuse a call where the decision about paths is its own alone; undefined where it does not. */
export function refusalAlone(policy: Policy, target: Target, hook: string, known: Known): number | undefined {
  const decision = listOf(policy);
  if (decision === undefined) return undefined;
  if (mounts.includes(hook) || hook === 'path_chroot') return unknown;
  const asked = [...needs(hook, known, target), ...moving(hook, known, target)];
  const inTree = (field: string): boolean | undefined => {
    const path = known.get(field);
    return path === undefined ? undefined : path !== '';
  };
  const deciding: (boolean | undefined)[] = [];
  for (const { right, field, asked: needed, above } of asked) {
    const path = known.get(field);
    const rights = right === undefined ? fileSystemRights().map(({ name }) => name) : [right];
    for (const rule of decision.rules) {
      if (rule.effect.kind === 'allow') continue;
      const here = either([
        ...rights.map((name) => holds(rule.when, path, name)),
        above ? liesAbove(rule.when, path) : false,
      ]);
      deciding.push(both(needed, both(inTree(field), here)));
    }
  }
  for (const { right, field, asked: needed } of asked) {
    if (right !== undefined)
      deciding.push(both(needed, both(inTree(field), not(allows(decision, known, right, field)))));
  }
  for (const { from, to, asked: needed } of gains(hook, known, target)) {
    const more = fileSystemRights().map(({ name }) =>
      both(allows(decision, known, name, to), not(allows(decision, known, name, from))),
    );
    deciding.push(both(needed, either(more)));
  }
  // In their order, the first that does not certainly let pass.
  const at = deciding.findIndex((each) => each !== false);
  return at === -1 ? undefined : deciding[at] === true ? denied : unknown;
}

function not(answer: boolean | undefined): boolean | undefined {
  return answer === undefined ? undefined : !answer;
}

function allows({ rules }: Decision, known: Known, right: string, field: string): boolean | undefined {
  const path = known.get(field);
  return either(rules.filter(({ effect }) => effect.kind === 'allow').map(({ when }) => holds(when, path, right)));
}

/** Whether a rename exchanges; false where the hook does not tell. */
function exchanges(hook: string, known: Known, { kernel }: Target): boolean | undefined {
  const tells = kernel.major > 5 || (kernel.major === 5 && kernel.minor >= 19);
  if (hook !== 'path_rename' || !tells) return false;
  const flags = known.get('flags');
  return typeof flags === 'bigint' ? (flags & 2n) !== 0n : undefined;
}

/** What a link and a rename need beside what others do. */
function moving(hook: string, known: Known, target: Target): readonly Need[] {
  const need = (field: string, asked: boolean | undefined, ...rights: readonly string[]): readonly Need[] =>
    rights.map((right) => ({ right, field, asked, above: false }));
  if (hook === 'path_link') return [...need('old_place', true, 'refer'), ...need('new_place', true, 'refer')];
  if (hook !== 'path_rename') return [];
  return [
    ...need('old_place', true, 'refer', 'remove_file', 'remove_dir'),
    ...need('new_place', true, 'refer', 'make_reg', 'make_dir', 'remove_file', 'remove_dir'),
    ...need('old_place', exchanges(hook, known, target), 'refer', 'make_reg', 'make_dir'),
  ];
}

function gains(hook: string, known: Known, target: Target) {
  if (hook !== 'path_link' && hook !== 'path_rename') return [];
  return [
    { from: 'old_place', to: 'new_place', asked: true },
    { from: 'new_place', to: 'old_place', asked: exchanges(hook, known, target) },
  ];
}
