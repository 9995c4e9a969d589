import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { policyOf } from './guest.ts';

/** What is in the files that no guest may read. */
export const secret = 'KEPT SECRET';

/** A folder with what a policy allows, and beside it what it does not. */
export interface World {
  readonly root: string;
  /** `rw` and `ro` as the policy has them. */
  readonly preopens: Readonly<Record<string, string>>;
}

export async function inWorld(use: (world: World) => Promise<void>): Promise<void> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'polc-guest-')));
  try {
    for (const folder of ['rw', 'ro', 'rw-private', 'outside', 'rw/q/a', 'rw/d', 'rw/q/b'])
      mkdirSync(join(root, folder), { recursive: true });
    for (const file of ['rw-private/key', 'outside/key', 'key']) writeFileSync(join(root, file), secret);
    writeFileSync(join(root, 'rw/mine'), 'mine');
    writeFileSync(join(root, 'ro/given'), 'given');
    symlinkSync('../outside', join(root, 'rw/up'));
    symlinkSync('../outside/key', join(root, 'rw/link'));
    symlinkSync('../outside/made', join(root, 'rw/dangling'));
    symlinkSync('../../outside', join(root, 'rw/d/a'));
    const preopens = { [join(root, 'rw')]: join(root, 'rw'), [join(root, 'ro')]: join(root, 'ro') };
    await use({ root, preopens });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

export const policyIn = (root: string) =>
  policyOf(`security: { landlock: { paths: [
    { path: ${root}/rw, access: read-write }, { path: ${root}/ro, access: read-only } ] } }
resources: { timeout: 10s, memory: 1MiB, rlimits: { nofile: 64 } }`);
