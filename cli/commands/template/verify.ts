import { verifyTemplate } from '../../../runtime/signing/template.ts';
import { instant } from '../../../runtime/signing/time.ts';
import { verdictDiagnostic } from '../../../runtime/signing/verdict-diagnostic.ts';
import { defineCommand } from '../../command.ts';
import { diagnosticFields } from '../../diagnostic-fields.ts';
import { exitCode } from '../../exit-codes.ts';
import { answerFormat, printDiagnostics } from '../../output.ts';
import { openTrust, trustOption } from '../../signing/places.ts';
import { readTemplates } from '../../signing/read-templates.ts';
import { templateSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'template verify',
    summary: templateSummaries.verify,
    operands: 'TEMPLATE...',
    operandCount: { least: 1, most: Number.POSITIVE_INFINITY },
    completes: 'files',
    options: {
      ...trustOption,
      ...answerFormat,
    },
    details: 'Ends with 4 where a template has no signature that counts.',
    examples: ['polc template verify python-ml.yaml', 'polc template verify templates --trust trust.yaml'],
  },
  async ({ options, operands }, terminal) => {
    const now = Date.now();
    const { trust, path: trustPath, diagnostics: wrong } = openTrust(options.trust);
    const { templates, diagnostics } = await readTemplates(operands);
    const found = [...wrong, ...diagnostics, ...templates.flatMap((each) => each.diagnostics)];
    if (found.length > 0) await printDiagnostics(found, [], 'pretty', terminal);
    if (found.some(({ severity }) => severity === 'error')) return exitCode.policy;
    const answers = templates.flatMap(({ path, template }) => {
      if (template === undefined) return [];
      const verdict = verifyTemplate(template, trust, now);
      const problem = verdictDiagnostic(verdict, `the template \`${template.name}\``, template.span, trust, trustPath);
      return [{ path, template, verdict, problem }];
    });
    if (options.format === 'json') {
      const fields = answers.map(({ path, template, verdict, problem }) => ({
        file: path,
        template: template.name,
        digest: template.digest,
        signature: verdict.signature,
        ...(verdict.signature === 'valid'
          ? { authority: verdict.authority, key: verdict.keyId, signed_at: instant(verdict.signedAt) }
          : {}),
        diagnostics: problem === undefined ? [] : [diagnosticFields(problem)],
      }));
      terminal.write(`${JSON.stringify({ templates: fields }, undefined, 2)}\n`);
    } else {
      for (const { path, verdict } of answers) {
        if (verdict.signature !== 'valid') continue;
        const { authority, keyId, signedAt } = verdict;
        terminal.write(`✔ ${path}: signed by ${authority} with ${keyId} at ${instant(signedAt)}\n`);
      }
      const problems = answers.flatMap(({ problem }) => problem ?? []);
      if (problems.length > 0) await printDiagnostics(problems, [], 'pretty', terminal);
    }
    return answers.every(({ problem }) => problem === undefined) ? exitCode.fine : exitCode.refused;
  },
);
