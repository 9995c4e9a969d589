import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../compiler/version.ts';
import type { FileMarks } from '../staging.ts';
import type { PolicyResult } from './result.ts';

/** `DIR/build-report.json`: what varies from build to build. `manifest.json` holds what does not. */
export interface BuildReport {
  readonly compiledAt: string;
  readonly polc: string;
  readonly policies: readonly ReportedPolicy[];
}

export interface ReportedPolicy {
  readonly policy: string;
  readonly source: string;
  readonly hash: string;
  /** A digest of the options, the target and the compiler: other files are made of the same policy for another. */
  readonly context: string;
  readonly cached: boolean;
  /** Milliseconds by phase, of the compilation that made the files. */
  readonly phases: Readonly<Record<string, number>>;
  /** Path, size and time of change of each file as it was written: a file that still has both is not read again. */
  readonly files: FileMarks;
}

export const reportName = 'build-report.json';

/** To be told `undefined` of a file that is not there; an exception costs more. */
const missingIsFine = { throwIfNoEntry: false } as const;

export function readReport(out: string): BuildReport | undefined {
  try {
    const parsed: unknown = JSON.parse(readFileSync(join(out, reportName), 'utf8'));
    return isReport(parsed) ? parsed : undefined;
  } catch {
    // No report, or half of one from another tool: then everything is written again.
    return undefined;
  }
}

function isReport(value: unknown): value is BuildReport {
  return isObject(value) && Array.isArray(value.policies) && value.policies.every(isReportedPolicy);
}

function isReportedPolicy(value: unknown): boolean {
  if (!isObject(value) || !Array.isArray(value.files) || value.files.length % 3 !== 0) return false;
  return [value.policy, value.source, value.hash, value.context].every((text) => typeof text === 'string');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Whether the policy's folder still holds what the last build wrote, as far as sizes and times of change can tell. */
export function isIntact(
  out: string,
  reported: ReportedPolicy | undefined,
  result: PolicyResult,
  context: string,
): boolean {
  if (reported === undefined || reported.hash !== result.hash || reported.source !== result.path) return false;
  if (reported.context !== context) return false;
  const { files } = reported;
  const folder = `${join(out, result.name)}/`;
  // Some 30 files a policy: what is done for each of them is most of a build in which nothing has changed.
  try {
    for (let at = 0; at < files.length; at += 3) {
      const status = statSync(folder + files[at], missingIsFine);
      if (status === undefined || status.size !== files[at + 1] || status.mtimeMs !== files[at + 2]) return false;
    }
  } catch {
    // It may not be looked at, or the report names what can be no path. Whoever writes it anew says what is wrong.
    return false;
  }
  return files.length > 0;
}

export function reportPolicy(result: PolicyResult, context: string, files: FileMarks, cached: boolean): ReportedPolicy {
  const phases: Record<string, number> = {};
  for (const { phase, milliseconds } of result.phases) phases[phase] = Math.round(milliseconds * 1000) / 1000;
  return { policy: result.name, source: result.path, hash: result.hash, context, cached, phases, files };
}

/** The report's text, with a line for each policy. */
export function reportText(policies: readonly ReportedPolicy[]): string {
  const head = `{"compiledAt":${JSON.stringify(new Date().toISOString())},"polc":${JSON.stringify(version)},"policies":[`;
  return `${head}\n${policies.map((policy) => JSON.stringify(policy)).join(',\n')}\n]}\n`;
}
