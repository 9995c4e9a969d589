import { evaluate } from '../../expressions/evaluate.ts';
import { isBeneath } from '../../expressions/path-pattern.ts';
import type { Predicate, Value } from '../../expressions/predicate.ts';
import { type Decision, decisionAt, type Policy } from '../../ir/policy.ts';
import { fileSystemRights } from '../../tables/landlock.ts';
import type { Target } from '../../target.ts';

export type Known = ReadonlyMap<string, Value | undefined>;
/** Undefined is what is not known. */
export type Answer = boolean | undefined;

/** EACCES and EPERM. */
export const denied = -13;
export const unknown = -1;

export const both = (left: Answer, right: Answer): Answer =>
  left === false || right === false ? false : left === undefined || right === undefined ? undefined : true;
export const either = (answers: readonly Answer[]): Answer =>
  answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;

/**
 * With what a program has to refuse a call for what Landlock loses of the decision about paths; undefined where it does not.
 * It asks the decision itself, right by right.
 */
export function pathRefusal(policy: Policy, target: Target, hook: string, known: Known): number | undefined {
  const decision = decisionAt(policy, 'path');
  if (!target.bpfLsm || target.landlock === 0 || decision?.otherwise.effect.kind !== 'deny') return undefined;
  if (decision.combine === 'first-match' && decision.rules.some(({ effect }) => effect.kind !== 'allow')) {
    return undefined;
  }
  for (const { right, field, asked, above } of needs(hook, known, target)) {
    const path = known.get(field);
    // What lies in a mount of the kernel's own is in no folder.
    const inTree = path === undefined ? undefined : path !== '';
    for (const rule of decision.rules) {
      if (rule.effect.kind === 'allow') continue;
      const rights = right === undefined ? fileSystemRights().map(({ name }) => name) : [right];
      const here = either(rights.map((name) => holds(rule.when, path, name)));
      const higher = above ? liesAbove(rule.when, path) : false;
      const refuses = both(asked, both(inTree, either([here, higher])));
      if (refuses !== false) return refuses === true ? denied : unknown;
    }
    const metadata = hook === 'path_chmod' || hook === 'path_chown';
    if (right === undefined || !(metadata || (right === 'truncate' && target.landlock < 3))) continue;
    const allowed = either(
      decision.rules.filter(({ effect }) => effect.kind === 'allow').map(({ when }) => holds(when, path, right)),
    );
    const refuses = both(asked, both(inTree, allowed === undefined ? undefined : !allowed));
    if (refuses !== false) return refuses === true ? denied : unknown;
  }
  return undefined;
}

export interface Need {
  /** Undefined for any. */
  readonly right: string | undefined;
  readonly field: string;
  /** Whether this call needs it. */
  readonly asked: Answer;
  readonly above: boolean;
}

/** What Landlock asks for at these hooks (`hook_*` in security/landlock/fs.c), in an order of its own, and metadata. */
export function needs(hook: string, known: Known, { kernel }: Target): readonly Need[] {
  const number = (name: string) => known.get(name) as bigint | undefined;
  const one = (right: string | undefined, asked: Answer, field = 'place', above = false): Need => ({
    right,
    field,
    asked,
    above,
  });
  const flags = number('flags');
  const mode = flags === undefined ? undefined : flags & 3n;
  switch (hook) {
    case 'file_open': {
      const type = number('file_mode');
      const isFolder = type === undefined ? undefined : (type & 0o170000n) === 0o040000n;
      const reads = mode === undefined ? undefined : mode === 0n || mode === 2n;
      return [
        one('read_dir', both(reads, isFolder)),
        one('read_file', both(reads, isFolder === undefined ? undefined : !isFolder)),
        one('write_file', mode === undefined ? undefined : mode === 1n || mode === 2n),
        one('execute', flags === undefined ? undefined : (flags & 32n) !== 0n),
        one('ioctl_dev', mode === undefined ? undefined : mode === 3n),
      ];
    }
    case 'path_chmod':
    case 'path_chown':
      return [one('write_file', true)];
    case 'path_truncate':
    case 'file_truncate':
      return [one('truncate', true)];
    case 'path_unlink':
      return [one('remove_file', true)];
    case 'path_rmdir':
      return [one('remove_dir', true)];
    case 'path_mkdir':
      return [one('make_dir', true)];
    case 'path_symlink':
      return [one('make_sym', true)];
    case 'path_mknod': {
      const types: Readonly<Record<number, string>> = {
        2: 'make_char',
        6: 'make_block',
        1: 'make_fifo',
        12: 'make_sock',
      };
      const type = Number((number('mode') ?? 0n) >> 12n);
      const right = type === 0 || type === 8 ? 'make_reg' : types[type];
      return right === undefined ? [] : [one(right, true)];
    }
    case 'path_chroot':
      return [one(undefined, true, 'place', true)];
    case 'path_link':
      return [one(undefined, true, 'old_place'), one('make_reg', true, 'new_place')];
    case 'path_rename': {
      const needed = [one(undefined, true, 'old_place', true), one(undefined, true, 'new_place')];
      const tellsFlags = kernel.major > 5 || (kernel.major === 5 && kernel.minor >= 19);
      const exchanges = flags === undefined ? undefined : (flags & 2n) !== 0n;
      return tellsFlags ? [...needed, one(undefined, exchanges, 'new_place', true)] : needed;
    }
    default:
      return [];
  }
}

export function holds(when: Predicate, path: Value | undefined, right: string): Answer {
  return evaluate(when, {
    attribute: (name) => (name === 'path' ? path : name === 'right' ? right : undefined),
    parameter: () => undefined,
  });
}

/** Whether something that the predicate is about lies in the folder. */
export function liesAbove(when: Predicate, path: Value | undefined): Answer {
  switch (when.kind) {
    case 'and':
    case 'or':
      return either(when.of.map((each) => liesAbove(each, path)));
    case 'beneath': {
      const components = when.pattern.split('/');
      if (components.length <= 2) return false;
      if (typeof path !== 'string') return undefined;
      const own = path === '/' ? 1 : path.split('/').length;
      return path !== '/' && own < components.length && isBeneath(path, components.slice(0, own).join('/'));
    }
    default:
      return false;
  }
}

/** Whether there has to be a program at a hook for what Landlock loses. */
export function demandsProgram(decision: Decision | undefined, hook: string, target: Target): boolean {
  if (!target.bpfLsm || target.landlock === 0 || decision?.otherwise.effect.kind !== 'deny') return false;
  if (hook === 'path_chmod') return true;
  // On older kernels nothing can be attached there.
  if (hook === 'path_chown') return target.kernel.major > 6 || (target.kernel.major === 6 && target.kernel.minor >= 1);
  return hook === 'path_truncate' && target.landlock < 3;
}
