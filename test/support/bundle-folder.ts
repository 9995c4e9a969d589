import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { compileText } from './compile-text.ts';

/** Compiles a policy, with programs of the kernel, and writes the bundle as `polc build` does. */
export function writeProgramBundle(folder: string, lines: string): void {
  const { files, diagnostics } = compileText(lines, { also: ['bpf-lsm'] });
  assert.ok(files.length > 0, diagnostics.map(({ message }) => message).join('; '));
  for (const { path, content } of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
