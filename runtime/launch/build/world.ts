import type { KeyObject } from 'node:crypto';
import type { Cloud } from '../cloud.ts';
import type { PlaceState } from './state.ts';

/** What a compilation works with. */
export interface BuildWorld {
  readonly cloud: Cloud;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Milliseconds of a clock that never jumps. */
  readonly elapsed: () => number;
  /** Waits; rejects with `BuildStopped` where the compilation is to stop. */
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly sha256: (content: string) => string;
  /** Signs images, where the plan names a key. */
  readonly signer?: { readonly authority: string; readonly keyId: string; readonly key: KeyObject };
  /** Is told of each change of a place. */
  readonly tell?: (place: PlaceState) => void;
  /** Runs the work of a builder when there is room for it. */
  readonly slot: <T>(work: () => Promise<T>) => Promise<T>;
  readonly times: BuildTimes;
}

/** Milliseconds: how often is looked, and how long at most. */
export interface BuildTimes {
  readonly poll: number;
  /** Until a builder runs and its agent answers. */
  readonly start: number;
  readonly stop: number;
  /** Until an image can be launched. */
  readonly image: number;
  /** How long AWS may still show what is gone, and not yet what is there. */
  readonly settle: number;
  /** Until everything of a compilation is gone. */
  readonly removal: number;
}

const minute = 60_000;

export const usualTimes: BuildTimes = {
  poll: 10_000,
  start: 20 * minute,
  stop: 15 * minute,
  image: 120 * minute,
  settle: 15_000,
  removal: 45 * minute,
};

/** The compilation was asked to stop; its journal says how to go on. */
export class BuildStopped extends Error {
  constructor() {
    super('stopped');
    this.name = 'BuildStopped';
  }
}

/** An image cannot come out of this builder: another attempt begins with another one. */
export class PlaceFailure extends Error {
  readonly command: string | undefined;
  readonly output: string | undefined;

  constructor(reason: string, command?: string, output?: string) {
    super(reason);
    this.name = 'PlaceFailure';
    this.command = command;
    this.output = output;
  }
}

/** Lets so many run at once; the others wait for their turn. */
export function slots(count: number): BuildWorld['slot'] {
  let free = count;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
