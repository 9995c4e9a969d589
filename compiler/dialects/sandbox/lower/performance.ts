import { report } from '../../../diagnostics/report.ts';
import type { RunSetting } from '../../../ir/obligation.ts';
import type { Obligation } from '../../../ir/policy.ts';
import { first, type Lowering, origin, type Picked } from './lowering.ts';

/** `runtime:` and `performance:` as obligations; a value that asks for nothing makes none. */
export function lowerPerformance({ layers, diagnostics }: Lowering): readonly Obligation[] {
  const obligations: Obligation[] = [];
  const add = (setting: RunSetting, topic: string, value: string, at: Picked<unknown>) =>
    obligations.push({
      id: `run-with/${setting}`,
      topic,
      origin: origin(at.span, at.by),
      kind: 'run-with',
      setting,
      value,
    });

  const runtime = first(layers, (document) => document.runtime);
  if (runtime?.value === 'wasm') add('runtime', 'runtime', 'wasm', runtime);
  const zygote = first(layers, (document) => document.performance?.value.zygote);
  if (zygote?.value === true) add('zygote', 'performance.zygote', 'true', zygote);
  const ioMode = first(layers, (document) => document.performance?.value.io_mode);
  if (ioMode !== undefined && ioMode.value !== 'sync') add('io-mode', 'performance.io_mode', ioMode.value, ioMode);
  if (ioMode?.value === 'uring') diagnostics.push(report('POL5018', ioMode.span, {}));
  const allocator = first(layers, (document) => document.performance?.value.memory_allocator);
  if (allocator !== undefined && allocator.value !== 'system') {
    add('memory-allocator', 'performance.memory_allocator', allocator.value, allocator);
  }
  const affinity = first(layers, (document) => document.performance?.value.cpu_affinity);
  if (affinity !== undefined && affinity.value !== 'any') {
    const value =
      typeof affinity.value === 'string' ? affinity.value : affinity.value.map((cpu) => cpu.value).join(',');
    add('cpu-affinity', 'performance.cpu_affinity', value, affinity);
  }
  const prefetch = first(layers, (document) => document.performance?.value.prefetch);
  if (prefetch !== undefined) {
    const value =
      typeof prefetch.value === 'string' ? prefetch.value : prefetch.value.map((each) => each.value).join(',');
    if (value !== '') add('prefetch', 'performance.prefetch', value, prefetch);
  }
  return obligations;
}
