import { report } from '../diagnostics/report.ts';
import { argumentNames, pointerArguments } from '../tables/syscall-arguments.ts';
import type { ArgumentOperand, RuleContext } from './argument-operand.ts';

/**
 * Says that an argument is a pointer to one of the rule's calls, or that a call does not take so many arguments.
 *
 * @param asNull true where the argument is only asked to be zero or not, which says something about a pointer too
 */
export function checkArgument({ index, range }: ArgumentOperand, asNull: boolean, context: RuleContext): void {
  const { syscalls, diagnostics, spanOf } = context;
  if (!asNull) {
    const call = syscalls.find((name) => pointerArguments(name).includes(index));
    if (call !== undefined) {
      const name = argumentNames(call)?.[index] ?? '';
      diagnostics.push(report('POL4007', spanOf(range), { argument: `arg${index}`, call, name }));
      return;
    }
  }
  for (const call of syscalls) {
    const names = argumentNames(call);
    if (names === undefined || index < names.length) continue;
    const takes =
      names.length === 0 ? 'no arguments' : names.length === 1 ? 'one argument' : `${names.length} arguments`;
    const list = names.map((name, at) => `\`arg${at}\` is \`${name}\``).join(', ');
    const notes = list === '' ? [] : [`of \`${call}\` ${list}`];
    diagnostics.push(report('POL4008', spanOf(range), { argument: `arg${index}`, call, takes }, { notes }));
    return;
  }
}
