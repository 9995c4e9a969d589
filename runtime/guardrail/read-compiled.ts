import type { CompiledGuardrail } from '../../compiler/backends/guardrail/format.ts';
import { readCompiled } from '../../compiler/verify/guardrail/read-compiled.ts';
import { GuardrailDifference } from '../../compiler/verify/guardrail/read-predicate.ts';

/**
 * Reads `guardrail/policy.json` back, by the reader that proved it when it was built.
 *
 * @returns undefined where it is not of the format that this version reads
 */
export function readCompiledGuardrail(text: string): CompiledGuardrail | undefined {
  try {
    return readCompiled(text);
  } catch (problem) {
    if (problem instanceof GuardrailDifference) return undefined;
    throw problem;
  }
}
