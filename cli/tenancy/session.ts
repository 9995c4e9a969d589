import { dirname, join } from 'node:path';
import { report } from '../../compiler/diagnostics/report.ts';
import { openAuditFile } from '../../runtime/audit/file.ts';
import { AuditFailure, type AuditLog } from '../../runtime/audit/log.ts';
import { connectCluster } from '../../runtime/tenancy/client/connect.ts';
import type { Tenancy } from '../../runtime/tenancy/desired.ts';
import { callProblem } from '../../runtime/tenancy/problems.ts';
import type { TenancyWorld } from '../../runtime/tenancy/world.ts';
import { actor, auditOption, auditPath } from '../audit/place.ts';
import { exitCode } from '../exit-codes.ts';
import { failureText } from '../failure.ts';
import { makeFolders } from '../folders.ts';
import { printFindings } from '../guardrail/print-findings.ts';
import { answerFormat, printDiagnostics } from '../output.ts';
import { findProject } from '../project.ts';
import type { Terminal } from '../terminal.ts';
import { loadConfigMap, loadFile } from './load-tenancy.ts';
import { readSettings, type Said, settingOptions, type TenancySettings } from './settings.ts';

/** Options of every verb. */
export const sessionOptions = {
  ...settingOptions,
  kubeconfig: { type: 'text', value: 'FILE', doc: 'instead of KUBECONFIG and ~/.kube/config', completes: 'files' },
  context: { type: 'text', value: 'NAME', doc: 'a context of the kubeconfig instead of the current one' },
  'call-timeout': { type: 'text', value: 'SECONDS', doc: 'how long the server has for one answer; 10 unless told' },
  ...answerFormat,
} as const;

/** Options of the verbs that change a cluster. */
export const actingOptions = {
  'dry-run': { type: 'flag', doc: 'let the server check every change, and change nothing', short: 'n' },
  ...auditOption,
  journal: {
    type: 'text',
    value: 'DIR',
    doc: 'where a run notes what it changes until it is done; polc/tenancy in the folder of your state, unless told',
    completes: 'files',
  },
} as const;

export interface SessionOptions {
  readonly gateway?: string | undefined;
  readonly 'gateway-namespace'?: string | undefined;
  readonly 'template-configmap'?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly 'call-timeout'?: string | undefined;
  readonly audit?: string | undefined;
  readonly journal?: string | undefined;
}

export interface SessionRequest {
  /** `apply`: messages begin with it. */
  readonly verb: string;
  readonly policy: string | undefined;
  readonly options: SessionOptions;
  /** Whether the cluster is changed, which the audit log then tells and ENABLE_POLICY_MANAGEMENT can switch off. */
  readonly acts: boolean;
}

/** What a verb works with. */
export interface Session {
  readonly world: TenancyWorld;
  readonly tenancy: Tenancy;
  readonly settings: TenancySettings;
  /** The gateway of the policy with where it was said, where there is one only. */
  readonly gateway: Said | undefined;
  readonly namespace: Said | undefined;
}

/**
 * Compiles the policy, opens the audit log and finds the cluster.
 *
 * @returns the exit code of `run`, or that of what kept it from running
 */
export async function withTenancy(
  { verb, policy, options, acts }: SessionRequest,
  terminal: Terminal,
  run: (session: Session) => Promise<number>,
): Promise<number> {
  const say = (problem: string) => terminal.writeError(`polc tenancy ${verb}: ${problem}\n`);
  const settings = readSettings(textsOf(options));
  const timeout = readSeconds(options['call-timeout'] ?? '10');
  if (typeof settings === 'string' || timeout === undefined) {
    say(typeof settings === 'string' ? settings : wrongSeconds('call-timeout', options['call-timeout']));
    return exitCode.usage;
  }
  if (acts && !settings.enabled) {
    say('ENABLE_POLICY_MANAGEMENT switches it off: nothing was changed');
    return exitCode.fine;
  }
  const project = await findProject();
  if (!project.ok) {
    await printDiagnostics(project.diagnostics, [], 'pretty', terminal);
    return exitCode.policy;
  }
  const { kubeconfig, context } = options;
  const connect = () =>
    connectCluster({
      timeout,
      ...(kubeconfig === undefined ? {} : { kubeconfig }),
      ...(context === undefined ? {} : { context }),
    });
  // A policy that is wrong is said before the cluster is looked for.
  const ofFile = policy === undefined ? undefined : loadFile(policy, settings, project);
  if (ofFile !== undefined && ofFile.tenancy === undefined) return refuse(ofFile, say, terminal);
  const connected = await connect();
  if (!connected.ok) {
    printFindings([callProblem(policy ?? 'the policy', connected.failure)], new Map(), terminal);
    return exitCode.environment;
  }
  const cluster = connected.value;
  const loaded = ofFile ?? (await loadConfigMap(settings, project, cluster));
  const { tenancy, gateway, namespace } = loaded;
  if (tenancy === undefined) return refuse(loaded, say, terminal);
  const log = auditPath(options.audit);
  try {
    const world: TenancyWorld = {
      cluster,
      audit: acts ? openLog(log) : noAudit,
      journals: journalFolder(options.journal, log, acts),
      now: Date.now,
      pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      actor: actor(),
    };
    return await run({ world, tenancy, settings, gateway, namespace });
  } catch (error) {
    if (!(error instanceof AuditFailure)) throw error;
    const span = { file: `${log}/`, start: 0, end: 0 };
    await printDiagnostics([report('POL8059', span, { path: log, reason: error.message })], [], 'pretty', terminal);
    return exitCode.environment;
  }
}

/** Whole seconds or a fraction, in milliseconds; undefined where it is no such number, or more than a day. */
export function readSeconds(text: string): number | undefined {
  const seconds = /^[0-9]{1,5}(\.[0-9]{1,3})?$/.test(text) ? Number(text) : 0;
  return seconds > 0 && seconds <= 86_400 ? Math.round(seconds * 1000) : undefined;
}

export function wrongSeconds(option: string, written: string | undefined): string {
  return `\`--${option} ${written}\` is no number of seconds\n  = help: write one, such as \`--${option} 30\``;
}

const noAudit: AuditLog = { append() {} };

function refuse(
  { problem, diagnostics, texts }: ReturnType<typeof loadFile>,
  say: (problem: string) => void,
  terminal: Terminal,
): number {
  if (problem !== undefined) {
    say(problem);
    return exitCode.usage;
  }
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  printFindings(errors, texts, terminal);
  const isPolicy = errors.every(({ code }) => !code.startsWith('POL8'));
  if (errors.length === 0)
    say('the policy names no gateway and no route\n  = help: write `targets` into it, or set GATEWAY_NAME');
  return isPolicy ? exitCode.policy : exitCode.environment;
}

function openLog(path: string): AuditLog {
  try {
    makeFolders(dirname(path), 0o700);
  } catch (error) {
    throw new AuditFailure(path, failureText(error));
  }
  return openAuditFile(path);
}

/** Beside the audit log where that is in the folder of the user's state. */
function journalFolder(option: string | undefined, log: string, acts: boolean): string {
  const folder = option ?? join(dirname(auditPath(undefined, { ...process.env, POLC_AUDIT_LOG: '' })), 'tenancy');
  if (!acts) return folder;
  try {
    makeFolders(folder, 0o700);
  } catch (error) {
    throw new AuditFailure(log, `its journals cannot lie in \`${folder}\`: ${failureText(error)}`);
  }
  return folder;
}

/** The options that stand for environment variables, those that are there. */
export function textsOf(options: SessionOptions): Parameters<typeof readSettings>[0] {
  const { gateway, 'gateway-namespace': namespace, 'template-configmap': configMap } = options;
  return {
    ...(gateway === undefined ? {} : { gateway }),
    ...(namespace === undefined ? {} : { 'gateway-namespace': namespace }),
    ...(configMap === undefined ? {} : { 'template-configmap': configMap }),
  };
}
