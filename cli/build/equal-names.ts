import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { Span } from '../../compiler/source/span.ts';
import { report } from '../report.ts';

/** A policy that was read whole. */
export interface NamedPolicy {
  readonly path: string;
  readonly name: string;
}

/**
 * The error at every policy that has the name of an earlier one: they would share a folder of the output, and what
 * guardrails create in AWS.
 *
 * @param textOf the policy's text, for the place of the name; undefined where it cannot be had
 */
export function equalNames(
  policies: readonly NamedPolicy[],
  textOf: (path: string) => string | undefined,
): readonly Diagnostic[] {
  const first = new Map<string, NamedPolicy>();
  return policies.flatMap((policy) => {
    const other = first.get(policy.name);
    if (other === undefined) {
      first.set(policy.name, policy);
      return [];
    }
    const related = [{ span: nameSpan(other, textOf), label: 'the other policy' }];
    return [report('POL5021', nameSpan(policy, textOf), { name: policy.name }, { related })];
  });
}

/** The name where it is the value of a key, quoted or not; the beginning of the file where no such place is found. */
function nameSpan({ path, name }: NamedPolicy, textOf: (path: string) => string | undefined): Span {
  const written = new RegExp(`: *["']?(?=${name.replace(/[^\w]/g, '\\$&')}["']? *(?:#.*)?\\r?$)`, 'm');
  const found = written.exec(textOf(path) ?? '');
  if (found === null) return { file: path, start: 0, end: 0 };
  const start = found.index + found[0].length;
  return { file: path, start, end: start + name.length };
}
