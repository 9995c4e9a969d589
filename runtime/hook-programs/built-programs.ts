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
  const manifest = parsed(read(manifestFile));
  if (!isBundleManifest(manifest)) {
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
  const told = parsed(description);
  if (!isRecord(told) || told.version !== 1)
    return refusal(`has a ${descriptionName} of a version that this polc does not know`);
  const sections = decoded.programs.map(({ section }) => section);
  if (!isDescription(told, sections)) return refusal(`has a ${descriptionName} that does not describe it`);
  return { programs: { object: bytes, description: told }, policy: manifest.policy, hash: manifest.hash };
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function parsed(bytes: Buffer | undefined): unknown {
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isListOf(value: unknown, is: (each: Readonly<Record<string, unknown>>) => boolean): boolean {
  return Array.isArray(value) && value.every((each) => isRecord(each) && is(each));
}

/** What names groups and pins: no path leads out of it. */
const policyName = /^[\w.-]+$/;

function isBundleManifest(value: unknown): value is BundleManifest {
  if (!isRecord(value) || typeof value.policy !== 'string' || !policyName.test(value.policy)) return false;
  const isListed = isListOf(value.artifacts, ({ path, sha256: digest }) => [path, digest].every(isText));
  return isListed && isText(value.hash);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/** Whether it tells of the programs that are in the object, by which it is decided what the machine has to have for them. */
function isDescription(value: unknown, sections: readonly string[]): value is BpfManifest {
  if (!isRecord(value)) return false;
  const { programs, rules } = value;
  if (!isListOf(rules, ({ id, topic }) => isText(id) && isText(topic))) return false;
  if (!Array.isArray(programs) || programs.length !== sections.length) return false;
  return sections.every((section, index) => {
    const told: unknown = programs[index];
    const attach = section.startsWith('cgroup/') ? section.replace('/', '_') : section.split('/', 1)[0];
    return isRecord(told) && told.section === section && told.attach === attach;
  });
}
