import type { Compilation } from '../compile.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { targetServed } from '../served-architectures.ts';
import { iamAction, nearestAction } from '../tables/iam-actions.ts';
import { isSyscall, syscallNames } from '../tables/syscalls.ts';
import type { Target } from '../target.ts';
import { explainAction } from './action.ts';
import { explainCoverage } from './coverage.ts';
import { explainPath } from './path.ts';
import { explainSyscall } from './syscall.ts';

/**
 * What a policy that compiles says to a question in one word: a system call, an absolute path or an AWS action; nothing
 * asks what becomes of every field. The answer's lines, or what is wrong with the question.
 */
export function explainAsked(compilation: Compilation, asked: string, target: Target): readonly string[] {
  if (asked === '') return explainCoverage(compilation).lines;
  if (asked.startsWith('/')) return explainPath(compilation, asked).lines;
  if (asked.includes(':')) {
    const action = iamAction(asked);
    if (action !== undefined) return explainAction(compilation, action.name, undefined).lines;
    return [`unknown action \`${asked}\``, ...help(nearestAction(asked))];
  }
  if (!isSyscall(asked)) return [`unknown syscall \`${asked}\``, ...help(nearest(asked, syscallNames()))];
  const { architectures } = compilation.policy === undefined ? target : targetServed(compilation.policy, target);
  return explainSyscall(compilation, asked, new Map(), architectures).lines;
}

function help(near: string | undefined): readonly string[] {
  return near === undefined ? [] : [`  = help: did you mean \`${near}\`?`];
}
