import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BpfManifest } from '../../compiler/backends/bpf-lsm/manifest.ts';
import { decodeObject } from '../../compiler/verify/bpf-lsm/object.ts';
import { sha256 } from '../sha256.ts';
import { descriptionName, objectName, type PolicyPrograms } from './policy-programs.ts';
import type { LoadRefusal } from './refusal.ts';

/** Programs that were built before, from a bundle. */
export interface BuiltPrograms {
  readonly programs: PolicyPrograms;
  readonly policy: string;
  /** The hash of the bundle. */
  readonly hash: string;
}

/** A bundle's own list of what is in it: what the reader needs of it. */
interface BundleManifest {
  readonly policy: string;
  readonly hash: string;
  readonly artifacts: readonly { readonly path: string; readonly sha256: string }[];
}

/** The folder of the backend in a bundle. */
const folderName = 'bpf-lsm';

/** More would be no object of ours: readers of eBPF objects take 16 MiB. */
const mostBytes = 16 * 1024 * 1024;

/** Whether a word names an object or a bundle with one, and no policy. */
export function namesBuilt(word: string): boolean {
  return word.endsWith('.bpf.o') || existsSync(join(word, 'manifest.json'));
}

/**
 * Reads an object of a bundle, and believes it only where the bundle's manifest has the digests of the object and of what lies
 * beside it.
 *
 * @param word the path of an object, or of a bundle's folder
 */
export function readBuilt(word: string): BuiltPrograms | LoadRefusal {
  const object = word.endsWith('.o') ? word : join(word, folderName, objectName);
  const refusal = (problem: string, help = 'build it again: `polc build --emit bpf-lsm`'): LoadRefusal => ({
    by: 'object',
    problem: `\`${object}\` ${problem}`,
    help,
  });
  const size = statSync(object, { throwIfNoEntry: false })?.size ?? 0;
  if (size > mostBytes) return refusal(`has ${size} bytes, more than ${mostBytes}`);
  const bytes = read(object);
  if (bytes === undefined) return refusal('cannot be read');
  const decoded = decodeObject(bytes);
  if (typeof decoded === 'string') return refusal(decoded);
  const description = read(join(dirname(object), descriptionName));
  if (description === undefined)
    return refusal(`has no ${descriptionName} beside it, which says what its records mean`);
  const manifestFile = join(dirname(object), '..', 'manifest.json');
  const manifest = parsed<BundleManifest>(read(manifestFile));
  if (manifest === undefined || !Array.isArray(manifest.artifacts)) {
    return refusal(
      'lies in no bundle: there is no manifest.json beside its folder',
      'name the folder that `polc build` wrote',
    );
  }
  for (const [name, content] of [
    [objectName, bytes],
    [descriptionName, description],
  ] as const) {
    const listed = manifest.artifacts.find(({ path }) => path === `${folderName}/${name}`);
    if (listed?.sha256 !== sha256(content)) {
      return refusal(`is not what was built: ${manifestFile} has another digest of ${name}`);
    }
  }
  const told = parsed<BpfManifest>(description);
  if (told?.version !== 1) return refusal(`has a ${descriptionName} of a version that this polc does not know`);
  return { programs: { object: bytes, description: told }, policy: manifest.policy, hash: manifest.hash };
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function parsed<T>(bytes: Buffer | undefined): T | undefined {
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8')) as T;
  } catch {
    return undefined;
  }
}
