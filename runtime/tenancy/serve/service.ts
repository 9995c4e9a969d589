import { restoreTenancy } from '../apply.ts';
import { carryOut } from './carry-out.ts';
import { type CheckName, checkHealth, checkNames, type Health } from './health.ts';
import { settleKey } from './keys.ts';
import { Lane } from './lane.ts';
import type { Measured } from './metrics.ts';
import type { Operation } from './operation.ts';
import type { ServiceWorld } from './platform.ts';
import type { Records } from './records.ts';

/** The part of a service that works by itself: it carries out what waits, and looks at the cluster on a schedule. */
export class Service {
  readonly parts: ServiceWorld;
  readonly #checkEvery: number;
  readonly #lane = new Lane();
  #stopping = false;
  #working: Promise<void> | undefined;
  #checking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #health: Health | undefined;
  /** Why nothing may be changed any more: the journal or the audit log cannot be written. */
  #broken: string | undefined;

  /** Keys that an earlier process was at. */
  #leftKeys: readonly Operation[];

  /** @param checkEvery milliseconds between two checks */
  constructor(parts: ServiceWorld, checkEvery: number) {
    this.parts = parts;
    this.#leftKeys = parts.operations.unfinishedKeys();
    this.#checkEvery = checkEvery;
  }

  /** Goes on with what an earlier process has left, and looks at the cluster. */
  start(): void {
    this.work();
    this.#check();
  }

  /** Carries out what waits, if nothing does yet. */
  work(): void {
    if (this.#working !== undefined || this.#stopping || this.#broken !== undefined) return;
    this.#working = this.#workOff()
      .catch((error: unknown) => {
        this.#broken = error instanceof Error ? error.message : String(error);
      })
      .finally(() => {
        this.#working = undefined;
        if (this.#broken === undefined && this.parts.operations.waiting().length > 0) this.work();
      });
  }

  /** Lets what runs come to the end of a step; what waits is left to the next process. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    await Promise.all([this.#working, this.#checking]);
  }

  /** @param reason why nothing may be changed any more */
  breakOff(reason: string): void {
    this.#broken ??= reason;
  }

  get broken(): string | undefined {
    return this.#broken;
  }

  /** What the last check read; undefined before the first. */
  get records(): Records | undefined {
    return this.#health?.records;
  }

  /** Why the service is not ready, by check: one that is not here succeeds. */
  failing(): ReadonlyMap<CheckName | 'service', string> {
    const failing = new Map<CheckName | 'service', string>();
    if (this.#broken !== undefined) failing.set('service', this.#broken);
    if (this.#health === undefined) for (const name of checkNames) failing.set(name, 'it was not looked at yet');
    else if (this.parts.world.now() - this.#health.at > this.#oldest()) {
      for (const name of checkNames) failing.set(name, 'the last look at it is too long ago');
    } else for (const [name, problem] of this.#health.failing) failing.set(name, problem);
    return failing;
  }

  measured(): Measured {
    const failing = this.failing();
    return {
      queue: this.parts.operations.waiting().length,
      activeTeams: this.#health?.activeTeams,
      drifted: this.#health?.drifted,
      compliant: failing.size === 0,
      checks: new Map(checkNames.map((name) => [name, !failing.has(name)])),
      checkedAt: this.#health?.at,
    };
  }

  #oldest(): number {
    return 3 * this.#checkEvery + 2 * this.parts.timeout;
  }

  async #workOff(): Promise<void> {
    const { operations } = this.parts;
    for (;;) {
      const [next] = operations.waiting();
      if (next === undefined || this.#stopping) return;
      await this.#lane.run(() => carryOut(next.id, this.parts, () => this.#stopping));
    }
  }

  /** Those that the cluster does not let settle yet stay for the next check. */
  async #settleKeys(): Promise<void> {
    const left: Operation[] = [];
    for (const operation of this.#leftKeys) if (!(await settleKey(operation, this.parts))) left.push(operation);
    this.#leftKeys = left;
  }

  #check(): void {
    this.#checking = this.#look()
      .catch((error: unknown) => this.breakOff(error instanceof Error ? error.message : String(error)))
      .finally(() => {
        if (!this.#stopping) this.#timer = setTimeout(() => this.#check(), this.#checkEvery);
      });
  }

  async #look(): Promise<void> {
    const before = this.#health;
    // While an operation is under way policies differ, and keys are its own affair.
    if (this.#lane.isHeld && before !== undefined) {
      this.#health = await checkHealth(this.parts, before);
      return;
    }
    await this.#lane.run(async () => {
      if (this.#stopping) return;
      await this.#settleKeys();
      await restoreCutOff(this.parts);
      this.#health = await checkHealth(this.parts);
    });
  }
}

/** Puts back what an apply could not, when the cluster was away. */
async function restoreCutOff({ places, world, operations }: ServiceWorld): Promise<void> {
  if (operations.waiting().length === 0) await restoreTenancy(places.policy, world);
}
