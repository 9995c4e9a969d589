import type { Artifact, Validation } from '../backends/backend.ts';
import type { Limit, Policy } from '../ir/policy.ts';

/** Reads every file and directive back into the ceiling that it sets, and compares those with the policy's. */
export function validateCgroup(policy: Policy, artifacts: readonly Artifact[]): Validation {
  const method = 'every file and directive read back as the ceiling it sets';
  const found = new Map<string, string>();
  for (const artifact of artifacts) {
    const text = typeof artifact.content === 'string' ? artifact.content : new TextDecoder().decode(artifact.content);
    const problem = artifact.path === 'polc.conf' ? readDropIn(text, found) : readFile(artifact.path, text, found);
    if (problem !== undefined) return refuse(method, found.size, problem);
  }
  const wanted = new Map(policy.limits.flatMap(expectations));
  for (const [place, value] of wanted) {
    if (found.get(place) !== value) {
      return refuse(method, wanted.size, `${place}: the artifact says ${found.get(place)}, the policy ${value}`);
    }
  }
  for (const place of found.keys()) {
    if (!wanted.has(place)) return refuse(method, wanted.size, `${place}: no limit of the policy asks for it`);
  }
  return { status: 'proven', method, compared: wanted.size };
}

function refuse(method: string, compared: number, counterexample: string): Validation {
  return { status: 'refused', method, compared, counterexample };
}

/** One line: a number, `max`, -1, or for cpu.max two words. */
function readFile(path: string, text: string, found: Map<string, string>): string | undefined {
  const match = /^(max|-1|\d+)(?: (\d+))?\n$/.exec(text);
  if (match === null || (match[2] !== undefined) !== (path === 'v2/cpu.max')) return `${path}: malformed`;
  found.set(path, match[2] === undefined ? unlimitedAs(match[1]!) : `${unlimitedAs(match[1]!)} ${match[2]}`);
  return undefined;
}

function unlimitedAs(text: string): string {
  return text === 'max' || text === '-1' || text === 'infinity' || text === '' ? 'unlimited' : text;
}

function readDropIn(text: string, found: Map<string, string>): string | undefined {
  const [section, ...lines] = text.split('\n');
  if (section !== '[Service]' || lines.pop() !== '') return 'polc.conf: not one section of whole lines';
  for (const line of lines) {
    const match = /^([A-Za-z]+)=(|infinity|\d+(?:\.\d+)?)(%|ms)?$/.exec(line);
    if (match === null) return `polc.conf: ${line}`;
    const place = `polc.conf ${match[1]}`;
    if (found.has(place)) return `${place}: written twice`;
    found.set(place, `${unlimitedAs(match[2]!)}${match[3] ?? ''}`);
  }
  return undefined;
}

/** What each place must say, worked out from the ceiling in the units of its documentation. */
function expectations({ resource, ceiling }: Limit): readonly (readonly [string, string])[] {
  const none = ceiling.amount === Number.POSITIVE_INFINITY;
  const plain = none ? 'unlimited' : ceiling.amount.toString();
  switch (resource) {
    case 'memory':
      return [
        ['v2/memory.max', plain],
        ['v2/memory.swap.max', none ? 'unlimited' : '0'],
        ['v1/memory.limit_in_bytes', plain],
        ['v1/memory.memsw.limit_in_bytes', plain],
        ['polc.conf MemoryMax', plain],
        ['polc.conf MemorySwapMax', none ? 'unlimited' : '0'],
      ];
    case 'cpu': {
      // Below a hundredth of a processor the usual period of 100 ms would need a quota that the kernel refuses.
      const period = none || ceiling.amount >= 0.01 ? 100_000 : 1_000_000;
      const quota = none ? 'unlimited' : String(Math.max(1_000, Math.round(ceiling.amount * period)));
      return [
        ['v2/cpu.max', `${quota} ${period}`],
        ['v1/cpu.cfs_period_us', String(period)],
        ['v1/cpu.cfs_quota_us', quota],
        ['polc.conf CPUQuota', none ? 'unlimited' : `${Math.max(1, Math.round(ceiling.amount * 10_000)) / 100}%`],
      ];
    }
    case 'pids':
      return [
        ['v2/pids.max', plain],
        ['v1/pids.max', plain],
        ['polc.conf TasksMax', plain],
      ];
    case 'timeout':
      return [['polc.conf RuntimeMaxSec', none ? plain : `${plain}ms`]];
    case 'disk':
      return [];
    default:
      return [[`polc.conf Limit${resource.replace('rlimit:', '').toUpperCase()}`, plain]];
  }
}
