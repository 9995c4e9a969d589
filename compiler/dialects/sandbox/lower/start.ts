import type { Diagnostic, TextEdit } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import type { Decision, Effect } from '../../../ir/policy.ts';
import { positionAt } from '../../../source/text.ts';
import type { Architecture } from '../../../tables/architectures.ts';
import { neededToStart } from '../../../tables/program-start.ts';
import type { SeccompDocument } from '../shape.ts';
import type { CallEffects } from './call-effects.ts';
import type { Picked } from './lowering.ts';

/**
 * Says when no program could start under the filter: which calls of a libc's start it refuses. The launcher's own exec
 * needs no rule, so execve does not count.
 */
export function checkStart(
  { otherwise }: Decision,
  effectOf: CallEffects,
  architectures: readonly Architecture[],
  documents: readonly Picked<SeccompDocument>[],
  diagnostics: Diagnostic[],
): void {
  const kind = startKind(otherwise.effect);
  const missing = new Set<string>();
  for (const architecture of architectures) {
    for (const syscall of neededToStart(architecture, kind, 'dynamic')) {
      if (syscall !== 'execve' && isRefused(effectOf(architecture, syscall))) missing.add(syscall);
    }
  }
  if (missing.size === 0) return;
  const holder = documents.find((document) => document.value.allow !== undefined);
  const allow = holder?.value.allow;
  const at = allow ?? documents[0]!.value.default ?? documents[0]!;
  const edit =
    allow === undefined ? ownList(documents[0]!) : insertion({ ...allow, by: holder!.by, source: holder!.source });
  diagnostics.push(
    report(
      'POL5010',
      allow?.key ?? at.span,
      {
        count: missing.size,
        missing: [...missing]
          .sort()
          .map((name) => `\`${name}\``)
          .join(', '),
      },
      {
        fixes:
          edit === undefined
            ? []
            : [{ title: 'allow what a start needs: `@basic-start`', certain: false, edits: [edit] }],
      },
    ),
  );
}

/** What a program needs to start depends on whether a refused call kills it. */
export function startKind(fallback: Effect): 'kill' | 'errno' {
  return fallback.kind === 'errno' ? 'errno' : 'kill';
}

/** True only where no argument could make the call pass: an undecided call counts as allowed. */
function isRefused(effect: Effect | undefined): boolean {
  return (
    effect !== undefined &&
    effect.kind !== 'allow' &&
    effect.kind !== 'log' &&
    effect.kind !== 'notify' &&
    effect.kind !== 'trace'
  );
}

/** A list above the default, where there is none to which the group could be added. */
function ownList({ value, source }: Picked<SeccompDocument>): TextEdit | undefined {
  const key = value.default?.key;
  if (key === undefined) return undefined;
  const { line, column } = positionAt(source, key.start);
  const before = source.text.slice(source.lineStarts[line], key.start);
  const span = { file: key.file, start: key.start, end: key.start };
  return { span, newText: `allow: ["@basic-start"]${before.trim() === '' ? `\n${' '.repeat(column)}` : ', '}` };
}

function insertion(allow: Picked<readonly unknown[]>): TextEdit | undefined {
  if (allow.node.kind !== 'sequence') return undefined;
  if (allow.node.items.length === 0) {
    const { start, file } = allow.node.span;
    return { span: { file, start: start + 1, end: start + 1 }, newText: '"@basic-start"' };
  }
  const { start, file } = allow.node.items[0]!.span;
  const span = { file, start, end: start };
  // Before the first item: `[read` becomes `["@basic-start", read`, and `- read` becomes `- "@basic-start"` and `- read`.
  if (allow.node.flow) return { span, newText: '"@basic-start", ' };
  const { column } = positionAt(allow.source, allow.node.span.start);
  return { span, newText: `"@basic-start"\n${' '.repeat(column)}- ` };
}
