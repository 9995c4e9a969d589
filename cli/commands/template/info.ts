import { readCompilations } from '../../../runtime/launch/build/compilations.ts';
import { verifyTemplate } from '../../../runtime/signing/template.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { findingCode } from '../../launch/finding-code.ts';
import { infoFields, infoText, type TemplateInfo } from '../../launch/info-text.ts';
import { openLibrary, sourceOf } from '../../launch/library.ts';
import { listed, obligationOf } from '../../launch/listing.ts';
import { buildsFolder, buildsOption, profileOption, templatesOption } from '../../launch/places.ts';
import { isOpened, openProfile } from '../../launch/profile.ts';
import { isDeprecated, restrictionsOf } from '../../launch/template-facts.ts';
import { refusedUses } from '../../launch/template-use.ts';
import { answerFormat, printDiagnostics } from '../../output.ts';
import { report } from '../../report.ts';
import { openTrust, trustOption } from '../../signing/places.ts';
import { templateSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'template info',
    summary: templateSummaries.info,
    operands: 'TEMPLATE',
    operandCount: { least: 1, most: 1 },
    completes: 'files',
    options: {
      ...profileOption,
      ...templatesOption,
      ...buildsOption,
      ...trustOption,
      ...answerFormat,
    },
    details:
      'Under a profile it says besides whether the profile may use the template and all that it builds on; where not, it ends with 4.',
    examples: ['polc template info python-ml', 'polc template info python-ml --profile cs101 --format json'],
  },
  async ({ options, operands: [word = ''] }, terminal) => {
    const now = Date.now();
    const library = await openLibrary({ templates: options.templates });
    const template = library.find(word);
    if (template === undefined) {
      const { nearest } = await import('../../../compiler/diagnostics/suggest.ts');
      const near = nearest(
        word,
        library.templates().map(({ name }) => name),
      );
      if (library.problems.length > 0) await printDiagnostics(library.problems, [], 'pretty', terminal);
      else {
        const help = near === undefined ? '`polc template list` lists the templates' : `did you mean \`${near}\`?`;
        terminal.writeError(`polc template info: there is no template \`${word}\`\n  = help: ${help}\n`);
      }
      return exitCode.usage;
    }
    const { lowered: policy, diagnostics } = template.compilation;
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    const store = openTrust(options.trust);
    const profile = await openProfile(options.profile, { trust: options.trust, now });
    const { compilations, unreadable } = readCompilations(buildsFolder(options.builds), now);
    const found = [
      ...library.problems,
      ...store.diagnostics,
      ...errors,
      ...(profile?.diagnostics ?? []),
      ...unreadable.map(({ path, message: reason }) =>
        report('POL8334', { file: path, start: 0, end: 0 }, { path, reason }),
      ),
    ];
    if (found.length > 0) await printDiagnostics(found, [], 'pretty', terminal);
    if (policy === undefined || errors.length > 0) return exitCode.policy;
    if (profile !== undefined && !isOpened(profile)) return findingCode(profile.diagnostics);
    const verdict =
      template.signed === undefined
        ? { signature: 'absent' as const }
        : verifyTemplate(template.signed, store.trust, now);
    const described = obligationOf(template, 'describe-template');
    const info: TemplateInfo = {
      listed: listed(template, compilations),
      inherits: template.inherits,
      described,
      verdict,
      source: sourceOf(template, verdict),
      restrictions: restrictionsOf(template),
      ...(profile === undefined
        ? {}
        : {
            profile: {
              name: profile.name,
              refused: refusedUses(profile, template, verdict),
              deprecated: isDeprecated(profile.policy, [template.name, described?.template ?? template.name]),
            },
          }),
    };
    terminal.write(options.format === 'json' ? `${JSON.stringify(infoFields(info), undefined, 2)}\n` : infoText(info));
    return (info.profile?.refused.length ?? 0) > 0 ? exitCode.refused : exitCode.fine;
  },
);
