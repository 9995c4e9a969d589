import type { Host } from '../compiler/host.ts';
import { nodeHost as disk } from '../lsp/node/host.ts';
import { ownTime } from './own-time.ts';

/** The language server's view of the disk, with a clock by which a busy machine makes no policy too slow. */
export const nodeHost: Host = { ...disk, now: ownTime() };
