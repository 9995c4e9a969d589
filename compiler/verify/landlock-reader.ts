import type { Artifact } from '../backends/backend.ts';
import { fileSystemRights, type LandlockRight, landlockScopes, networkRights } from '../tables/landlock.ts';
import { LandlockDifference } from './landlock-comparison.ts';
import { NotStrictJson, parseStrictJson } from './strict-json.ts';

/** `ruleset.json` as a launcher would hand it to the kernel. */
export interface ReadRuleset {
  readonly abi: number;
  readonly handledPaths: bigint;
  readonly handledPorts: bigint;
  readonly scoped: bigint;
  readonly paths: readonly { readonly path: string; readonly glob: boolean; readonly access: bigint }[];
  readonly ports: ReadonlyMap<number, bigint>;
}

export function parseLandlock(artifacts: readonly Artifact[], path: string): unknown {
  const artifact = artifacts.find((candidate) => candidate.path === path);
  if (artifact === undefined) throw new LandlockDifference(`${path} is missing`);
  const text = typeof artifact.content === 'string' ? artifact.content : new TextDecoder().decode(artifact.content);
  try {
    return parseStrictJson(text);
  } catch (problem) {
    if (!(problem instanceof NotStrictJson)) throw problem;
    throw new LandlockDifference(`${path}: ${problem.message}`);
  }
}

/** Reads a whole ruleset; throws LandlockDifference for what the kernel, or a reader of the file, would refuse. */
export function readRuleset(value: unknown): ReadRuleset {
  const file = record(value, 'ruleset.json');
  const handled = record(file.handled, 'handled');
  const masks = readMasks(file.masks);
  named(handled.access_fs, masks.paths, fileSystemRights(), 'handled.access_fs');
  named(handled.access_net, masks.ports, networkRights(), 'handled.access_net');
  named(handled.scoped, masks.scoped, landlockScopes(), 'handled.scoped');
  const onFiles = fileSystemRights().reduce((sum, right) => (right.onFiles ? sum | right.bit : sum), 0n);
  let previousPath = '';
  const paths = list(file.path_beneath, 'path_beneath').map((item) => {
    const entry = record(item, 'path_beneath');
    const path = entry.path;
    if (typeof path !== 'string' || !path.startsWith('/') || path <= previousPath) {
      throw new LandlockDifference(`path_beneath: ${String(path)} is not an absolute path in its place`);
    }
    previousPath = path;
    const access = mask(entry.allowed_access, path);
    named(entry.rights, access, fileSystemRights(), path);
    if (access === 0n || (access & ~masks.paths) !== 0n)
      throw new LandlockDifference(`${path}: grants what is not handled`);
    if (mask(entry.file_allowed_access, path) !== (access & onFiles)) {
      throw new LandlockDifference(`${path}: file_allowed_access is not the part for files`);
    }
    const glob = /[*?]/.test(path);
    if (entry.glob !== glob || typeof entry.optional !== 'boolean')
      throw new LandlockDifference(`${path}: wrong flags`);
    return { path, glob, optional: entry.optional, access };
  });
  const ports = new Map<number, bigint>();
  let previousPort = -1;
  for (const item of list(file.net_port, 'net_port')) {
    const entry = record(item, 'net_port');
    const port = Number(mask(entry.port, 'port'));
    if (port > 65535 || port <= previousPort)
      throw new LandlockDifference(`net_port: ${port} is not a port in its place`);
    previousPort = port;
    const access = mask(entry.allowed_access, `port ${port}`);
    named(entry.rights, access, networkRights(), `port ${port}`);
    if (access === 0n || (access & ~masks.ports) !== 0n) {
      throw new LandlockDifference(`port ${port}: grants what is not handled`);
    }
    ports.set(port, access);
  }
  return {
    abi: Number(mask(file.abi, 'abi')),
    handledPaths: masks.paths,
    handledPorts: masks.ports,
    scoped: masks.scoped,
    paths,
    ports,
  };
}

export function readMasks(value: unknown) {
  const masks = record(value, 'masks');
  return {
    paths: mask(masks.handled_access_fs, 'handled_access_fs'),
    ports: mask(masks.handled_access_net, 'handled_access_net'),
    scoped: mask(masks.scoped, 'scoped'),
  };
}

export function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new LandlockDifference(`${what} is not an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}

export function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new LandlockDifference(`${what} is not a list`);
  return value;
}

function mask(value: unknown, what: string): bigint {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new LandlockDifference(`${what}: ${String(value)} is not an unsigned number`);
  }
  return BigInt(value);
}

function named(names: unknown, expected: bigint, rights: readonly LandlockRight[], what: string): void {
  const found = list(names, what).reduce<bigint>((sum, name) => {
    const right = rights.find((candidate) => candidate.name === name);
    if (right === undefined) throw new LandlockDifference(`${what}: ${String(name)} is no right`);
    return sum | right.bit;
  }, 0n);
  if (found !== expected) throw new LandlockDifference(`${what}: the names and the mask differ`);
}
