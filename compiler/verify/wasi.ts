import type { Artifact, Validation } from '../backends/backend.ts';
import { isBeneath } from '../expressions/path-pattern.ts';
import { decide } from '../ir/evaluate.ts';
import { decisionAt, type Policy } from '../ir/policy.ts';
import { NotStrictJson, parseStrictJson } from './strict-json.ts';
import { nameInWasmEdge, pathOfName } from './wasmedge-names.ts';

const method = 'every capability and option read back, and asked about the paths of the policy and those beside them';

const reading = ['read_file', 'read_dir'] as const;
const writing = ['write_file', 'truncate', 'make_reg', 'make_dir', 'remove_file', 'remove_dir', 'refer'] as const;

interface Folder {
  readonly path: string;
  readonly writes: boolean;
}

/** Reads the artifacts of the backend `wasi` as whoever uses them does, and compares what they give with the policy. */
export function validateWasi(policy: Policy, artifacts: readonly Artifact[]): Validation {
  const texts = new Map(
    artifacts.map(({ path, content }) => [
      path,
      typeof content === 'string' ? content : new TextDecoder().decode(content),
    ]),
  );
  let compared = 0;
  const refuse = (counterexample: string): Validation => ({ status: 'refused', method, compared, counterexample });
  let capabilities: Capabilities;
  let preopens: ReadonlySet<string>;
  try {
    capabilities = readCapabilities(parseStrictJson(texts.get('wasi.json') ?? ''));
    preopens = readPreopens(parseStrictJson(texts.get('node.json') ?? ''));
  } catch (error) {
    if (!(error instanceof NotStrictJson)) throw error;
    return refuse(error.message);
  }
  for (const [resource, found] of capabilities.limits) {
    compared += 1;
    const amount = policy.limits.find((limit) => limit.resource === resource)?.ceiling.amount;
    const wanted = amount === Number.POSITIVE_INFINITY ? undefined : amount;
    if (found !== wanted) return refuse(`${resource}: the artifact says ${found}, the policy ${wanted}`);
  }
  const decision = decisionAt(policy, 'path');
  const folders = capabilities.folders;
  const samples = new Set(folders.flatMap(({ path }) => samplesOf(path)));
  for (const rule of decision?.rules ?? [])
    for (const each of JSON.stringify(rule.when).match(/"\/[^"]*"/g) ?? []) {
      for (const sample of samplesOf(JSON.parse(each))) samples.add(sample);
    }
  for (const path of samples) {
    for (const [rights, mayHave] of [
      [reading, (folder: Folder) => folder.path !== ''],
      [writing, (folder: Folder) => folder.writes],
    ] as const) {
      compared += 1;
      const given = folders.some((folder) => mayHave(folder) && isBeneath(path, folder.path));
      const allowed = rights.some((right) => {
        const attributes: Readonly<Record<string, string>> = { path, right };
        const effect =
          decision && decide(decision, { attribute: (name) => attributes[name], parameter: () => undefined });
        return effect?.effect.kind === 'allow' || effect?.effect.kind === 'log';
      });
      // What only executes gives a guest nothing, and what writes is given to be read as well.
      if (allowed && !given) return refuse(`${path}: the policy allows ${rights[0]}, no capability gives it`);
      if (given && !allowed && rights === writing)
        return refuse(`${path}: a capability gives writing, the policy none`);
    }
  }
  const plain = new Set(folders.filter(({ path }) => !/[*?:\n]/.test(path)).map(({ path }) => path));
  const engines = [
    ['node.json', preopens],
    ['wasmtime.args', optionValues(texts.get('wasmtime.args'), '--dir', (value) => value.split('::')[0])],
    ['wasmer.args', optionValues(texts.get('wasmer.args'), '--volume', (value) => value.split(':')[0])],
  ] as const;
  for (const [file, found] of engines) {
    compared += 1;
    if (found.size !== plain.size || [...found].some((path) => !plain.has(path))) {
      return refuse(`${file}: gives ${[...found].join(' ')}, the capabilities ${[...plain].join(' ')}`);
    }
  }
  const inWasmEdge = optionValues(texts.get('wasmedge.args'), '--dir', (value) => value);
  const nameable = [...plain].filter((path) => !/^\/\.[^/]*\/\./.test(path));
  compared += 1;
  for (const path of nameable) {
    const given = [...inWasmEdge].find((value) => value.split(':')[1] === path)?.split(':')[0];
    const seen = given === undefined ? undefined : pathOfName(nameInWasmEdge(given));
    if (seen !== path) return refuse(`wasmedge.args: ${path} is ${seen} to the guest`);
  }
  if (inWasmEdge.size !== nameable.length) return refuse(`wasmedge.args: gives ${[...inWasmEdge].join(' ')}`);
  return { status: 'tested', method, compared };
}

interface Capabilities {
  readonly folders: readonly Folder[];
  readonly limits: readonly (readonly [resource: string, amount: unknown])[];
}

function readCapabilities(value: unknown): Capabilities {
  const object: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
  const { capabilities, memoryBytes, cpus, timeoutMilliseconds, descriptors } = object;
  if (!Array.isArray(capabilities)) throw new NotStrictJson('wasi.json has no list of capabilities');
  const folders = capabilities.flatMap((each: unknown): readonly Folder[] => {
    const match = /^wasi:(?:filesystem\/(read|read-write)@(\/.*)|sockets\/(?:loopback|network))$/s.exec(String(each));
    if (match === null) throw new NotStrictJson(`${each}: no capability`);
    return match[2] === undefined ? [] : [{ path: match[2], writes: match[1] === 'read-write' }];
  });
  return {
    folders,
    limits: [
      ['memory', memoryBytes],
      ['cpu', cpus],
      ['timeout', timeoutMilliseconds],
      ['rlimit:nofile', descriptors],
    ],
  };
}

function readPreopens(value: unknown): ReadonlySet<string> {
  const { preopens }: Readonly<Record<string, unknown>> =
    typeof value === 'object' && value !== null ? { ...value } : {};
  if (typeof preopens !== 'object' || preopens === null) throw new NotStrictJson('node.json has no preopens');
  return new Set(Object.keys(preopens));
}

function optionValues(
  text: string | undefined,
  option: string,
  read: (value: string) => string | undefined,
): ReadonlySet<string> {
  const words = (text ?? '').split('\n');
  return new Set(words.flatMap((word, at) => (words[at - 1] === option ? [read(word) ?? ''] : [])));
}

/** The path, what lies in it, what is beside it and what is above; a pattern stands for one of its names. */
function samplesOf(pattern: string): readonly string[] {
  const path = pattern.replaceAll(/[*?]/g, 'x');
  const above = path.slice(0, path.lastIndexOf('/')) || '/';
  return path === '/' ? ['/', '/x', '/x/y'] : [path, `${path}/x`, `${path}/x/y`, `${path}x`, above];
}
