import { hash } from 'node:crypto';
import { isObject } from '../../json.ts';
import { cycloneDxFindings } from './cyclonedx.ts';
import { ScanProblem } from './json-fields.ts';
import { sarifFindings } from './sarif.ts';
import { type Counts, countsOf, type Threshold, verdictOf } from './severity.ts';

/** What the result of a scan comes to. */
export interface ScanVerdict {
  readonly verdict: 'passed' | 'failed';
  /** The severity from which on a finding fails it. */
  readonly failOn: Threshold;
  readonly counts: Counts;
  /** Findings that are settled, and count nowhere. */
  readonly settled: number;
  readonly format: 'SARIF' | 'CycloneDX';
  /** SHA-256 of the file in base64url. */
  readonly digest: string;
}

/** Bytes of the largest file that is read; scanners write some thousand findings into a tenth of it. */
export const mostScanBytes = 64 << 20;

/** Reads the result of a scan in SARIF 2.1.0 or CycloneDX VEX. What it speaks of, only whoever signs its verdict knows. */
export function readScanFile(bytes: Uint8Array, failOn: Threshold): ScanVerdict | { readonly problem: string } {
  if (bytes.length > mostScanBytes) return { problem: `it is larger than ${mostScanBytes >> 20} MiB` };
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { problem: 'it is no JSON in UTF-8' };
  }
  if (!isObject(value)) return { problem: 'it is no JSON object' };
  const format = value.bomFormat === 'CycloneDX' ? 'CycloneDX' : 'SARIF';
  if (format === 'SARIF' && value.runs === undefined) {
    return { problem: 'it has neither the `runs` of SARIF nor the `bomFormat` of CycloneDX' };
  }
  try {
    const { severities, settled } = format === 'SARIF' ? sarifFindings(value) : cycloneDxFindings(value);
    const counts = countsOf(severities);
    return {
      verdict: verdictOf(counts, failOn),
      failOn,
      counts,
      settled,
      format,
      digest: hash('sha256', bytes, 'base64url'),
    };
  } catch (error) {
    if (error instanceof ScanProblem) return { problem: error.message };
    throw error;
  }
}
