import type { World } from '../world.ts';
import { sha256 } from './sha256.ts';

/** A worker of a browser: it has no files, and asks the client for all of them. @param soon see World.soon */
export function browserWorld(soon: World['soon']): World {
  return {
    host: { read: () => undefined, now: () => performance.now(), sha256 },
    isOfClient: () => true,
    today: () => new Date().toISOString().slice(0, 10),
    soon,
  };
}
