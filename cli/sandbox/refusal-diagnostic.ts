import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { Span } from '../../compiler/source/span.ts';
import type { LoadRefusal } from '../../runtime/hook-programs/refusal.ts';
import { report } from '../report.ts';

const codes = { object: 'POL8420', kernel: 'POL8421', verifier: 'POL8422' } as const;

/**
 * @param file the policy or the object that was to be loaded
 * @param at where the policy asks for the programs, where it was compiled
 */
export function refusalDiagnostic({ by, problem, help }: LoadRefusal, file: string, at?: Span): Diagnostic {
  return report(codes[by], at ?? { file, start: 0, end: 0 }, { problem }, { help });
}
