import type { Diagnostic } from './diagnostics/diagnostic.ts';
import { report } from './diagnostics/report.ts';
import type { Host } from './host.ts';
import type { SourceText } from './source/text.ts';

export type Phase = 'parse' | 'resolve' | 'lower' | 'verify' | 'optimise' | 'emit' | 'validate' | 'bundle';

export interface PhaseTime {
  readonly phase: Phase;
  readonly milliseconds: number;
}

/** Measures the phases of one compilation with the host's monotonic clock. */
export class Stopwatch {
  readonly times: PhaseTime[] = [];
  /** The phase under way, for the message of a failure. */
  current: Phase = 'parse';
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** A phase that is measured several times in succession is one. */
  measure<T>(phase: Phase, work: () => T): T {
    this.current = phase;
    const start = this.#host.now();
    const result = work();
    const milliseconds = this.#host.now() - start;
    const last = this.times.at(-1);
    if (last?.phase === phase)
      this.times[this.times.length - 1] = { phase, milliseconds: last.milliseconds + milliseconds };
    else this.times.push({ phase, milliseconds });
    return result;
  }
}

const basis = 50;

/** The gate for a policy of so many lines: 50 ms up to 1,000 lines and 50 ms more for each further 1,000. */
export function gateFor(lines: number): number {
  return basis * Math.max(1, Math.ceil(lines / 1000));
}

/**
 * @param maximum milliseconds; undefined for the gate of the source's size, 0 for none
 * @returns the diagnostic of an exceeded gate
 */
export function checkGate(
  times: readonly PhaseTime[],
  source: SourceText,
  lines: number,
  maximum: number | undefined,
): Diagnostic | undefined {
  const target = maximum ?? gateFor(lines);
  const took = times.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  if (target === 0 || took < target) return undefined;
  const end = source.lineStarts[1] ?? source.text.length;
  return report(
    'POL8100',
    { file: source.path, start: 0, end: Math.max(0, end - 1) },
    { took: took.toFixed(0), target },
    {
      notes: times.map(({ phase, milliseconds }) => `${phase.padEnd(8)} ${milliseconds.toFixed(1).padStart(7)} ms`),
    },
  );
}
