import { hash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { failureText } from './failure.ts';
import { makeFolders } from './folders.ts';

/** A file that a build pulled in, and what it held: its sha-256, or null where there was none. */
export interface Dependency {
  readonly path: string;
  readonly digest: string | null;
}

export interface Cache {
  /**
   * The stored result for a key that begins with what `cacheKey` gave, or undefined. `digestOf` gives the present sha-256
   * of a pulled-in file (null where there is none): when one has changed, the entry does not count.
   */
  get(key: string, digestOf: (path: string) => string | null): Buffer | undefined;
  put(key: string, dependencies: readonly Dependency[], result: Uint8Array): void;
  /** Drops the least recently used entries where there are too many; call it once, when the work is done. */
  close(): void;
  /** Why nothing could be stored, for a warning at the end. */
  readonly problem: { readonly reason: string; readonly path: string } | undefined;
}

/**
 * An entry is `polc-cache-2\n`, the sha-256 of the rest in hexadecimal (64 bytes), the header's length (4 bytes), header,
 * result. Another format takes another number, so that no polc reads an entry of another one.
 */
const magic = 'polc-cache-2\n';
const bodyAt = magic.length + 64;
/** 1 GiB: a sandbox policy takes some 150 kB, so that a build of 1,000 keeps all of them in every shard. */
const defaultMaximum = 1024 * 1024 * 1024;
/** Entries lie in 256 folders by the first byte of their key, each bounded by its share. */
const shards = 256;
/** A use is noted at most once in this time, so that a read costs no write. */
const useGranularity = 3600_000;

/** sha-256 over the parts as JSON, so that no two lists of parts read the same. */
export function cacheKey(parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex');
}

/** `$XDG_CACHE_HOME/polc` (absolute paths only, as its specification says), or the platform's own place. */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const { XDG_CACHE_HOME: base, LOCALAPPDATA: local } = env;
  if (base !== undefined && isAbsolute(base)) return join(base, 'polc');
  if (platform === 'win32') return join(local ?? join(home, 'AppData', 'Local'), 'polc', 'cache');
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'polc');
  return join(home, '.cache', 'polc');
}

/** A cache that keeps nothing: `--no-cache`. */
export const noCache: Cache = { get: () => undefined, put() {}, close() {}, problem: undefined };

/**
 * The cache in `folder`. An entry is checked by its digest when it is read, and a damaged one is thrown away; a writer
 * makes a file of its own and renames it, so that nobody reads half of one.
 */
export function openCache(folder: string = cacheFolder(), maximumBytes = defaultMaximum): Cache {
  let problem: Cache['problem'];
  const touched = new Set<string>();
  const pathOf = (key: string) => join(folder, key.slice(0, 2), key.slice(2));
  return {
    get problem() {
      return problem;
    },
    get(key, digestOf) {
      const path = pathOf(key);
      let bytes: Buffer;
      try {
        bytes = readFileSync(path);
      } catch {
        return undefined;
      }
      const entry = readEntry(bytes);
      if (entry === undefined) {
        rmSync(path, { force: true });
        return undefined;
      }
      if (!entry.dependencies.every(({ path: file, digest }) => digestOf(file) === digest)) return undefined;
      noteUse(path);
      return entry.result;
    },
    put(key, dependencies, result) {
      if (problem !== undefined) return;
      const path = pathOf(key);
      const own = `${path}.${process.pid}-${Math.random().toString(36).slice(2, 10)}.tmp`;
      try {
        makeFolders(join(folder, key.slice(0, 2)), 0o700);
        writeFileSync(own, entryBytes(dependencies, result), { flag: 'wx', mode: 0o600 });
        renameSync(own, path);
        touched.add(key.slice(0, 2));
      } catch (error) {
        problem = { reason: failureText(error), path: folder };
        removeQuietly(own);
      }
    },
    close() {
      for (const shard of touched) shrink(join(folder, shard), maximumBytes / shards);
    },
  };
}

function entryBytes(dependencies: readonly Dependency[], result: Uint8Array): Buffer {
  const header = Buffer.from(JSON.stringify(dependencies.map(({ path, digest }) => [path, digest])));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const body = Buffer.concat([length, header, result]);
  return Buffer.concat([Buffer.from(magic + hash('sha256', body, 'hex'), 'latin1'), body]);
}

function readEntry(bytes: Buffer): { dependencies: readonly Dependency[]; result: Buffer } | undefined {
  if (bytes.length < bodyAt + 4) return undefined;
  const body = bytes.subarray(bodyAt);
  if (bytes.toString('latin1', 0, bodyAt) !== magic + hash('sha256', body, 'hex')) return undefined;
  // The digest holds, so the rest is what `entryBytes` wrote.
  const length = body.readUInt32LE(0);
  const pairs: readonly (readonly [string, string | null])[] = JSON.parse(body.toString('utf8', 4, 4 + length));
  return { dependencies: pairs.map(([path, digest]) => ({ path, digest })), result: body.subarray(4 + length) };
}

/** The time of change is the time of last use: that of access is switched off on many systems. */
function noteUse(path: string): void {
  try {
    const now = Date.now();
    if (now - statSync(path).mtimeMs > useGranularity) utimesSync(path, now / 1000, now / 1000);
  } catch {
    // Somebody else's cache, or dropped meanwhile: the entry was read all the same.
  }
}

function shrink(shard: string, maximumBytes: number): void {
  try {
    const entries = readdirSync(shard).map((name) => {
      const path = join(shard, name);
      const { size, mtimeMs } = statSync(path);
      return { path, size, mtimeMs };
    });
    let total = entries.reduce((sum, entry) => sum + entry.size, 0);
    for (const entry of entries.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (total <= maximumBytes) return;
      rmSync(entry.path, { force: true });
      total -= entry.size;
    }
  } catch {
    // Another process shrinks it at the same time.
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // The folder cannot be written, so nothing was.
  }
}
