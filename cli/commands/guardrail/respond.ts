import { readBudgetMap } from '../../../runtime/guardrail/budget-map.ts';
import { readHistory } from '../../../runtime/guardrail/history.ts';
import { type PolicyResponse, type Response, respondTo } from '../../../runtime/guardrail/respond.ts';
import { defineCommand } from '../../command.ts';
import { diagnosticFields } from '../../diagnostic-fields.ts';
import { exitCode } from '../../exit-codes.ts';
import { eventOptions } from '../../guardrail/event-options.ts';
import { policyWords } from '../../guardrail/load-policies.ts';
import { callLines, passedText, responseText } from '../../guardrail/outcome-text.ts';
import { printFindings } from '../../guardrail/print-findings.ts';
import { readFileOrInput } from '../../guardrail/read-file.ts';
import { notifyOption, sessionOptions, withSession } from '../../guardrail/session.ts';
import { noPolicy } from '../../output.ts';
import { guardrailSummaries } from '../../summaries.ts';
import type { Terminal } from '../../terminal.ts';

export const command = defineCommand(
  {
    name: 'guardrail respond',
    summary: guardrailSummaries.respond,
    operands: '[POLICY]...',
    operandCount: { least: 0, most: Number.POSITIVE_INFINITY },
    completes: 'files',
    options: {
      ...eventOptions,
      ...notifyOption,
      ...sessionOptions,
    },
    details:
      'Without POLICY the folder of the environment variable POLICY_DIR is read, or policies. Links for approval lead to POLC_APPROVAL_URL where that is set; else the message says the commands. Ends with 3 where something could not be done.',
    examples: [
      'polc guardrail respond policies --event budgets.json --dry-run',
      'polc guardrail respond --event - < event.json',
    ],
  },
  async ({ options, operands }, terminal) => {
    const say = (problem: string) => terminal.writeError(`polc guardrail respond: ${problem}\n`);
    const path = options.event;
    if (path === undefined) {
      say('there is no event\n  = help: name its file with `--event FILE`, or `-`');
      return exitCode.usage;
    }
    const texts: string[] = [];
    const named = new Map<string, string>();
    for (const file of [path, options['budget-map'], options.history]) {
      const read = file === undefined ? { bytes: new Uint8Array() } : readFileOrInput(file);
      if ('problem' in read) {
        say(read.problem);
        return exitCode.environment;
      }
      const content = new TextDecoder('utf-8', { ignoreBOM: true }).decode(read.bytes);
      texts.push(content);
      if (file !== undefined) named.set(file, content);
    }
    const [text = '', mapText = '', historyText = ''] = texts;
    const mapped = options['budget-map'] === undefined ? undefined : readBudgetMap(options['budget-map'], mapText);
    const past = options.history === undefined ? undefined : readHistory(options.history, historyText);
    const wrong = [...(mapped?.diagnostics ?? []), ...(past?.diagnostics ?? [])];
    if (wrong.some(({ severity }) => severity === 'error')) {
      printFindings(wrong, named, terminal);
      return exitCode.policy;
    }
    const words = policyWords(operands);
    const request = {
      verb: 'respond',
      policies: words,
      dryRun: options['dry-run'],
      notify: !options['no-notify'],
      audit: options.audit,
    };
    return withSession(request, terminal, async ({ world, guardrails }) => {
      if (guardrails.length === 0) {
        say(noPolicy(words));
        return exitCode.usage;
      }
      const response = await respondTo(text, path, guardrails, world, {
        ...(mapped?.map === undefined ? {} : { budgetMap: mapped.map }),
        ...(past?.history === undefined ? {} : { history: past.history }),
      });
      print(response, options.format, options['dry-run'], named, terminal);
      return codeOf(response);
    });
  },
);

function codeOf({ events, diagnostics }: Response): number {
  if (events.some(({ policies }) => policies.some(isFailed))) return exitCode.environment;
  return diagnostics.some(({ severity }) => severity === 'error') ? exitCode.policy : exitCode.fine;
}

function isFailed({ result, diagnostics }: PolicyResponse): boolean {
  return result === 'failed' || diagnostics.some(({ severity }) => severity === 'error');
}

function print(
  { events, diagnostics }: Response,
  format: 'pretty' | 'json',
  dryRun: boolean,
  texts: ReadonlyMap<string, string>,
  terminal: Terminal,
): void {
  if (format === 'json') {
    const fields = {
      dry_run: dryRun,
      events: events.map(({ event, policies, passed }) => ({
        event_id: event.id,
        passed,
        policies: policies.map((each) => ({
          policy: each.policy,
          mode: each.mode.replace('-', '_'),
          breach: each.breach,
          result: each.result,
          ...(each.why === undefined ? {} : { why: each.why }),
          ...(each.missing === undefined ? {} : { missing: each.missing }),
          ...(each.token === undefined ? {} : { token: each.token }),
          ...(each.outcome === undefined ? {} : { outcome: each.outcome.result, calls: each.outcome.calls }),
          ...(each.outcome?.expires === undefined ? {} : { expires: each.outcome.expires }),
          diagnostics: each.diagnostics.map(diagnosticFields),
        })),
      })),
      diagnostics: diagnostics.map(diagnosticFields),
    };
    terminal.write(`${JSON.stringify(fields, undefined, 2)}\n`);
    return;
  }
  for (const { policies, passed } of events) {
    terminal.write(passedText(passed));
    for (const each of policies) {
      terminal.write(`${responseText(each)}\n${callLines(each.outcome?.calls ?? [])}`);
      if (each.token !== undefined) terminal.write(`    polc guardrail approve ${each.token}\n`);
    }
  }
  const found = [...diagnostics, ...events.flatMap(({ policies }) => policies.flatMap((each) => each.diagnostics))];
  if (found.length > 0) printFindings(found, texts, terminal);
}
