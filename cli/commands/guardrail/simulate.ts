import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import type { Sources } from '../../../compiler/diagnostics/render/sources.ts';
import { sourceText } from '../../../compiler/source/text.ts';
import { readBudgetMap } from '../../../runtime/guardrail/budget-map.ts';
import { readEvents } from '../../../runtime/guardrail/events/read-events.ts';
import { readHistory } from '../../../runtime/guardrail/history.ts';
import { LocalClock } from '../../../runtime/guardrail/local-time.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { eventOptions } from '../../guardrail/event-options.ts';
import { readInstant } from '../../guardrail/instant.ts';
import { loadGuardrails, policyWords } from '../../guardrail/load-policies.ts';
import { printFindings } from '../../guardrail/print-findings.ts';
import { readFileOrInput } from '../../guardrail/read-file.ts';
import { simulate } from '../../guardrail/simulation.ts';
import { simulationJson } from '../../guardrail/simulation-json.ts';
import { simulationText } from '../../guardrail/simulation-text.ts';
import { answerFormat, diskSources, noPolicy, printDiagnostics } from '../../output.ts';
import { findProject } from '../../project.ts';
import { summaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'simulate',
    summary: summaries.simulate,
    operands: '[POLICY]...',
    operandCount: { least: 0, most: Number.POSITIVE_INFINITY },
    completes: 'files',
    options: {
      ...eventOptions,
      at: { type: 'text', value: 'TIME', doc: 'when, as 2026-11-23T09:00:00Z; now unless told' },
      ...answerFormat,
      'exit-code': { type: 'flag', doc: 'end with 4 when no policy matches any of the events' },
    },
    details:
      'Without POLICY the folder of the environment variable POLICY_DIR is read, or policies. Nothing is called and nothing is changed.',
    examples: [
      'polc simulate policies --event budgets.json',
      'polc simulate ci.yaml --event - --at 2026-11-23T09:00:00+09:00 < event.json',
      'polc simulate policies --event budgets.json --budget-map budgets.yaml --format json',
    ],
  },
  async ({ options, operands }, terminal) => {
    const say = (problem: string) => terminal.writeError(`polc simulate: ${problem}\n`);
    const usage = (problem: string, help: string) => {
      say(`${problem}\n  = help: ${help}`);
      return exitCode.usage;
    };
    if (options.event === undefined) return usage('there is no event', 'name its file with `--event FILE`, or `-`');
    const at = options.at === undefined ? Date.now() : readInstant(options.at);
    if (at === undefined) {
      return usage(`\`--at ${options.at}\` is no time`, 'write it with its offset: 2026-11-23T09:00:00Z');
    }
    const project = await findProject();
    if (!project.ok) {
      await printDiagnostics(project.diagnostics, [], 'pretty', terminal);
      return exitCode.policy;
    }
    const words = policyWords(operands);
    const loaded = loadGuardrails(words, project);
    for (const problem of loaded.problems) say(problem);
    if (loaded.problems.length > 0) return exitCode.environment;

    const diagnostics: Diagnostic[] = [...loaded.diagnostics];
    const texts = new Map<string, string>();
    const read = (path: string): string | undefined => {
      const file = readFileOrInput(path);
      if ('problem' in file) {
        say(file.problem);
        return undefined;
      }
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(file.bytes);
      texts.set(path, text);
      return text;
    };
    const eventText = read(options.event);
    const mapPath = options['budget-map'];
    const mapText = mapPath === undefined ? '' : read(mapPath);
    const historyText = options.history === undefined ? '' : read(options.history);
    if (eventText === undefined || mapText === undefined || historyText === undefined) return exitCode.environment;
    const { events, diagnostics: ofEvents } = readEvents(eventText, options.event);
    const mapped = mapPath === undefined ? undefined : readBudgetMap(mapPath, mapText);
    const history = options.history === undefined ? undefined : readHistory(options.history, historyText);
    diagnostics.push(...ofEvents, ...(mapped?.diagnostics ?? []), ...(history?.diagnostics ?? []));
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    if (errors.length > 0) {
      printFindings(errors, texts, terminal);
      return exitCode.policy;
    }
    if (loaded.policies.length === 0) {
      say(noPolicy(words));
      return exitCode.usage;
    }
    const evaluation = {
      at,
      clock: new LocalClock(),
      ...(mapped?.map === undefined ? {} : { budgetMap: mapped.map }),
      ...(history?.history === undefined ? {} : { history: history.history }),
    };
    const simulated = events.map((event) => simulate(event, loaded.policies, evaluation));
    const onDisk = diskSources();
    const sources: Sources = (path) => {
      const text = texts.get(path);
      return text === undefined ? onDisk(path) : sourceText(path, text);
    };
    const time = new Date(at).toISOString();
    terminal.write(
      options.format === 'json'
        ? `${JSON.stringify(simulationJson(simulated, time, sources), undefined, 2)}\n`
        : simulationText(simulated, time, sources),
    );
    const matched = simulated.some(({ policies }) => policies.some(({ outcome }) => outcome === 'matches'));
    return options['exit-code'] && !matched ? exitCode.refused : exitCode.fine;
  },
);
