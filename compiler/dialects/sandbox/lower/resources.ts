import type { Limit, Obligation, Quantity, Resource } from '../../../ir/policy.ts';
import { first, type Lowering, origin, type Picked } from './lowering.ts';

/** The ceilings of `resources:` and the private layer that `tmpfs:` asks for. The nearest layer's value holds. */
export function lowerResources({ layers }: Lowering): {
  readonly limits: readonly Limit[];
  readonly obligations: readonly Obligation[];
} {
  const limits: Limit[] = [];
  const add = (resource: Resource, topic: string, ceiling: Quantity, at: Picked<unknown>) =>
    limits.push({ id: `limit/${resource}`, topic, origin: origin(at.span, at.by), resource, ceiling });

  const memory = first(layers, (document) => document.resources?.value.memory);
  if (memory) add('memory', 'resources.memory', { unit: 'bytes', amount: memory.value }, memory);
  const cpu = first(layers, (document) => document.resources?.value.cpu);
  if (cpu) add('cpu', 'resources.cpu', { unit: 'cpus', amount: cpu.value }, cpu);
  const pids = first(layers, (document) => document.resources?.value.pids);
  if (pids) add('pids', 'resources.pids', { unit: 'count', amount: pids.value }, pids);
  const disk = first(layers, (document) => document.resources?.value.disk);
  if (disk) add('disk', 'resources.disk', { unit: 'bytes', amount: disk.value }, disk);
  const timeout = first(layers, (document) => document.resources?.value.timeout);
  if (timeout) add('timeout', 'resources.timeout', { unit: 'milliseconds', amount: timeout.value }, timeout);

  const seen = new Set<string>();
  for (const { document, by, source } of layers) {
    for (const { key, value } of document.resources?.value.rlimits?.value ?? []) {
      if (seen.has(key.value)) continue;
      seen.add(key.value);
      add(
        `rlimit:${key.value}`,
        `resources.rlimits.${key.value}`,
        { unit: 'count', amount: value.value },
        { ...value, by, source },
      );
    }
  }
  const tmpfs = first(layers, (document) => document.resources?.value.tmpfs);
  const obligations: readonly Obligation[] =
    tmpfs === undefined
      ? []
      : [
          {
            id: 'private-layer//tmp',
            topic: 'resources.tmpfs',
            origin: origin(tmpfs.span, tmpfs.by),
            kind: 'private-layer',
            path: '/tmp',
            bytes: tmpfs.value,
          },
        ];
  return { limits, obligations };
}
