import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { positionAt } from '../../source/text.ts';
import type { YamlNode } from '../../source/tree.ts';
import { acceptancesOf } from '../acceptance.ts';
import type { Resolved } from '../dialect.ts';
import type { Loader } from '../loader.ts';
import { type Inherited, inherit } from './inherit.ts';
import { lowerGuardrail } from './lower/index.ts';
import { shape } from './shape.ts';

/** Decodes a policy with everything that it extends. */
export function resolveGuardrail(root: YamlNode, loader: Loader, diagnostics: Diagnostic[]): Resolved | undefined {
  const inherited = inherit(root, loader, diagnostics);
  const found: Diagnostic[] = [];
  const document = shape.decode(inherited.root, { diagnostics: found });
  for (const diagnostic of found) {
    const missing = diagnostic.code === 'POL2002';
    // What a base that cannot be read would have said is not missing.
    if (missing && !inherited.whole) continue;
    diagnostics.push(missing && isAboutMode(diagnostic) ? withSafestMode(diagnostic, root, inherited) : diagnostic);
  }
  if (document === undefined) return undefined;
  return {
    accepted: acceptancesOf(document.accept),
    lower: (target, diagnostics) =>
      lowerGuardrail({ document, path: loader.source.path, ...inherited, target, diagnostics }),
  };
}

function isAboutMode({ message }: Diagnostic): boolean {
  return message.includes('`mode`');
}

/** The mode that does nothing is what an author can be given who named none. */
function withSafestMode(diagnostic: Diagnostic, root: YamlNode, { sources }: Inherited): Diagnostic {
  const first = root.kind === 'map' ? root.entries[0]?.span : undefined;
  const source = first === undefined ? undefined : sources.get(first.file);
  if (root.kind !== 'map' || first === undefined || source === undefined) return diagnostic;
  const separator = root.flow ? ', ' : `\n${' '.repeat(positionAt(source, first.start).column)}`;
  const edit = { span: { ...first, end: first.start }, newText: `mode: dry_run${separator}` };
  return { ...diagnostic, fixes: [{ title: 'add `mode: dry_run`', certain: false, edits: [edit] }] };
}
