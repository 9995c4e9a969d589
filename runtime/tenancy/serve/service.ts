import { applyTenancy, restoreTenancy } from '../apply.ts';
import { carryOut } from './carry-out.ts';
import { desiredText } from './desired-text.ts';
import { type CheckName, checkHealth, checkNames, type Health } from './health.ts';
import { settleKey } from './keys.ts';
import { Lane } from './lane.ts';
import type { Measured } from './metrics.ts';
import type { Operation } from './operation.ts';
import type { ServiceWorld } from './platform.ts';
import { readRecords } from './stored-records.ts';

/** The part of a service that works by itself: it carries out what waits, and looks at the cluster on a schedule. */
export class Service {
  readonly parts: ServiceWorld;
  readonly applies: boolean;
  readonly #checkEvery: number;
  readonly #lane = new Lane();
  #stopping = false;
  #working: Promise<void> | undefined;
  #checking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Whether the platform's own files are applied: an operation does that too. */
  #inStep = false;
  #health: Health | undefined;
  /** Why nothing may be changed any more: the journal or the audit log cannot be written. */
  #broken: string | undefined;

  /** Keys that an earlier process was at. */
  #leftKeys: readonly Operation[];

  /**
   * @param checkEvery milliseconds between two checks
   * @param applies false where ENABLE_POLICY_MANAGEMENT switches changes off: then it only looks
   */
  constructor(parts: ServiceWorld, checkEvery: number, applies = true) {
    this.parts = parts;
    this.applies = applies;
    this.#leftKeys = parts.operations.unfinishedKeys();
    this.#checkEvery = checkEvery;
  }

  /** Goes on with what an earlier process has left, and looks at the cluster. */
  start(): void {
    if (this.applies) this.work();
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

  /**
   * Puts back what an apply could not when the cluster was away, and applies once what files and records say. What a
   * cluster refuses is for a person to look at; what it did not answer is tried again with the next check.
   */
  async #bringInStep(): Promise<void> {
    const { places, world, operations, platform, timeout } = this.parts;
    if (operations.waiting().length > 0) return;
    if (this.#inStep || !this.applies) {
      if (this.applies) await restoreTenancy(places.policy, world);
      return;
    }
    const read = await readRecords(world.cluster, places);
    if (!read.ok) return;
    const { tenancy } = platform.compile(desiredText(read.value, places.templates));
    if (tenancy === undefined) return;
    const { result, diagnostics } = await applyTenancy(tenancy, { timeout, force: false, dryRun: false }, world);
    const isApplied = result === 'applied' || result === 'unchanged';
    if (result !== 'unchanged') this.parts.metrics.applied(isApplied ? 'success' : 'failure');
    this.#inStep = result !== 'incomplete' && diagnostics.every(({ code }) => code !== 'POL8120');
  }

  /** Those that the cluster does not let settle yet stay for the next check. */
  async #settleKeys(): Promise<void> {
    const left: Operation[] = [];
    const unmade = this.parts.operations.unfinishedKeys().filter(({ undoing }) => undoing !== undefined);
    for (const operation of new Set([...this.#leftKeys, ...unmade])) {
      if (!(await settleKey(operation, this.parts))) left.push(operation);
    }
    this.#leftKeys = left.filter(({ undoing }) => undoing === undefined);
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
    // While an operation is under way policies differ, and keys are its own affair. One that does not end keeps the checks
    // waiting, and that is said by their age.
    if (this.#lane.isHeld && before !== undefined && this.parts.world.now() - before.wholeAt <= this.#oldest()) {
      this.#health = await checkHealth(this.parts, { keys: false, before });
      return;
    }
    await this.#lane.run(async () => {
      if (this.#stopping) return;
      if (this.applies) await this.#settleKeys();
      await this.#bringInStep();
      this.#health = await checkHealth(this.parts, { keys: this.applies });
    });
  }
}
