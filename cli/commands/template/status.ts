import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import type { BuiltImage } from '../../../compiler/ir/obligation.ts';
import { type CompilationView, readCompilations } from '../../../runtime/launch/build/compilations.ts';
import { isCompilationId } from '../../../runtime/launch/build/plan.ts';
import { connectCloud } from '../../../runtime/launch/sdk-cloud.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { type Ageing, ageingOf, imageLimitsOf } from '../../launch/build/rebuild.ts';
import { listText, statusText } from '../../launch/build/status-text.ts';
import { findingCode } from '../../launch/finding-code.ts';
import { unknownHelp } from '../../launch/launch-options.ts';
import { type LibraryTemplate, openLibrary } from '../../launch/library.ts';
import { buildsFolder, buildsOption, profileOption, templatesOption } from '../../launch/places.ts';
import { isOpened, openProfile } from '../../launch/profile.ts';
import { answerFormat, printDiagnostics } from '../../output.ts';
import { report } from '../../report.ts';
import { openTrust, trustOption } from '../../signing/places.ts';
import { templateSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'template status',
    summary: templateSummaries.status,
    operands: '[NAME|ID]',
    operandCount: { least: 0, most: 1 },
    completes: 'files',
    options: {
      offline: { type: 'flag', doc: 'do not ask AWS whether images are to be built again' },
      'max-age': {
        type: 'number',
        value: 'DAYS',
        doc: 'from which age on an image is to be built again; what the profile says unless told',
        minimum: 0,
      },
      ...answerFormat,
      ...profileOption,
      ...templatesOption,
      ...buildsOption,
      ...trustOption,
    },
    details:
      'Without a name every compilation is listed; with one, the last of that template, and whether its images are to be built again: a newer base image, a template that says something else, an age, a scan that failed. Ends with 4 where a build has failed, was interrupted, or an image is to be built again.',
    examples: ['polc template status', 'polc template status python-ml --max-age 30'],
  },
  async ({ options, operands: [word] }, terminal) => {
    const isJson = options.format === 'json';
    const folder = buildsFolder(options.builds);
    const { compilations, unreadable } = readCompilations(folder, Date.now());
    const found: Diagnostic[] = unreadable.map(({ path, message: reason }) =>
      report('POL8334', { file: path, start: 0, end: 0 }, { path, reason }),
    );
    const finish = async (text: string, code: number) => {
      terminal.write(text);
      if (found.length > 0) await printDiagnostics(found, [], 'pretty', terminal);
      return unreadable.length > 0 && code === exitCode.fine ? exitCode.environment : code;
    };
    if (word === undefined) {
      const stuck = compilations.some(({ status }) => status === 'failed' || status === 'interrupted');
      const text = isJson ? `${JSON.stringify(compilations.map(fieldsOf), undefined, 2)}\n` : listText(compilations);
      return finish(text, stuck ? exitCode.refused : exitCode.fine);
    }
    const library = await openLibrary({ templates: options.templates });
    const template = isCompilationId(word) ? undefined : library.find(word);
    const names = [word, ...(template === undefined ? [] : [template.name, template.title])];
    const view = compilations.find(({ id, template: of }) => id === word || names.includes(of));
    if (view === undefined && template === undefined) {
      if (isCompilationId(word)) {
        found.push(report('POL8333', { file: folder, start: 0, end: 0 }, { id: word, folder }));
      } else {
        const reason = 'neither a template nor a compilation has the name';
        const known = [...library.templates().map(({ name }) => name), ...compilations.map((each) => each.template)];
        const help = { help: unknownHelp(word, known) };
        found.push(
          ...library.problems,
          report('POL8002', { file: word, start: 0, end: 0 }, { path: word, reason }, help),
        );
      }
      return finish('', exitCode.usage);
    }
    const own = template ?? (view === undefined ? undefined : library.find(view.file));
    const images = imagesOf(own, view);
    let ageing: Ageing | undefined;
    if (!options.offline && images.length > 0) {
      const profile = await openProfile(options.profile, options);
      if (profile !== undefined && !isOpened(profile)) {
        found.push(...profile.diagnostics);
        return finish('', findingCode(profile.diagnostics));
      }
      const path = own?.path ?? view?.file ?? word;
      const store = openTrust(options.trust);
      found.push(...store.diagnostics);
      ageing = await ageingOf({ name: own?.name ?? word, path, policy: own?.compilation.lowered }, images, {
        cloud: connectCloud(),
        trust: store.trust,
        limits: {
          ...(profile === undefined ? {} : imageLimitsOf(profile.policy)),
          ...(options['max-age'] === undefined ? {} : { maxAgeDays: options['max-age'] }),
        },
      });
      found.push(...ageing.diagnostics);
    }
    const head = view === undefined ? builtText(images) : statusText(view);
    const fields = {
      ...(view === undefined ? { status: 'not-started' } : fieldsOf(view)),
      rebuild: ageing?.due ?? null,
    };
    return finish(isJson ? `${JSON.stringify(fields, undefined, 2)}\n` : head, codeOf(view, ageing));
  },
);

/** The images that the template names, and those of its last compilation where they are not written there. */
function imagesOf(template: LibraryTemplate | undefined, view: CompilationView | undefined): readonly BuiltImage[] {
  const obligation = template?.compilation.lowered?.obligations.find(({ kind }) => kind === 'build-images');
  const named = obligation?.kind === 'build-images' ? obligation.built : [];
  if (named.length > 0 || view === undefined || view.status === 'abandoned') return named;
  return view.places.flatMap(({ region, architecture, image, status }) =>
    image !== undefined && status === 'complete' ? [{ region, architecture, image }] : [],
  );
}

function builtText(images: readonly BuiltImage[]): string {
  if (images.length === 0) return 'Compilation Status: Not Started\n';
  const lines = images.map(({ region, architecture, image }) => `  ✓ ${region} (${architecture}): ${image}`);
  return `Compilation Status: Complete\nImages that the template names:\n${lines.join('\n')}\n`;
}

function codeOf(view: CompilationView | undefined, ageing: Ageing | undefined): number {
  if (view?.status === 'failed' || view?.status === 'interrupted') return exitCode.refused;
  if (ageing === undefined) return exitCode.fine;
  if (ageing.due.length > 0) return exitCode.refused;
  return ageing.known ? exitCode.fine : exitCode.environment;
}

function fieldsOf({ id, template, file, startedAt, status, places, minutesLeft }: CompilationView) {
  return {
    compilation_id: id,
    source_template: template,
    file,
    status,
    started_at: new Date(startedAt).toISOString(),
    minutes_left: minutesLeft ?? null,
    images: places.map(({ region, architecture, status: of, image, signed, stage, percent, failure }) => ({
      region,
      architecture,
      status: of,
      image: image ?? null,
      signed,
      stage,
      percent,
      failure: failure ?? null,
    })),
  };
}
