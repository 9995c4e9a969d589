import {
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  CodeActionRequest,
  type Diagnostic as LspDiagnostic,
} from 'vscode-languageserver';
import type { Diagnostic, Fix } from '../../compiler/diagnostics/diagnostic.ts';
import { applyFixes } from '../../compiler/diagnostics/fixes.ts';
import { allowances } from '../../compiler/editor/allow.ts';
import { everyFinding } from '../../compiler/editor/findings.ts';
import { organiseEdits } from '../../compiler/editor/organise.ts';
import { groupingsAt } from '../../compiler/editor/organise-groups.ts';
import { toLsp } from '../diagnostics.ts';
import { offsetOf } from '../positions.ts';
import type { Session } from '../session.ts';
import { workspaceEdit } from '../workspace-edit.ts';
import { type Asked, type Feature, onDocument } from './feature.ts';

/** Every correction of a document that is beyond doubt, at once; editors run it when a file is saved. */
const fixAll = `${CodeActionKind.SourceFixAll}.polc`;

/** Lists in which the order means nothing, sorted; editors run it when a file is saved, where people want that. */
const organise = `${CodeActionKind.Source}.organise.polc`;

/** Who asks about more findings at once wants them mended. */
const mostAllowed = 40;

/** Corrections: one action for each fix that a finding has, those that accept or allow it, and one for all that are certain. */
export const codeAction: Feature = {
  capabilities: ({ codeActionLiterals }) =>
    codeActionLiterals
      ? {
          codeActionProvider: {
            codeActionKinds: [CodeActionKind.QuickFix, CodeActionKind.RefactorRewrite, fixAll, organise],
          },
        }
      : {},
  register(connection, session) {
    onDocument(connection, session, CodeActionRequest.type, async (asked, params, token) => {
      // Fixes are of the text as it is now.
      const document = await asked.session.compiled(asked.document.path, token);
      return document === undefined ? null : actions({ ...asked, document }, params);
    });
  },
};

function actions(asked: Asked, { range, context }: CodeActionParams): CodeAction[] {
  const { session, document } = asked;
  const wants = (kind: string) =>
    context.only === undefined || context.only.some((only) => kind === only || kind.startsWith(`${only}.`));
  const findings = session.findings(document);
  const start = offsetOf(document.source, range.start);
  const end = offsetOf(document.source, range.end);
  const found: CodeAction[] = [];
  if (wants(CodeActionKind.QuickFix)) {
    let shown: readonly LspDiagnostic[] | undefined;
    let allowed = 0;
    // To live with a finding comes after what would mend one.
    const lastly: CodeAction[] = [];
    for (const [index, finding] of findings.entries()) {
      if (finding.span.start > end || finding.span.end < start) continue;
      const ways = allowed < mostAllowed ? allowances(document, finding) : [];
      allowed += ways.length;
      if (finding.fixes.length + ways.length === 0) continue;
      shown ??= toLsp(findings, document, session);
      for (const fix of finding.fixes) found.push(quickFix(fix, shown[index], session));
      for (const way of ways) lastly.push(quickFix(way, shown[index], session));
    }
    found.push(...lastly);
  }
  if (wants(CodeActionKind.RefactorRewrite)) {
    const { architectures } = session.configurations.projectOf(document.path).config.target;
    for (const { group, calls, edits } of groupingsAt(document, start, architectures)) {
      found.push({
        title: `Say ${calls} syscalls as \`${group}\``,
        kind: CodeActionKind.RefactorRewrite,
        edit: workspaceEdit(edits, session),
      });
    }
  }
  if (wants(fixAll)) {
    const every = session.settings.diagnostics
      ? fixEverything(everyFinding(document, session.workspace), asked)
      : undefined;
    if (every !== undefined) found.push(every);
  }
  if (wants(organise)) {
    const edits = organiseEdits(document);
    if (edits.length > 0) {
      found.push({ title: 'Sort what has no order', kind: organise, edit: workspaceEdit(edits, session) });
    }
  }
  return found;
}

function quickFix(fix: Fix, shown: LspDiagnostic | undefined, session: Session): CodeAction {
  return {
    title: `${fix.title[0]?.toUpperCase() ?? ''}${fix.title.slice(1)}`,
    kind: CodeActionKind.QuickFix,
    ...(shown === undefined ? {} : { diagnostics: [shown] }),
    ...(session.client.isPreferred ? { isPreferred: fix.certain } : {}),
    edit: workspaceEdit(fix.edits, session),
  };
}

function fixEverything(findings: readonly Diagnostic[], { session }: Asked): CodeAction | undefined {
  const { applied } = applyFixes(findings, (path) => session.sourceOf(path), 'certain');
  const fixes = new Set(applied.map(({ fixes: its }) => its.find(({ certain }) => certain)));
  const edits = [...fixes].flatMap((fix) => fix?.edits ?? []);
  const keyed = edits.map((edit) => {
    const { span, newText } = edit;
    return [`${span.start} ${span.end} ${span.file}\n${newText}`, edit] as const;
  });
  const distinct = [...new Map(keyed).values()];
  return distinct.length === 0
    ? undefined
    : { title: 'Fix everything that is certain', kind: fixAll, edit: workspaceEdit(distinct, session) };
}
