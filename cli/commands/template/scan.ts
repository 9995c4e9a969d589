import { readFileSync, statSync } from 'node:fs';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { scanTag } from '../../../compiler/images/tag-names.ts';
import { AwsFailure } from '../../../runtime/aws/failure.ts';
import { failedCall } from '../../../runtime/launch/failed-call.ts';
import { mostScanBytes, readScanFile, type ScanVerdict } from '../../../runtime/launch/scan/read-scan.ts';
import { signScan } from '../../../runtime/launch/scan/scan-tag.ts';
import { severities, thresholds } from '../../../runtime/launch/scan/severity.ts';
import { connectCloud } from '../../../runtime/launch/sdk-cloud.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { failureText } from '../../failure.ts';
import { printDiagnostics } from '../../output.ts';
import { report } from '../../report.ts';
import { keysFolder, keysOption, openTrust, trustOption } from '../../signing/places.ts';
import { openSigner } from '../../signing/signer.ts';
import { templateSummaries } from '../../summaries.ts';

const imageForm = /^ami-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

export const command = defineCommand(
  {
    name: 'template scan',
    summary: templateSummaries.scan,
    operands: 'IMAGE-ID FILE',
    operandCount: { least: 2, most: 2 },
    completes: 'files',
    options: {
      region: { type: 'text', value: 'REGION', doc: 'where the image is' },
      'sign-with': {
        type: 'text',
        value: 'ID',
        doc: 'the key to sign with, one for images; the only one that counts for it unless told',
        also: ['key'],
      },
      'fail-on': {
        type: 'choice',
        choices: [...thresholds],
        doc: 'the severity from which on a finding fails the scan',
        default: 'high',
      },
      format: { type: 'choice', choices: ['pretty', 'json'], doc: 'how to print the verdict', default: 'pretty' },
      ...keysOption,
      ...trustOption,
    },
    details:
      'FILE is what a scanner wrote of the image, in SARIF 2.1.0 or CycloneDX; whoever signs vouches for that. The verdict is a tag, of which an institution with `images.passed_scan` asks. Findings that the file says are suppressed, resolved or not affected do not count; those that nobody rated fail. Ends with 4 where the scan failed; the tag says so then.',
    examples: ['polc template scan ami-0abc123def456789a trivy.sarif --region us-west-2 --sign-with univ-it-2026'],
  },
  async ({ options, operands }, terminal) => {
    const now = Date.now();
    const usage = (problem: string, help: string) => {
      terminal.writeError(`polc template scan: ${problem}\n  = help: ${help}\n`);
      return exitCode.usage;
    };
    const stop = async (code: number, ...found: readonly Diagnostic[]) => {
      await printDiagnostics(found, [], 'pretty', terminal);
      return code;
    };
    const [id = '', path = ''] = operands;
    const { region } = options;
    if (!imageForm.test(id))
      return usage(`\`${id}\` is no id of an image`, 'write one such as `ami-0abc123def456789a`');
    if (region === undefined) return usage('the image has no region', 'name it with `--region`');
    const threshold = thresholds.find((each) => each === options['fail-on']) ?? 'high';
    const store = openTrust(options.trust);
    const signer = openSigner(options['sign-with'], keysFolder(options.keys), 'image', store, now, '--sign-with');
    if ('usage' in signer) return usage('it is not said with which key', signer.usage);
    if ('diagnostic' in signer) return stop(exitCode.policy, ...store.diagnostics, signer.diagnostic);
    const span = { file: path, start: 0, end: 0 };
    const file = readFile(path);
    if ('problem' in file) return stop(exitCode.environment, report('POL8002', span, { path, reason: file.problem }));
    const scan = readScanFile(file.bytes, threshold);
    if ('problem' in scan) return stop(exitCode.policy, report('POL8305', span, { path, problem: scan.problem }));
    const there = { file: `${region}/${id}`, start: 0, end: 0 };
    try {
      const cloud = connectCloud();
      const image = await cloud.image(region, id);
      if (image === undefined) return stop(exitCode.environment, report('POL8308', there, { image: id, region }));
      const value = signScan(scan, { image: id, region, owner: image.owner }, signer, now);
      if (value === undefined) return stop(exitCode.policy, report('POL8306', span, { key: signer.keyId }));
      await cloud.tag(region, [id], [[scanTag, value]]);
    } catch (error) {
      if (error instanceof AwsFailure) return stop(exitCode.environment, failedCall(error, there));
      throw error;
    }
    terminal.write(options.format === 'json' ? json(scan, id, region) : sentence(scan, id, region));
    return scan.verdict === 'passed' ? exitCode.fine : exitCode.refused;
  },
);

/** One byte more than is read, so that a file that is too large is known for one. */
function readFile(path: string): { readonly bytes: Uint8Array } | { readonly problem: string } {
  try {
    const { size } = statSync(path);
    return { bytes: size > mostScanBytes ? new Uint8Array(mostScanBytes + 1) : readFileSync(path) };
  } catch (error) {
    return { problem: failureText(error) };
  }
}

function sentence({ verdict, failOn, counts, settled }: ScanVerdict, id: string, region: string): string {
  const found = severities
    .filter((severity) => counts[severity] > 0)
    .map((severity) => `${counts[severity]} ${severity}`);
  const rest = settled === 0 ? [] : [`${settled} settled`];
  const list = [...found, ...rest].join(', ') || 'nothing found';
  const mark = verdict === 'passed' ? '✔' : '✘';
  return `${mark} ${id} in ${region} ${verdict} its scan: ${list} (fails from ${failOn} on)\n`;
}

function json({ verdict, failOn, counts, settled, format, digest }: ScanVerdict, id: string, region: string): string {
  const fields = { image: id, region, verdict, fail_on: failOn, counts, settled, format, digest: `sha256-${digest}` };
  return `${JSON.stringify(fields, undefined, 2)}\n`;
}
