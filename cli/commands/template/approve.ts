import { dirname } from 'node:path';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { AuditFailure } from '../../../runtime/audit/log.ts';
import { type ApprovedSubject, signApproval } from '../../../runtime/signing/approval.ts';
import { appendApproval } from '../../../runtime/signing/approval-file.ts';
import { instant, timeAt } from '../../../runtime/signing/time.ts';
import { actor } from '../../audit/place.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { failureText } from '../../failure.ts';
import { makeFolders } from '../../folders.ts';
import { printDiagnostics } from '../../output.ts';
import { report } from '../../report.ts';
import {
  approvalsOption,
  approvalsPath,
  keysFolder,
  keysOption,
  openTrust,
  trustOption,
} from '../../signing/places.ts';
import { readTemplates } from '../../signing/read-templates.ts';
import { openSigner } from '../../signing/signer.ts';
import { templateSummaries } from '../../summaries.ts';

const imageForm = /^ami-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;

export const command = defineCommand(
  {
    name: 'template approve',
    summary: templateSummaries.approve,
    operands: 'TEMPLATE|IMAGE-ID',
    operandCount: { least: 1, most: 1 },
    completes: 'files',
    options: {
      expires: { type: 'text', value: 'TIME', doc: 'when it runs out: the end of a day, or an instant, in UTC' },
      days: { type: 'number', value: 'N', doc: 'the same as so many days from now', minimum: 1, whole: true },
      region: { type: 'text', value: 'REGION', doc: 'of an image: where it is' },
      key: { type: 'text', value: 'ID', doc: 'the key to sign with; the only one that counts for it unless told' },
      ...keysOption,
      ...trustOption,
      ...approvalsOption,
    },
    details:
      'A template is approved as it is: once it changes, or what it inherits does, it needs another approval. The record is signed and added to the file of approvals, which launches read.',
    examples: [
      'polc template approve genomics.yaml --days 30 --key univ-it-2026',
      'polc template approve ami-0abc123def456789a --region us-west-2 --expires 2027-01-31',
    ],
  },
  async ({ options, operands }, terminal) => {
    const now = Date.now();
    const refuse = (problem: string, help: string) => {
      terminal.writeError(`polc template approve: ${problem}\n  = help: ${help}\n`);
      return exitCode.usage;
    };
    const { expires: at, days, region } = options;
    if ((at === undefined) === (days === undefined)) {
      return refuse('it is not said for how long', 'write one of `--expires TIME` and `--days N`');
    }
    const expires = at === undefined ? now + (days ?? 0) * 86_400_000 : timeAt(at, 'end');
    if (expires === undefined || expires <= now) {
      return refuse(`\`${at}\` is no time to come`, 'write a date such as `2027-01-31`, or an instant in UTC');
    }
    const [word = ''] = operands;
    const isImage = imageForm.test(word);
    if (isImage && region === undefined) return refuse('the image has no region', 'name it with `--region`');
    const store = openTrust(options.trust);
    const signer = openSigner(options.key, keysFolder(options.keys), 'approval', store, now);
    if ('usage' in signer) return refuse('it is not said with which key', signer.usage);
    const found = [...store.diagnostics];
    const named = isImage ? { subject: { image: word, region: region ?? '' } } : await templateSubject(word);
    if ('diagnostics' in named) found.push(...named.diagnostics);
    if ('diagnostic' in signer) found.push(signer.diagnostic);
    if (found.length > 0) await printDiagnostics(found, [], 'pretty', terminal);
    if ('diagnostic' in signer || named.subject === undefined) return exitCode.policy;
    const { subject } = named;
    const record = signApproval({ subject, approver: actor(), expires }, signer, now);
    const path = approvalsPath(options.approvals);
    const problem = record === undefined ? 'a name in it has no form in JSON' : write(path, record);
    if (problem !== undefined) {
      const failed = report('POL8003', { file: path, start: 0, end: 0 }, { path, reason: problem });
      await printDiagnostics([failed], [], 'pretty', terminal);
      return exitCode.environment;
    }
    const what = 'template' in subject ? `the template ${subject.template}` : `${subject.image} in ${subject.region}`;
    terminal.write(`approved ${what} until ${instant(expires)}, by ${signer.authority} with ${signer.keyId}\n`);
    return exitCode.fine;
  },
);

interface NamedSubject {
  readonly subject: ApprovedSubject | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

async function templateSubject(word: string): Promise<NamedSubject> {
  const { templates, diagnostics } = await readTemplates([word]);
  const found = [...diagnostics, ...templates.flatMap((each) => each.diagnostics)];
  const [template, other] = templates.flatMap((each) => each.template ?? []);
  if (template === undefined || other !== undefined) {
    const reason = template === undefined ? 'there is no template in it' : 'there are several templates in it';
    if (found.length === 0) found.push(report('POL8002', { file: word, start: 0, end: 0 }, { path: word, reason }));
    return { subject: undefined, diagnostics: found };
  }
  return { subject: { template: template.name, digest: template.digest }, diagnostics: found };
}

/** The reason where the record cannot be written. */
function write(path: string, record: Parameters<typeof appendApproval>[1]): string | undefined {
  try {
    makeFolders(dirname(path), 0o700);
    appendApproval(path, record);
    return undefined;
  } catch (error) {
    return error instanceof AuditFailure ? error.message : failureText(error);
  }
}
