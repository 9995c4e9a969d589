import type { Architecture } from '../../tables/architectures.ts';
import type { Target } from '../../target.ts';

/** One program of a bundle: the name of its files and the architectures whose calls it decides. */
export interface ProgramPlan {
  readonly name: string;
  readonly architectures: readonly Architecture[];
}

/**
 * The programs that a target wants. The calls of x32 come under x86_64's audit value, to the program of any process of
 * that machine, so x32 has a program of its own only where x86_64 has none.
 */
export function programsOf({ architectures, seccomp }: Target): readonly ProgramPlan[] {
  if (seccomp === 'combined') return [{ name: 'combined', architectures }];
  const shared = architectures.includes('x86_64') && architectures.includes('x32');
  return architectures
    .filter((architecture) => !(shared && architecture === 'x32'))
    .map((name) => ({ name, architectures: shared && name === 'x86_64' ? [name, 'x32'] : [name] }));
}
