import { auditPath } from '../../audit/place.ts';
import { readLog } from '../../audit/read-log.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { answerFormat, printDiagnostics } from '../../output.ts';
import { report } from '../../report.ts';
import { auditSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'audit verify',
    summary: auditSummaries.verify,
    operands: '[FILE]',
    operandCount: { least: 0, most: 1 },
    completes: 'files',
    options: {
      head: { type: 'text', value: 'DIGEST', doc: 'a head that was printed before: its record has to be there still' },
      ...answerFormat,
    },
    details:
      'Without FILE the log of POLC_AUDIT_LOG is read, or polc/audit.jsonl in the folder of your state. What is missing at the end only a head tells that was kept elsewhere. Ends with 4 where the log is not whole.',
    examples: ['polc audit verify', 'polc audit verify audit.jsonl --head 5f2c…'],
  },
  async ({ options, operands }, terminal) => {
    const path = auditPath(operands[0]);
    const { head: wanted } = options;
    if (wanted !== undefined && !/^[0-9a-f]{64}$/.test(wanted)) {
      terminal.writeError(
        'polc audit verify: `--head` is no digest\n  = help: it is the 64 hexadecimal digits that an earlier run printed\n',
      );
      return exitCode.usage;
    }
    const log = readLog(path);
    if ('unreadable' in log) {
      await printDiagnostics([log.unreadable], [], 'pretty', terminal);
      return exitCode.environment;
    }
    const span = { file: path, start: 0, end: 0 };
    const found = [];
    if ('broken' in log) found.push(log.broken);
    else {
      const { head, records, cutOff } = log;
      const there = wanted === undefined || wanted === head || records.some(({ previous }) => previous === wanted);
      if (!there) found.push(report('POL8354', span, { path, head: wanted }));
      if (cutOff > 0) found.push(report('POL8355', span, { path, bytes: cutOff }));
    }
    const whole = found.every(({ severity }) => severity !== 'error');
    if (options.format === 'json') {
      const fields = {
        file: path,
        whole,
        ...('broken' in log ? {} : { records: log.records.length, head: log.head, cut_off_bytes: log.cutOff }),
        problems: found.map(({ code, message }) => ({ code, message })),
      };
      terminal.write(`${JSON.stringify(fields, undefined, 2)}\n`);
    } else {
      if (found.length > 0) await printDiagnostics(found, [], 'pretty', terminal);
      if (!('broken' in log) && whole) {
        const { length } = log.records;
        terminal.write(
          `✔ ${path}: ${length} ${length === 1 ? 'record' : 'records'}, none changed\n  head ${log.head}\n`,
        );
      }
    }
    return whole ? exitCode.fine : exitCode.refused;
  },
);
