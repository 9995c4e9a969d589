import type { CompiledGuardrail } from '../../compiler/backends/guardrail/format.ts';

/**
 * Reads `guardrail/policy.json` back. What was built is trusted, as code is: its digest stands in the manifest beside it.
 *
 * @returns undefined where it is not of the format that this version reads
 */
export function readCompiledGuardrail(text: string): CompiledGuardrail | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text, readInteger);
  } catch {
    return undefined;
  }
  return isCompiled(value) ? value : undefined;
}

function isCompiled(value: unknown): value is CompiledGuardrail {
  return (
    typeof value === 'object' &&
    value !== null &&
    'format' in value &&
    value.format === 'polc-guardrail-1' &&
    'conditions' in value &&
    Array.isArray(value.conditions) &&
    'response' in value
  );
}

/** Integers of predicates, which JSON has none of, are written `{"integer": "540"}`. */
function readInteger(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('integer' in value)) return value;
  return typeof value.integer === 'string' && /^[0-9]+$/.test(value.integer) ? BigInt(value.integer) : value;
}
