import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs with a new empty folder that is gone afterwards. */
export async function withFolder(run: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'polc-test-'));
  try {
    await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs with a new folder of some files, by their names, which is gone afterwards. */
export async function withFolderOf(
  files: Readonly<Record<string, string | Uint8Array>>,
  run: (folder: string) => void | Promise<void>,
): Promise<void> {
  await withFolder((folder) => {
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return run(folder);
  });
}
