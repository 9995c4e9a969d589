import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type * as ObjectFile from '../../hook-programs/object-file.ts';
import type { Span } from '../../source/span.ts';
import type { SourceText } from '../../source/text.ts';
import type { Loader } from '../loader.ts';
import type { SandboxDocument } from './shape.ts';

const load = {
  objectFile: (): typeof ObjectFile => require('../../hook-programs/object-file.ts'),
};

/** A file that a policy names for a hook. */
export interface HookFile {
  readonly hook: string;
  /** As the policy writes it. */
  readonly file: string;
  /** Of the hook and of the file in the policy. */
  readonly key: Span;
  readonly span: Span;
  /** The text of a hook program; absent for a compiled object. */
  readonly source?: SourceText;
}

/** Reads the files below `bpf_lsm`; one that cannot be used is reported and left out. */
export function hookFilesOf(document: SandboxDocument, loader: Loader, diagnostics: Diagnostic[]): readonly HookFile[] {
  const files: HookFile[] = [];
  for (const { key, value } of document.security?.value.bpf_lsm?.value ?? []) {
    const named = { hook: key.value, file: value.value, key: key.span, span: value.span };
    if (value.value.endsWith('.o')) {
      const loaded = loader.loadFile(value.value, value.span, diagnostics);
      if (loaded === undefined) continue;
      const problem = load.objectFile().checkObjectFile(value.value, key.value, loaded.content, value.span);
      if (problem === undefined) files.push(named);
      else diagnostics.push(problem);
      continue;
    }
    const source = loader.loadText(value.value, value.span, diagnostics);
    if (source !== undefined) files.push({ ...named, source });
  }
  return files;
}
