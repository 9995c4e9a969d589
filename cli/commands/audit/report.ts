import type { AuditSummary, Subject } from '../../../runtime/audit/report/summary.ts';
import { subjects, summarise } from '../../../runtime/audit/report/summary.ts';
import { replaceFile } from '../../../runtime/replace-file.ts';
import { timeAt } from '../../../runtime/signing/time.ts';
import { auditPath } from '../../audit/place.ts';
import { readLog } from '../../audit/read-log.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { failureText } from '../../failure.ts';
import { printDiagnostics } from '../../output.ts';
import { report } from '../../report.ts';
import { columns } from '../../signing/columns.ts';
import { auditSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'audit report',
    summary: auditSummaries.report,
    operands: '[FILE]',
    operandCount: { least: 0, most: 1 },
    completes: 'files',
    options: {
      by: {
        type: 'list',
        value: 'SUBJECTS',
        doc: 'what to count by; policy, person and template unless told',
        choices: subjects,
      },
      since: { type: 'text', value: 'TIME', doc: 'from this day or instant (UTC) on' },
      until: { type: 'text', value: 'TIME', doc: 'to the end of this day, or to this instant' },
      format: { type: 'choice', choices: ['table', 'csv', 'html', 'json'], doc: 'how to write it', default: 'table' },
      out: { type: 'text', value: 'FILE', doc: 'write it to a file', short: 'o', completes: 'files' },
    },
    details:
      'Without FILE the log of POLC_AUDIT_LOG is read, or polc/audit.jsonl in the folder of your state. A log that is not whole is not reported on: `polc audit verify` says where. The page of `--format html` needs no other file.',
    examples: ['polc audit report --since 2026-11-01', 'polc audit report audit.jsonl --format html --out report.html'],
  },
  async ({ options, operands }, terminal) => {
    const since = options.since === undefined ? undefined : timeAt(options.since, 'start');
    const until = options.until === undefined ? undefined : timeAt(options.until, 'end');
    for (const [name, text, at] of [
      ['since', options.since, since],
      ['until', options.until, until],
    ] as const) {
      if (text === undefined || at !== undefined) continue;
      const help = 'write a date such as `2026-11-01`, or an instant such as `2026-11-01T12:00:00Z`';
      terminal.writeError(`polc audit report: \`--${name} ${text}\` is no time\n  = help: ${help}\n`);
      return exitCode.usage;
    }
    const path = auditPath(operands[0]);
    const log = readLog(path);
    if (!('records' in log)) {
      await printDiagnostics(['broken' in log ? log.broken : log.unreadable], [], 'pretty', terminal);
      return 'broken' in log ? exitCode.refused : exitCode.environment;
    }
    const summary = summarise(log.records, {
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
    });
    const asked = subjects.filter((subject) => options.by.includes(subject));
    const wanted = asked.length === 0 ? (['policy', 'person', 'template'] as const) : asked;
    const text = await render(summary, wanted, options.format, { file: path, head: log.head });
    if (options.out === undefined) {
      terminal.write(text);
      return exitCode.fine;
    }
    try {
      replaceFile(options.out, text);
    } catch (error) {
      const failed = report(
        'POL8003',
        { file: options.out, start: 0, end: 0 },
        { path: options.out, reason: failureText(error) },
        { help: 'choose another file with `--out`' },
      );
      await printDiagnostics([failed], [], 'pretty', terminal);
      return exitCode.environment;
    }
    return exitCode.fine;
  },
);

async function render(
  summary: AuditSummary,
  wanted: readonly Subject[],
  format: 'table' | 'csv' | 'html' | 'json',
  log: { readonly file: string; readonly head: string },
): Promise<string> {
  switch (format) {
    case 'csv':
      return (await import('../../../runtime/audit/report/csv.ts')).summaryCsv(summary, wanted);
    case 'html':
      return (await import('../../../runtime/audit/report/html.ts')).summaryHtml(summary, wanted, log);
    case 'json': {
      const by = Object.fromEntries(wanted.map((subject) => [subject, summary.by[subject]]));
      return `${JSON.stringify({ ...summary, by, file: log.file, head: log.head }, undefined, 2)}\n`;
    }
    case 'table':
      return table(summary, wanted);
    default: {
      const unreachable: never = format;
      return unreachable;
    }
  }
}

function table({ launches, refused, first, last, by }: AuditSummary, wanted: readonly Subject[]): string {
  const when = first === undefined || last === undefined ? '' : `, from ${first} to ${last}`;
  const parts = wanted.map((subject) => {
    const rows = by[subject].map((each) => [each.name, String(each.refused), String(each.launches)]);
    return columns([[subject.toUpperCase(), 'REFUSED', 'OF'], ...rows]);
  });
  return [`${refused} of ${launches} launches refused${when}\n`, ...parts].join('\n');
}
