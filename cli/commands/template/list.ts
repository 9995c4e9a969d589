import { readCompilations } from '../../../runtime/launch/build/compilations.ts';
import { defineCommand } from '../../command.ts';
import { diagnosticFields } from '../../diagnostic-fields.ts';
import { exitCode } from '../../exit-codes.ts';
import { openLibrary } from '../../launch/library.ts';
import { type ListedTemplate, listed } from '../../launch/listing.ts';
import { buildsFolder, buildsOption, templatesOption } from '../../launch/places.ts';
import { answerFormat, printDiagnostics } from '../../output.ts';
import { report } from '../../report.ts';
import { columns } from '../../signing/columns.ts';
import { templateSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'template list',
    summary: templateSummaries.list,
    operands: '',
    operandCount: { least: 0, most: 0 },
    options: {
      source: {
        type: 'list',
        value: 'SOURCE,...',
        choices: ['institutional', 'departmental', 'pi_lab', 'community', 'external', 'personal'],
        doc: 'only those from there',
      },
      ...templatesOption,
      ...buildsOption,
      ...answerFormat,
    },
    details:
      'A template is `compiled` where launches start from an image of it, or will once its build is through. One that is wrong does not hide the others; the command then ends with 1.',
    examples: ['polc template list', 'polc template list --source institutional,departmental --format json'],
  },
  async ({ options }, terminal) => {
    const library = await openLibrary({ templates: options.templates });
    const { compilations, unreadable } = readCompilations(buildsFolder(options.builds), Date.now());
    const templates = library
      .templates()
      .filter(({ source }) => options.source.length === 0 || options.source.includes(source ?? ''))
      .map((template) => listed(template, compilations));
    const found = [
      ...library.problems,
      ...unreadable.map(({ path, message: reason }) =>
        report('POL8334', { file: path, start: 0, end: 0 }, { path, reason }),
      ),
    ];
    if (options.format === 'json') {
      terminal.write(`${JSON.stringify({ templates: templates.map(fieldsOf) }, undefined, 2)}\n`);
    } else if (templates.length === 0) {
      terminal.write('there is no template; `polc docs configuration` says where they are looked for\n');
    } else {
      const rows = templates.map(({ name, type, status, launchTime, source }) => {
        return [name, type, status, launchTime, source ?? ''];
      });
      terminal.write(columns([['TEMPLATE', 'TYPE', 'STATUS', 'LAUNCH TIME', 'SOURCE'], ...rows]));
      found.push(...templates.flatMap(({ errors }) => errors));
    }
    if (found.length > 0) await printDiagnostics(found, [], 'pretty', terminal);
    return found.length > 0 || templates.some(({ status }) => status === 'wrong') ? exitCode.policy : exitCode.fine;
  },
);

function fieldsOf({
  name,
  title,
  path,
  source,
  type,
  status,
  launchTime,
  images,
  compilation,
  errors,
}: ListedTemplate) {
  return {
    name,
    title,
    path,
    source: source ?? null,
    type,
    status,
    launch_time: launchTime,
    images: images.length,
    ...(compilation === undefined ? {} : { compilation_id: compilation.id }),
    ...(errors.length === 0 ? {} : { diagnostics: errors.map(diagnosticFields) }),
  };
}
