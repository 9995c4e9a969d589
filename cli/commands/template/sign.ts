import { realpathSync } from 'node:fs';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { replaceFile } from '../../../runtime/replace-file.ts';
import { readSignedTemplate, signTemplate, verifyTemplate } from '../../../runtime/signing/template.ts';
import type { TrustStore } from '../../../runtime/signing/trust-store.ts';
import { withSignature } from '../../../runtime/signing/write-signature.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { failureText } from '../../failure.ts';
import { printDiagnostics } from '../../output.ts';
import { report } from '../../report.ts';
import { keysFolder, keysOption, openTrust, trustOption } from '../../signing/places.ts';
import { type ReadTemplate, readTemplates } from '../../signing/read-templates.ts';
import { openSigner, type Signer } from '../../signing/signer.ts';
import { templateSummaries } from '../../summaries.ts';
import { workspaceHost } from '../../workspace-host.ts';

export const command = defineCommand(
  {
    name: 'template sign',
    summary: templateSummaries.sign,
    operands: 'TEMPLATE...',
    operandCount: { least: 1, most: Number.POSITIVE_INFINITY },
    completes: 'files',
    options: {
      key: { type: 'text', value: 'ID', doc: 'the key to sign with; the only one that counts for it unless told' },
      ...keysOption,
      ...trustOption,
    },
    details:
      'Everything that the template says is signed, and what it inherits; comments, white space and other spellings of the same YAML are not. The signature goes into the file. Where one template is wrong none is signed.',
    examples: ['polc template sign python-ml.yaml --key univ-it-2026', 'polc template sign templates/*.yaml'],
  },
  async ({ options, operands }, terminal) => {
    const now = Date.now();
    const store = openTrust(options.trust);
    const { templates, diagnostics } = await readTemplates(operands);
    const found = [...store.diagnostics, ...diagnostics, ...templates.flatMap((each) => each.diagnostics)];
    const signer = openSigner(options.key, keysFolder(options.keys), 'template', store, now);
    if ('usage' in signer) {
      terminal.writeError(`polc template sign: it is not said with which key\n  = help: ${signer.usage}\n`);
      return exitCode.usage;
    }
    if ('diagnostic' in signer) found.push(signer.diagnostic);
    const signed: { path: string; text: string }[] = [];
    if (!('diagnostic' in signer)) {
      for (const each of templates) {
        const text = signedText(each, signer, store.trust, now);
        if (typeof text === 'string') signed.push({ path: each.path, text });
        else found.push(...text);
      }
    }
    if (found.length > 0) await printDiagnostics(found, [], 'pretty', terminal);
    if (found.some(({ severity }) => severity === 'error')) return exitCode.policy;
    for (const { path, text } of signed) {
      try {
        // A link stays one.
        replaceFile(realpathSync(path), text);
      } catch (error) {
        const span = { file: path, start: 0, end: 0 };
        const failed = report('POL8003', span, { path, reason: failureText(error) });
        await printDiagnostics([failed], [], 'pretty', terminal);
        return exitCode.environment;
      }
      if (!('diagnostic' in signer)) terminal.write(`signed ${path} with ${signer.keyId} of ${signer.authority}\n`);
    }
    return exitCode.fine;
  },
);

/** The template with its signature, which was read again and verified; the findings where that cannot be had. */
function signedText(
  { path, workspace, template }: ReadTemplate,
  signer: Signer,
  trust: TrustStore,
  now: number,
): string | readonly Diagnostic[] {
  if (template === undefined) return [];
  const block = signTemplate(template, signer, now);
  const text = block === undefined ? undefined : withSignature(template.source, block);
  if (text === undefined) return [cannot(path, 'it is written in braces, or no map of keys')];
  const again = readSignedTemplate(path, text, workspaceHost(), workspace).template;
  return again !== undefined && verifyTemplate(again, trust, now).signature === 'valid'
    ? text
    : [cannot(path, 'a key that is added at its end would not be read as one')];
}

function cannot(path: string, reason: string): Diagnostic {
  return report('POL8343', { file: path, start: 0, end: 0 }, { path, reason });
}
