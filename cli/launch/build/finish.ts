import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import type { BuiltImage } from '../../../compiler/ir/obligation.ts';
import { decode } from '../../../compiler/source/decode.ts';
import { parseYaml } from '../../../compiler/source/parse-yaml.ts';
import { withLock } from '../../../runtime/audit/lock.ts';
import { AuditFailure } from '../../../runtime/audit/log.ts';
import type { Compilation } from '../../../runtime/launch/build/compilation.ts';
import { resultPath } from '../../../runtime/launch/build/compilations.ts';
import { contentText } from '../../../runtime/launch/build/make-plan.ts';
import { withImages } from '../../../runtime/launch/build/record-images.ts';
import { type CompilationResult, compilationResult } from '../../../runtime/launch/build/result.ts';
import { replaceFile } from '../../../runtime/replace-file.ts';
import { templateContent } from '../../../runtime/signing/template-content.ts';
import { failureText } from '../../failure.ts';
import { report } from '../../report.ts';

export interface Finished {
  readonly result: CompilationResult;
  readonly diagnostics: Diagnostic[];
}

/**
 * Writes down what a run has made: into the folder of the compilation, and its images into the template's file.
 *
 * @param folder of all compilations
 */
export function finish(run: Compilation, folder: string): Finished {
  const result = compilationResult(run);
  const path = resultPath(folder, run.state.plan.id);
  const diagnostics: Diagnostic[] = [];
  try {
    replaceFile(path, `${JSON.stringify(result, undefined, 2)}\n`, 0o600);
  } catch (error) {
    diagnostics.push(report('POL8003', { file: path, start: 0, end: 0 }, { path, reason: failureText(error) }));
  }
  const images = run.state.places.flatMap(({ planned, image, complete }): readonly BuiltImage[] =>
    complete && image !== undefined ? [{ region: planned.region, architecture: planned.architecture, image }] : [],
  );
  if (images.length > run.state.recorded) {
    const found = recordImages(run, images, folder);
    if (found === undefined || found.code === 'POL8336') run.note({ kind: 'recorded', images: images.length });
    if (found !== undefined) diagnostics.push(found);
  }
  return { result, diagnostics };
}

/** Undefined where they are written, and nothing has to be said. */
function recordImages(run: Compilation, images: readonly BuiltImage[], folder: string): Diagnostic | undefined {
  const { file, content } = run.state.plan;
  const span = { file, start: 0, end: 0 };
  const list = images.map(({ region, architecture, image }) => `${region}: { ${architecture}: "${image}" }`).join(', ');
  const failed = (reason: string) => report('POL8335', span, { path: file, reason, images: list });
  try {
    const real = realpathSync(file);
    // Two compilations of one template may end at the same time.
    const lock = join(folder, createHash('sha256').update(real).digest('hex').slice(0, 16));
    return withLock(lock, () => {
      const { source, diagnostic } = decode(file, readFileSync(real));
      const { root } = parseYaml(source);
      const written = diagnostic !== undefined || root === undefined ? undefined : templateContent(root);
      if (written === undefined) return failed('it is no template any more');
      if (run.world.sha256(contentText(written)) !== content) return failed('it has changed since the build began');
      const text = withImages(source, images);
      if (text === undefined) return failed('it is written in a way that takes no entry');
      replaceFile(real, text);
      const signed = root?.kind === 'map' && root.entries.some(({ key }) => key.text === 'signature');
      return signed ? report('POL8336', span, { path: file }) : undefined;
    });
  } catch (error) {
    return failed(error instanceof AuditFailure ? error.message : failureText(error));
  }
}
