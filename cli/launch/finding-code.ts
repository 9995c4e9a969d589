import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { exitCode } from '../exit-codes.ts';

/** What a command ends with that could not read what decides: no profile has the name, a file is unreadable, or wrong. */
export function findingCode(diagnostics: readonly Diagnostic[]): number {
  const has = (wanted: string) => diagnostics.some(({ code }) => code === wanted);
  if (has('POL8314')) return exitCode.usage;
  return has('POL8002') ? exitCode.environment : exitCode.policy;
}
