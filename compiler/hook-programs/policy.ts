import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { ReadPolicy, Resolved } from '../dialects/dialect.ts';
import type { LoadedFiles } from '../dialects/loader.ts';
import { decode } from '../source/decode.ts';
import type { SourceText } from '../source/text.ts';
import { checkHookProgram } from './check.ts';
import { lowerHookSections } from './lower.ts';

/** Reads a hook program that no policy names: it is a policy of its own, named after the file. */
export function readHookProgram(
  path: string,
  content: Uint8Array | string,
  files: LoadedFiles,
  diagnostics: Diagnostic[],
): ReadPolicy {
  const { source, diagnostic } = decode(path, content);
  files.sources.set(path, source);
  const dialect = { name: 'hook-program', platforms: ['linux'], emits: ['ir', 'bpf-lsm'] } as const;
  if (diagnostic === undefined) return { dialect, resolved: policyOf(source) };
  diagnostics.push(diagnostic);
  return {};
}

function policyOf(source: SourceText): Resolved {
  return {
    accepted: [],
    lower(target, diagnostics) {
      const { sections } = checkHookProgram(source, target, diagnostics);
      const place = sections[0]?.span ?? { file: source.path, start: 0, end: 0 };
      const placed = sections.map((section) => ({ section }));
      const { decision, obligations } = lowerHookSections(placed, place);
      return { name: nameOf(source.path), decisions: [decision], limits: [], obligations };
    },
  };
}

/** What names the folder of what is built: the file's name, with `-` for what no such name has. */
function nameOf(path: string): string {
  const file = path.split('/').at(-1) ?? path;
  return file.replace(/\.bpf$/, '').replace(/[^A-Za-z0-9._-]/g, '-') || 'hooks';
}
