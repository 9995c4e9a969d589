import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { Shape } from '../../compiler/schema/shape.ts';
import { decode } from '../../compiler/source/decode.ts';
import { parseYaml } from '../../compiler/source/parse-yaml.ts';

/** Reads a YAML or JSON file of a given shape, with the diagnostics that a policy would have. Never throws. */
export function readYamlData<T>(
  path: string,
  content: Uint8Array | string,
  shape: Shape<T>,
): { readonly value: T | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const { source, diagnostic } = decode(path, content);
  if (diagnostic !== undefined) return { value: undefined, diagnostics: [diagnostic] };
  const { root, diagnostics } = parseYaml(source);
  if (root === undefined) return { value: undefined, diagnostics };
  const found = [...diagnostics];
  const value = shape.decode(root, { diagnostics: found });
  return { value, diagnostics: found };
}
