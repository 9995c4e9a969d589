import { decisionAt, type Limit, type Policy } from '../../ir/policy.ts';
import { isPattern } from '../landlock/path-grants.ts';
import { networkIsolation } from '../network-isolation.ts';
import { type FolderGrant, folderGrants } from './capabilities.ts';

export type EngineName = 'wasmtime' | 'wasmer' | 'wasmedge' | 'node';
export const engineNames: readonly EngineName[] = ['wasmtime', 'wasmer', 'wasmedge', 'node'];

/** Pages of WebAssembly's memory, in bytes. */
const pageBytes = 65_536;

/** What an engine's own options cannot hold of one rule or limit, where the guest is not hardened. */
export interface EngineLoss {
  readonly engine: EngineName;
  readonly rule: string;
  readonly topic: string;
  readonly lost: string;
}

/** The folders that engines can be given: not those behind a pattern, which they would take for a name. */
function givenFolders(policy: Policy): readonly FolderGrant[] {
  return folderGrants(policy).filter(({ pattern }) => !isPattern(pattern) && !isUnwritable(pattern));
}

/**
 * The options of each engine's command line, one a line, after their own help: wasmtime 43 `run` (--dir, -W, -S), wasmer 6
 * `run` (--volume, --net), wasmedge 0.14 (--dir, --time-limit, --memory-page-limit). The guest sees each folder where
 * it is on the host.
 */
export function engineArguments(policy: Policy, engine: Exclude<EngineName, 'node'>): readonly string[] {
  const folders = givenFolders(policy);
  const memory = finite(policy, 'memory');
  const timeout = finite(policy, 'timeout');
  const shared = networkIsolation(decisionAt(policy, 'socket')) === 'shared';
  switch (engine) {
    case 'wasmtime':
      return [
        ...folders.flatMap(({ pattern }) => ['--dir', `${pattern}::${pattern}`]),
        ...(memory === undefined ? [] : ['-W', `max-memory-size=${Math.floor(memory / pageBytes) * pageBytes}`]),
        ...(timeout === undefined ? [] : ['-W', `timeout=${timeout}ms`]),
        ...(shared ? ['-S', 'inherit-network'] : []),
      ];
    case 'wasmer':
      return [...folders.flatMap(({ pattern }) => ['--volume', `${pattern}:${pattern}`]), ...(shared ? ['--net'] : [])];
    case 'wasmedge':
      return [
        ...folders.flatMap(({ pattern, access }) => {
          const name = guestNameForWasmEdge(pattern);
          return name === undefined ? [] : ['--dir', `${name}:${pattern}${access === 'read' ? ':readonly' : ''}`];
        }),
        ...(memory === undefined ? [] : ['--memory-page-limit', String(Math.floor(memory / pageBytes))]),
        ...(timeout === undefined ? [] : ['--time-limit', String(timeout)]),
      ];
    default:
      return engine satisfies never;
  }
}

/** A name that the options of some engine, or a line of a file, would divide. */
function isUnwritable(path: string): boolean {
  return path.includes(':') || path.includes('\n');
}

/**
 * What WasmEdge is told to call a folder, so that its guest is told where it is: of what it is told it leaves out a second
 * component that begins with a dot (0.14.1, VINode::canonicalGuest), `.` before all else being the first. Libraries of
 * guests take `./srv` for `/srv`, and so do hardened guests. Undefined where no way of writing leaves all in.
 */
function guestNameForWasmEdge(path: string): string | undefined {
  if (!path.startsWith('/.')) return path === '/' ? path : `.${path}`;
  return /^\/[^/]*\/\./.test(path) ? undefined : path;
}

/** What Node's WASI is made with. */
export function nodeOptions(policy: Policy): object {
  return {
    version: 'preview1',
    preopens: Object.fromEntries(givenFolders(policy).map(({ pattern }) => [pattern, pattern])),
    returnOnExit: true,
  };
}

function finite(policy: Policy, resource: Limit['resource']): number | undefined {
  const amount = policy.limits.find((limit) => limit.resource === resource)?.ceiling.amount;
  return amount === undefined || amount === Number.POSITIVE_INFINITY ? undefined : amount;
}

/** What each engine loses of a policy when it runs a guest that is not hardened. */
export function engineLosses(policy: Policy): readonly EngineLoss[] {
  return engineNames.flatMap((engine) => [
    ...folderGrants(policy).flatMap((grant) =>
      grant.rules.flatMap((rule): readonly EngineLoss[] => {
        const lost = folderLoss(engine, grant);
        return lost === undefined ? [] : [{ engine, rule: rule.id, topic: rule.topic, lost }];
      }),
    ),
    ...(decisionAt(policy, 'path')?.rules ?? []).flatMap(({ id, topic, effect }): readonly EngineLoss[] => {
      const lost = 'an engine gives whole folders: nothing in them is taken back';
      return effect.kind === 'allow' ? [] : [{ engine, rule: id, topic, lost }];
    }),
    ...policy.limits.flatMap((limit): readonly EngineLoss[] => {
      const lost = limitLoss(engine, limit);
      return lost === undefined ? [] : [{ engine, rule: limit.id, topic: limit.topic, lost }];
    }),
  ]);
}

function folderLoss(engine: EngineName, { pattern, access }: FolderGrant): string | undefined {
  if (isPattern(pattern)) return 'a pattern, which no engine takes: what it stands for is not given';
  if (isUnwritable(pattern)) return 'a name that the options cannot write: it is not given';
  if (engine === 'wasmedge' && guestNameForWasmEdge(pattern) === undefined)
    return 'a name of which the guest would be told a part: it is not given';
  const links = engine === 'node' ? '; symbolic links lead out of it' : '';
  if (access === 'read' && engine !== 'wasmedge') return `the folder is given to write as well${links}`;
  if (access === 'read-write') return `the folder is given with every right of writing${links}`;
  return undefined;
}

function limitLoss(engine: EngineName, { resource, ceiling }: Limit): string | undefined {
  if (ceiling.amount === Number.POSITIVE_INFINITY) return undefined;
  const unlimited = engine === 'wasmer' || engine === 'node';
  switch (resource) {
    case 'memory':
      return unlimited ? 'no option limits memory' : undefined;
    case 'timeout':
      return unlimited ? 'no option limits time' : undefined;
    case 'pids':
      return undefined;
    case 'cpu':
      return ceiling.amount >= 1 ? undefined : 'no option gives a share of a processor';
    case 'rlimit:core':
      return undefined;
    default:
      return 'no option limits it';
  }
}
