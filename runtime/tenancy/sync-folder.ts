import { closeSync, fsyncSync, openSync } from 'node:fs';

/** The name of a file is on the disk when its folder is; systems that cannot open folders see to that themselves. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
