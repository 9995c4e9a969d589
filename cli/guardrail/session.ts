import { dirname } from 'node:path';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { openAuditFile } from '../../runtime/audit/file.ts';
import { AuditFailure, type AuditLog } from '../../runtime/audit/log.ts';
import { approvalWays } from '../../runtime/guardrail/approval/ways.ts';
import { connectAws } from '../../runtime/guardrail/aws/sdk.ts';
import { slackTeller } from '../../runtime/guardrail/notify/tell.ts';
import { type Guardrails, type ResponseWorld, rememberedActions } from '../../runtime/guardrail/world.ts';
import { actor, auditOption, auditPath } from '../audit/place.ts';
import { exitCode } from '../exit-codes.ts';
import { failureText } from '../failure.ts';
import { makeFolders } from '../folders.ts';
import { answerFormat, printDiagnostics } from '../output.ts';
import { findProject } from '../project.ts';
import type { Terminal } from '../terminal.ts';
import { loadGuardrails } from './load-policies.ts';

/** Options of every verb that acts. */
export const sessionOptions = {
  'dry-run': { type: 'flag', doc: 'say what would be done, and change nothing', short: 'n' },
  ...auditOption,
  ...answerFormat,
} as const;

export const notifyOption = {
  'no-notify': { type: 'flag', doc: 'send nothing to Slack, and do not read where it would be sent' },
} as const;

export interface SessionRequest {
  /** `respond`: messages begin with it. */
  readonly verb: string;
  /** Where the policies are; undefined where the verb needs none. */
  readonly policies: readonly string[] | undefined;
  readonly dryRun: boolean;
  readonly notify: boolean;
  readonly audit: string | undefined;
}

/** What a verb works with. */
export interface Session {
  readonly world: ResponseWorld;
  readonly guardrails: Guardrails;
}

/**
 * Loads the policies, opens the audit log and connects to AWS, which is not called before it is needed. Where a policy is
 * wrong none counts: the errors are printed, and told to whoever any of the policies tells.
 *
 * @returns the exit code of `run`, or that of what kept it from running
 */
export async function withSession(
  request: SessionRequest,
  terminal: Terminal,
  run: (session: Session) => Promise<number>,
): Promise<number> {
  const { verb, dryRun, notify } = request;
  const path = auditPath(request.audit);
  try {
    const port = connectAws();
    const tell = notify && !dryRun ? slackTeller(port) : undefined;
    const guardrails: { compiled: Guardrails[number]['compiled']; hash: string }[] = [];
    if (request.policies !== undefined) {
      const project = await findProject();
      if (!project.ok) {
        await printDiagnostics(project.diagnostics, [], 'pretty', terminal);
        return exitCode.policy;
      }
      const loaded = loadGuardrails(request.policies, project);
      for (const problem of loaded.problems) terminal.writeError(`polc guardrail ${verb}: ${problem}\n`);
      const errors = loaded.diagnostics.filter(({ severity }) => severity === 'error');
      if (errors.length > 0) {
        await printDiagnostics(errors, [], 'pretty', terminal);
        const findings = errors.map(({ code, message, span }) => `${span.file}: ${code} ${message}`);
        for (const parameter of tell === undefined ? [] : loaded.webhooks) {
          const delivery = await tell?.(parameter, { kind: 'invalid', findings });
          if (delivery?.ok === false) {
            const span = { file: parameter, start: 0, end: 0 };
            const { reason } = delivery;
            const undelivered = report('POL8055', span, { policy: 'the policies', parameter, reason });
            await printDiagnostics([undelivered], [], 'pretty', terminal);
          }
        }
        return exitCode.policy;
      }
      if (loaded.problems.length > 0) return exitCode.environment;
      for (const { compiled, hash } of loaded.policies) {
        if (compiled !== undefined) guardrails.push({ compiled, hash: hash() });
      }
    }
    const world: ResponseWorld = {
      port,
      audit: dryRun ? noAudit : openLog(path),
      tell,
      now: Date.now,
      actor: actor(),
      dryRun,
      ways: approvalWays(process.env.POLC_APPROVAL_URL),
    };
    return await run({ world, guardrails });
  } catch (error) {
    if (!(error instanceof AuditFailure)) throw error;
    const span = { file: `${path}/`, start: 0, end: 0 };
    await printDiagnostics([report('POL8059', span, { path, reason: error.message })], [], 'pretty', terminal);
    return exitCode.environment;
  }
}

const noAudit: AuditLog = { append() {} };

function openLog(path: string): AuditLog {
  try {
    makeFolders(dirname(path), 0o700);
  } catch (error) {
    throw new AuditFailure(path, failureText(error));
  }
  return openAuditFile(path, rememberedActions);
}

/** The exit code of findings about AWS and its like. */
export function codeOf(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.some(({ severity }) => severity === 'error') ? exitCode.environment : exitCode.fine;
}
