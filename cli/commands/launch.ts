import { AuditFailure } from '../../runtime/audit/log.ts';
import { alternatives } from '../../runtime/launch/alternatives.ts';
import type { LaunchAsked } from '../../runtime/launch/asked.ts';
import { budgetText } from '../../runtime/launch/budget-text.ts';
import { failedCall } from '../../runtime/launch/failed-call.ts';
import { type LaunchOutcome, launch } from '../../runtime/launch/launch.ts';
import { validationResult } from '../../runtime/launch/validation-result.ts';
import { type DecidedLaunch, launchReport, placesIn } from '../../runtime/launch/wording.ts';
import { defineCommand } from '../command.ts';
import { exitCode } from '../exit-codes.ts';
import { findingCode } from '../launch/finding-code.ts';
import { givenLaunch, launchOptions, unknownHelp } from '../launch/launch-options.ts';
import { type LaunchFiles, readLaunch } from '../launch/launch-world.ts';
import { otherTemplates } from '../launch/other-templates.ts';
import { printFindings } from '../launch/print-chain.ts';
import { printDiagnostics } from '../output.ts';
import { report } from '../report.ts';
import { summaries } from '../summaries.ts';
import type { Terminal } from '../terminal.ts';

export const command = defineCommand(
  {
    name: 'launch',
    summary: summaries.launch,
    operands: 'TEMPLATE|IMAGE NAME',
    operandCount: { least: 2, most: 2 },
    completes: 'files',
    options: launchOptions,
    details:
      'TEMPLATE is a template by its name or file, IMAGE one by its id or, in this account, its name. Institution, profile, invitation, template and image decide together; each rule is printed with what it says, and every decision is in the audit log. One NAME is one instance: a second run finds what the first one started. Ends with 4 where the launch is refused, with 3 where AWS or the machine failed.',
    examples: [
      'polc launch python-ml my-project --region us-west-2',
      'polc launch python-ml my-project --instance-type t3.large --profile cs101 --tag Project=thesis --dry-run',
      'polc launch ami-0abc123def456789a my-project --region us-west-2 --format json',
    ],
  },
  async ({ options, operands }, terminal) => {
    const usage = (problem: string, help: string) => {
      terminal.writeError(`polc launch: ${problem}\n  = help: ${help}\n`);
      return exitCode.usage;
    };
    const given = givenLaunch(options, operands);
    if ('problem' in given) return usage(given.problem, given.help);
    try {
      const files = await readLaunch(given.launched, given.region, options);
      if ('errors' in files) {
        printFindings(files.errors, files.sources, terminal);
        return findingCode(files.errors);
      }
      if (options.format === 'pretty') printFindings(files.warnings, files.sources, terminal);
      const { template, askedTemplate, askedProfile, world } = files;
      const asked: LaunchAsked = {
        ...given,
        ...(template === undefined ? {} : { launched: template.name }),
        ...(askedTemplate === undefined ? {} : { template: askedTemplate }),
        ...(askedProfile === undefined ? {} : { profile: askedProfile }),
      };
      const outcome = await launch(asked, world);
      if (outcome.prepared.found.unknown) {
        const names = files.library.templates().map(({ name }) => name);
        return usage(outcome.prepared.problems[0] ?? '', unknownHelp(asked.launched, names));
      }
      await print(outcome, asked, files, options.format, terminal);
      return codeOf(outcome);
    } catch (error) {
      if (!(error instanceof AuditFailure)) throw error;
      const { path, message: reason } = error;
      const span = { file: path, start: 0, end: 0 };
      await printDiagnostics([report('POL8322', span, { path, reason })], [], 'pretty', terminal);
      return exitCode.environment;
    }
  },
);

function codeOf({ result, verdict, failure, unwritten }: LaunchOutcome): number {
  if (result === 'failed' || result === 'uncertain' || unwritten !== undefined) return exitCode.environment;
  if (result !== 'refused') return exitCode.fine;
  // Where AWS says no, the answer is no; where it says nothing, nobody knows.
  const holds = verdict.steps.every(({ outcome }) => outcome === 'holds');
  const isDenied = failure === undefined || /^(UnauthorizedOperation|AccessDenied)$/.test(failure.code);
  return holds && !isDenied ? exitCode.environment : exitCode.refused;
}

async function print(
  outcome: LaunchOutcome,
  asked: LaunchAsked,
  files: LaunchFiles,
  format: 'pretty' | 'json',
  terminal: Terminal,
): Promise<void> {
  const { result, instance, failure, uncounted, unwritten, prepared } = outcome;
  const decided = decidedBy(outcome, asked, files);
  const said = launchReport(decided);
  if (format === 'json') {
    const { found, policyHash } = prepared;
    const signature = found.image?.tags.get('polc:signature');
    const image = found.carried && {
      metadata: found.carried.metadata,
      ...(signature === undefined ? {} : { signature }),
    };
    const fields = {
      result: result.replaceAll('-', '_'),
      dry_run: asked.dryRun,
      name: asked.name,
      region: asked.region,
      instance: instance === undefined ? null : { id: instance.id, state: instance.state },
      failure: failure === undefined ? null : { action: failure.action, code: failure.code, message: failure.message },
      ...validationResult(decided, said, policyHash, image),
    };
    terminal.write(`${JSON.stringify(fields, undefined, 2)}\n`);
  } else {
    const lines = result === 'runs' ? [] : [...said.lines];
    const where = `${instance?.id} in ${asked.region}`;
    if (result === 'runs')
      lines.push(
        `→ ${asked.name} ${instance?.state === 'stopped' ? 'is there' : 'runs'} already: ${where} (${instance?.state})`,
      );
    if (result === 'started') lines.push(`→ Started ${where}`);
    if (result === 'would-start') lines.push('→ Dry run: AWS would start it, and nothing was started');
    terminal.write(`${lines.join('\n')}\n`);
  }
  const span = { file: `${asked.region}/${asked.name}`, start: 0, end: 0 };
  if (result === 'failed' && failure !== undefined) {
    await printDiagnostics([failedCall(failure, span)], [], 'pretty', terminal);
  }
  if (result === 'uncertain' && failure !== undefined) {
    const reason = `${failure.message} (${failure.code})`;
    await printDiagnostics([report('POL8320', span, { name: asked.name, reason })], [], 'pretty', terminal);
  }
  if (uncounted.length > 0) {
    const count = uncounted.length === 1 ? '1 instance' : `${uncounted.length} instances`;
    const instances = uncounted.map(({ instance, region }) => `\`${instance.id}\` in ${region}`).join(', ');
    const values = { count, profile: asked.profile?.name ?? '-', instances };
    await printDiagnostics([report('POL8323', span, values)], [], 'pretty', terminal);
  }
  if (unwritten !== undefined) {
    const values = { instance: instance?.id ?? '', reason: `${unwritten.path}: ${unwritten.message}` };
    await printDiagnostics([report('POL8321', span, values)], [], 'pretty', terminal);
  }
}

/** The decision as it is told, with what else would be allowed. */
function decidedBy(outcome: LaunchOutcome, asked: LaunchAsked, files: LaunchFiles): DecidedLaunch {
  const { prepared, facts, verdict, reading, factsFor } = outcome;
  const { policy, found, cost, unsigned } = prepared;
  const offers = outcome.result === 'refused' && verdict.problems.length === 0;
  return {
    policy,
    facts,
    verdict,
    place: placesIn(files.sources),
    ...(found.kind === 'built' && found.image !== undefined ? { image: found.image.id } : {}),
    ...(cost === undefined ? {} : { costFrom: cost.from }),
    ...(unsigned === undefined ? {} : { unsigned }),
    spending: (attribute, limit) => {
      if ('problem' in reading) return reading.problem;
      return isBudget(attribute) ? budgetText(attribute, reading.spend, limit) : undefined;
    },
    ...(offers
      ? { alternatives: alternatives({ policy, facts, factsFor, ...otherTemplates(outcome, asked, files) }) }
      : {}),
    audited: policy.obligations.some(({ kind }) => kind === 'audit'),
  };
}

function isBudget(attribute: string): attribute is Parameters<typeof budgetText>[0] {
  return attribute === 'hourly_spend' || attribute === 'daily_spend' || attribute === 'monthly_spend';
}
