import type { Artifact, Validation } from '../backends/backend.ts';
import { mostPortRules, newestListedAbi } from '../backends/landlock/format.ts';
import { isBeneath } from '../expressions/path-pattern.ts';
import type { Predicate } from '../expressions/predicate.ts';
import { decide } from '../ir/evaluate.ts';
import { type Decision, decisionAt, type Policy } from '../ir/policy.ts';
import {
  fileSystemRights,
  type LandlockRight,
  landlockMask,
  landlockScopes,
  networkRights,
} from '../tables/landlock.ts';

/**
 * Reads the ruleset back and asks it and the policy the same questions: every right at every path that either names,
 * above, below and beside it; every TCP port on either side of every boundary; and both scopes. With literal paths
 * that is every path: whatever lies between two named paths gets the answer of the upper one.
 */
export function validateLandlock(policy: Policy, abi: number, artifacts: readonly Artifact[]): Validation {
  const method = 'every right at every named path and its neighbours, every TCP port boundary, both scopes';
  const comparison = new Comparison();
  try {
    const ruleset = readRuleset(parse(artifacts, 'ruleset.json'));
    comparison.same('abi', ruleset.abi, abi);
    comparePaths(decisionAt(policy, 'path'), ruleset, abi, comparison);
    comparePorts(decisionAt(policy, 'socket'), ruleset, abi, comparison);
    compareScopes(policy, ruleset.scoped, abi, comparison);
    compareByAbi(policy, parse(artifacts, 'by-abi.json'), ruleset, abi, comparison);
    const patterns = ruleset.paths.some((entry) => entry.glob);
    return { status: patterns ? 'tested' : 'proven', method, compared: comparison.count };
  } catch (problem) {
    if (!(problem instanceof Difference)) throw problem;
    return { status: 'refused', method, compared: comparison.count, counterexample: problem.message };
  }
}

/** Thrown and caught within this file: the artifact is malformed, or means something else than the policy. */
class Difference extends Error {}

class Comparison {
  count = 0;

  same(what: string, found: unknown, wanted: unknown): void {
    this.count += 1;
    if (found !== wanted) throw new Difference(`${what}: the artifact says ${found}, the policy ${wanted}`);
  }
}

interface Ruleset {
  readonly abi: number;
  readonly handledPaths: bigint;
  readonly handledPorts: bigint;
  readonly scoped: bigint;
  readonly paths: readonly { readonly path: string; readonly glob: boolean; readonly access: bigint }[];
  readonly ports: ReadonlyMap<number, bigint>;
}

function parse(artifacts: readonly Artifact[], path: string): unknown {
  const artifact = artifacts.find((candidate) => candidate.path === path);
  if (artifact === undefined) throw new Difference(`${path} is missing`);
  const text = typeof artifact.content === 'string' ? artifact.content : new TextDecoder().decode(artifact.content);
  try {
    return JSON.parse(text);
  } catch {
    throw new Difference(`${path} is not JSON`);
  }
}

function readRuleset(value: unknown): Ruleset {
  const file = record(value, 'ruleset.json');
  const handled = record(file.handled, 'handled');
  const masks = readMasks(file.masks);
  named(handled.access_fs, masks.paths, fileSystemRights(), 'handled.access_fs');
  named(handled.access_net, masks.ports, networkRights(), 'handled.access_net');
  named(handled.scoped, masks.scoped, landlockScopes(), 'handled.scoped');
  let previousPath = '';
  const paths = list(file.path_beneath, 'path_beneath').map((item) => {
    const entry = record(item, 'path_beneath');
    const path = entry.path;
    if (typeof path !== 'string' || !path.startsWith('/') || path <= previousPath) {
      throw new Difference(`path_beneath: ${String(path)} is not an absolute path in its place`);
    }
    previousPath = path;
    const access = mask(entry.allowed_access, path);
    named(entry.rights, access, fileSystemRights(), path);
    if (access === 0n || (access & ~masks.paths) !== 0n) throw new Difference(`${path}: grants what is not handled`);
    const onFiles = fileSystemRights().reduce((sum, right) => (right.onFiles ? sum | right.bit : sum), 0n);
    if (mask(entry.file_allowed_access, path) !== (access & onFiles)) {
      throw new Difference(`${path}: file_allowed_access is not the part for files`);
    }
    const glob = /[*?]/.test(path);
    if (entry.glob !== glob || typeof entry.optional !== 'boolean') throw new Difference(`${path}: wrong flags`);
    return { path, glob, optional: entry.optional, access };
  });
  const ports = new Map<number, bigint>();
  let previousPort = -1;
  for (const item of list(file.net_port, 'net_port')) {
    const entry = record(item, 'net_port');
    const port = Number(mask(entry.port, 'port'));
    if (port > 65535 || port <= previousPort) throw new Difference(`net_port: ${port} is not a port in its place`);
    previousPort = port;
    const access = mask(entry.allowed_access, `port ${port}`);
    named(entry.rights, access, networkRights(), `port ${port}`);
    if (access === 0n || (access & ~masks.ports) !== 0n) {
      throw new Difference(`port ${port}: grants what is not handled`);
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

function readMasks(value: unknown) {
  const masks = record(value, 'masks');
  return {
    paths: mask(masks.handled_access_fs, 'handled_access_fs'),
    ports: mask(masks.handled_access_net, 'handled_access_net'),
    scoped: mask(masks.scoped, 'scoped'),
  };
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Difference(`${what} is not an object`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Difference(`${what} is not a list`);
  return value;
}

function mask(value: unknown, what: string): bigint {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new Difference(`${what}: ${String(value)} is not an unsigned number`);
  }
  return BigInt(value);
}

function named(names: unknown, expected: bigint, rights: readonly LandlockRight[], what: string): void {
  const found = list(names, what).reduce<bigint>((sum, name) => {
    const right = rights.find((candidate) => candidate.name === name);
    if (right === undefined) throw new Difference(`${what}: ${String(name)} is no right`);
    return sum | right.bit;
  }, 0n);
  if (found !== expected) throw new Difference(`${what}: the names and the mask differ`);
}

function comparePaths(decision: Decision | undefined, ruleset: Ruleset, abi: number, comparison: Comparison): void {
  const restricted = decision !== undefined && decision.otherwise.effect.kind === 'deny';
  const handled = restricted ? landlockMask('fs', abi) : 0n;
  comparison.same('handled_access_fs', ruleset.handledPaths, handled);
  if (!restricted) return;
  const inexpressible = decision.rules.some((rule) => rule.effect.kind !== 'allow' || !isPlain(rule.when));
  const paths = new Set(['/', '/polc-other']);
  for (const { path } of ruleset.paths) addNeighbours(path, paths);
  for (const rule of decision.rules) addMentioned(rule.when, paths);
  for (const path of paths) {
    let granted = 0n;
    for (const entry of ruleset.paths) if (isBeneath(path, entry.path)) granted |= entry.access;
    for (const right of fileSystemRights()) {
      if (right.abi > abi) continue;
      const known: Readonly<Record<string, string>> = { path, right: right.name };
      const verdict = decide(decision, { attribute: (name) => known[name], parameter: () => undefined });
      const wanted = verdict?.effect.kind === 'allow';
      const found = (granted & right.bit) !== 0n;
      if (!found && wanted && inexpressible) continue; // stricter: the rule has no form in Landlock
      comparison.same(`${right.name} at ${path}`, found ? 'allow' : 'deny', wanted ? 'allow' : 'deny');
    }
  }
}

/** True for the forms that a grant can have: anything else may have been left out, which is stricter. */
function isPlain(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'constant':
    case 'beneath':
    case 'in-set':
      return true;
    case 'or':
    case 'and':
      return predicate.of.every(isPlain) && !(predicate.kind === 'and' && overlappingPatterns(predicate.of));
    case 'compare':
      return predicate.operator === '==' && predicate.left.kind === 'attribute' && predicate.left.name === 'right';
    case 'not':
    case 'in-ranges':
    case 'glob':
    case 'in-network':
      return false;
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}

function overlappingPatterns(of: readonly Predicate[]): boolean {
  const mentioned = of.filter((operand) => pathsIn(operand).length > 0);
  return mentioned.length > 1 && mentioned.some((operand) => pathsIn(operand).some((path) => /[*?]/.test(path)));
}

function pathsIn(predicate: Predicate): readonly string[] {
  if (predicate.kind === 'beneath') return [predicate.pattern];
  if (predicate.kind === 'and' || predicate.kind === 'or') return predicate.of.flatMap(pathsIn);
  if (predicate.kind === 'not') return pathsIn(predicate.of);
  if (predicate.kind === 'compare') {
    return [predicate.left, predicate.right].flatMap((term) =>
      term.kind === 'literal' && typeof term.value === 'string' && term.value.startsWith('/') ? [term.value] : [],
    );
  }
  return [];
}

function addMentioned(predicate: Predicate, paths: Set<string>): void {
  for (const path of pathsIn(predicate)) addNeighbours(path, paths);
}

/** The path, what is below it, what is beside it and what is above it; patterns with something in their gaps. */
function addNeighbours(pattern: string, paths: Set<string>): void {
  const path = pattern.replaceAll('*', 'gap').replaceAll('?', 'g');
  const base = path === '/' ? '' : path;
  paths.add(path);
  paths.add(`${base}/polc-child`);
  if (base === '') return;
  paths.add(`${path}-beside`);
  paths.add(path.slice(0, path.lastIndexOf('/')) || '/');
  if (pattern !== path) paths.add(pattern.replaceAll('*', '').replaceAll('?', 'h'));
}

function comparePorts(decision: Decision | undefined, ruleset: Ruleset, abi: number, comparison: Comparison): void {
  for (const [operation, name] of [
    ['bind', 'bind_tcp'],
    ['connect', 'connect_tcp'],
  ] as const) {
    const right = networkRights().find((candidate) => candidate.name === name)!;
    const answers = decision === undefined ? undefined : portAnswers(decision, operation, ruleset.ports);
    const allowed = answers?.reduce((sum, answer) => sum + (answer.allowed ? answer.high - answer.low + 1 : 0), 0);
    const handled = allowed !== undefined && allowed <= mostPortRules && right.abi <= abi;
    comparison.same(`${name} is handled`, (ruleset.handledPorts & right.bit) !== 0n, handled);
    if (answers === undefined || !handled) continue;
    for (const { low, high, allowed: wanted } of answers) {
      for (const port of wanted ? portsOf(low, high) : [low]) {
        const found = ((ruleset.ports.get(port) ?? 0n) & right.bit) !== 0n;
        comparison.same(`TCP ${operation} to port ${port}`, found ? 'allow' : 'deny', wanted ? 'allow' : 'deny');
      }
    }
  }
}

function portsOf(low: number, high: number): readonly number[] {
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}

interface PortAnswer {
  readonly low: number;
  readonly high: number;
  /** At some address at least. */
  readonly allowed: boolean;
}

/** The policy's answers over all ports, cut wherever the policy or the artifact could change its mind. */
function portAnswers(decision: Decision, operation: string, named: ReadonlyMap<number, bigint>): readonly PortAnswer[] {
  const cuts = new Set<number>([0]);
  const cut = (port: number) => {
    if (port >= 0 && port <= 65535) cuts.add(port);
  };
  for (const port of named.keys()) {
    cut(port);
    cut(port + 1);
  }
  for (const rule of decision.rules) {
    for (const number of integersIn(rule.when)) {
      if (number > 65536n) continue;
      cut(Number(number) - 1);
      cut(Number(number));
      cut(Number(number) + 1);
    }
  }
  const starts = [...cuts].sort((left, right) => left - right);
  return starts.map((low, index) => {
    const known: Readonly<Record<string, string | bigint | boolean>> = {
      operation,
      protocol: 'tcp',
      port: BigInt(low),
      outside: true,
    };
    const verdict = decide(decision, { attribute: (name) => known[name], parameter: () => undefined });
    const refused = verdict !== undefined && verdict.effect.kind !== 'allow' && verdict.effect.kind !== 'log';
    return { low, high: (starts[index + 1] ?? 65536) - 1, allowed: !refused };
  });
}

function integersIn(predicate: Predicate): readonly bigint[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.flatMap(integersIn);
    case 'not':
      return integersIn(predicate.of);
    case 'in-ranges':
      return predicate.ranges.flatMap((range) => [range.low, range.high]);
    case 'compare':
      return [predicate.left, predicate.right].flatMap((term) => {
        if (term.kind === 'mask') return Array.from({ length: 65536 }, (_, port) => BigInt(port));
        return term.kind === 'literal' && typeof term.value === 'bigint' ? [term.value] : [];
      });
    case 'constant':
    case 'in-set':
    case 'beneath':
    case 'glob':
    case 'in-network':
      return [];
    default: {
      const unreachable: never = predicate;
      return unreachable;
    }
  }
}

function compareScopes(policy: Policy, found: bigint, abi: number, comparison: Comparison): void {
  for (const scope of landlockScopes()) {
    const decision = decisionAt(policy, scope.name === 'signal' ? 'signal' : 'socket');
    const known: Readonly<Record<string, string | boolean>> = {
      ...(scope.name === 'signal' ? {} : { operation: 'connect', protocol: 'unix-abstract' }),
      outside: true,
    };
    const verdict =
      decision && decide(decision, { attribute: (name) => known[name], parameter: () => undefined })?.effect.kind;
    comparison.same(`scope ${scope.name}`, (found & scope.bit) !== 0n, verdict === 'deny' && scope.abi <= abi);
  }
}

/** Each ABI must handle what the newest one handles, cut to the rights that it has. */
function compareByAbi(policy: Policy, value: unknown, ruleset: Ruleset, abi: number, comparison: Comparison): void {
  const entries = list(value, 'by-abi.json').map((entry) => record(entry, 'by-abi.json'));
  comparison.same('ABIs listed', entries.length, newestListedAbi);
  const newest = readMasks(entries.at(-1)!.masks);
  const everyPath = decisionAt(policy, 'path')?.otherwise.effect.kind === 'deny';
  comparison.same('the newest path mask', newest.paths, everyPath ? landlockMask('fs', newestListedAbi) : 0n);
  entries.forEach((entry, index) => {
    const masks = readMasks(entry.masks);
    comparison.same(`ABI in place ${index}`, entry.abi, index + 1);
    comparison.same(`path mask of ABI ${index + 1}`, masks.paths, newest.paths & landlockMask('fs', index + 1));
    comparison.same(`port mask of ABI ${index + 1}`, masks.ports, newest.ports & landlockMask('net', index + 1));
    comparison.same(`scopes of ABI ${index + 1}`, masks.scoped, newest.scoped & landlockMask('scope', index + 1));
    if (index + 1 !== abi) return;
    comparison.same('port mask', masks.ports, ruleset.handledPorts);
    comparison.same('scopes', masks.scoped, ruleset.scoped);
  });
}
