import { report } from '../../../compiler/diagnostics/report.ts';
import { readAuditFile } from '../../../runtime/audit/file.ts';
import { AuditFailure } from '../../../runtime/audit/log.ts';
import { connectAws } from '../../../runtime/guardrail/aws/sdk.ts';
import { type ModeHistory, modeHistories } from '../../../runtime/guardrail/promotion.ts';
import { type ResponseStatus, statusOf } from '../../../runtime/guardrail/status.ts';
import { auditPath } from '../../audit/place.ts';
import { defineCommand } from '../../command.ts';
import { diagnosticFields } from '../../diagnostic-fields.ts';
import { exitCode } from '../../exit-codes.ts';
import { sessionOptions } from '../../guardrail/session.ts';
import { printDiagnostics } from '../../output.ts';
import { guardrailSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'guardrail status',
    summary: guardrailSummaries.status,
    operands: '',
    operandCount: { least: 0, most: 0 },
    options: { audit: sessionOptions.audit, format: sessionOptions.format },
    details:
      'Makes no call that changes anything. How long a policy has been in its mode is in the audit log. Ends with 4 where a response is not as it was made, or its time is up.',
    examples: ['polc guardrail status', 'polc guardrail status --audit audit.jsonl --format json'],
  },
  async ({ options }, terminal) => {
    const now = Date.now();
    const path = auditPath(options.audit);
    let histories: readonly ModeHistory[];
    try {
      histories = modeHistories(readAuditFile(path));
    } catch (error) {
      if (!(error instanceof AuditFailure)) throw error;
      const span = { file: `${path}/`, start: 0, end: 0 };
      await printDiagnostics([report('POL8059', span, { path, reason: error.message })], [], 'pretty', terminal);
      return exitCode.environment;
    }
    const { responses, diagnostics } = await statusOf(connectAws(), now);
    if (options.format === 'json') {
      const active = responses.map(({ policyHash, ...rest }) => ({
        ...rest,
        ...(policyHash === undefined ? {} : { policy_hash: policyHash }),
      }));
      const found = diagnostics.map(diagnosticFields);
      terminal.write(`${JSON.stringify({ responses: active, modes: histories, diagnostics: found }, undefined, 2)}\n`);
    } else {
      for (const response of responses) terminal.write(statusText(response));
      if (responses.length === 0 && diagnostics.length === 0) terminal.write('no response is in force\n');
      for (const history of histories) terminal.write(historyText(history, now));
      if (diagnostics.length > 0) await printDiagnostics(diagnostics, [], 'pretty', terminal);
    }
    if (diagnostics.some(({ severity }) => severity === 'error')) return exitCode.environment;
    return responses.some((each) => each.state !== 'active' || hasDrift(each)) ? exitCode.refused : exitCode.fine;
  },
);

function hasDrift({ documents, boundaries }: ResponseStatus): boolean {
  return (
    documents.some(({ missing, surplus }) => missing.length + surplus.length > 0) ||
    boundaries.some(({ state }) => state === 'changed' || state === 'gone')
  );
}

function statusText({
  policy,
  state,
  since,
  expires,
  breach,
  approver,
  documents,
  boundaries,
}: ResponseStatus): string {
  const lines = [`${policy}  ${state}${since === undefined ? '' : ` since ${since}`}`];
  lines.push(expires === 'never' ? 'until a person ends it' : `until ${expires}`);
  if (breach !== undefined) lines.push(`breach ${breach}`);
  if (approver !== undefined) lines.push(`approved by ${approver}`);
  for (const { arn, attached, missing, surplus } of documents) {
    lines.push(arn, ...attached.map((each) => `  attached to ${each}`));
    lines.push(...missing.map((each) => `  detached by hand from ${each}`));
    lines.push(...surplus.map((each) => `  attached by hand to ${each}`));
  }
  for (const { principal, boundary, state: now } of boundaries)
    lines.push(`boundary of ${principal}: ${boundary} (${now})`);
  return `${lines.join('\n    ')}\n`;
}

function historyText({ policy, mode, since, counts, breaches, next }: ModeHistory, now: number): string {
  const days = Math.floor((now - Date.parse(since)) / 86_400_000);
  const would = mode === 'dry_run' ? 'would have responded' : 'called for a response';
  const lines = [
    `${policy}  ${mode} for ${days} ${days === 1 ? 'day' : 'days'}, since ${since}`,
    `${counts.respond} × ${would}, ${counts.unknown} × undecided, ${counts.passes} × let pass`,
    ...breaches.map((breach) => `  ${breach}`),
  ];
  if (next !== undefined) {
    const isDue = Date.parse(next.due) <= now;
    lines.push(
      isDue ? `due for \`mode: ${next.mode}\` since ${next.due}` : `\`mode: ${next.mode}\` is due on ${next.due}`,
    );
  }
  return `${lines.join('\n    ')}\n`;
}
