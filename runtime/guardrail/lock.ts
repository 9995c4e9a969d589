import { randomBytes } from 'node:crypto';
import { AwsFailure } from '../aws/failure.ts';
import type { AwsPort } from './aws/port.ts';

/**
 * `/polc/guardrail/lock/NUMBER`: who changes the guardrails of the account now. Parameters cannot be compared and set, but
 * of several who make one of the same name one succeeds. So each holder makes the next number, and the highest stays when
 * it is released: a number is never made twice by two who both believe that it is free.
 */
export const lockFolder = '/polc/guardrail/lock';

/**
 * Milliseconds after which a holder is taken to be gone: longer than an invocation of the Lambda function, and over
 * before Lambda tries for the last time. A holder that is at work longer says so before its next change.
 */
export const lockLease = 150_000;

/** Pauses before each further attempt, in milliseconds: half a minute in all. */
const pauses = [250, 500, 1000, 2000, 4000, 8000, 8000, 8000];

export type Locked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly until: string };

interface Claim {
  readonly number: number;
  readonly holder: string;
  /** Milliseconds since 1970; 0 where it was released. */
  readonly expires: number;
}

interface Clock {
  readonly now: () => number;
  /** Waits for so many milliseconds; tests give their own. */
  readonly pause?: ((milliseconds: number) => Promise<void>) | undefined;
}

/**
 * Runs `work` while no other run changes guardrails, be it here, on another machine or in Lambda: responses that overlap
 * would undo each other's steps, and boundaries on one role lie on each other in one order.
 *
 * @param work with the port through which it has to make its changes: a run that lost the lock changes nothing more
 * @returns `ok: false` where another run holds it all the while
 * @throws AwsFailure
 */
export async function withLock<T>(
  port: AwsPort,
  { now, pause = sleep }: Clock,
  work: (port: AwsPort) => Promise<T>,
): Promise<Locked<T>> {
  const holder = randomBytes(9).toString('base64url');
  for (let attempt = 0; ; attempt += 1) {
    const found = await tryClaim(port, holder, now);
    if ('holder' in found) {
      const lock = new HeldLock(port, found, now);
      try {
        return { ok: true, value: await work(guarded(port, lock)) };
      } finally {
        await lock.release();
      }
    }
    const wait = pauses[attempt];
    if (wait === undefined) return { ok: false, until: new Date(found.until).toISOString() };
    await pause(wait * (0.5 + Math.random() / 2));
  }
}

async function tryClaim(port: AwsPort, holder: string, now: () => number): Promise<Claim | { readonly until: number }> {
  const before = await highest(port);
  if (before !== undefined && before.expires > now()) return { until: before.expires };
  const claim: Claim = { number: (before?.number ?? 0) + 1, holder, expires: now() + lockLease };
  try {
    await port.putParameter(nameOf(claim), textOf(claim), { overwrite: false, secret: false });
  } catch (error) {
    if (!(error instanceof AwsFailure) || error.code !== 'ParameterAlreadyExists') throw error;
    // Ours all the same where the answer to an earlier attempt of this very call was lost.
    const made = await port.parameter(nameOf(claim));
    if (made !== textOf(claim)) return { until: claim.expires };
  }
  const top = await highest(port);
  if (top !== undefined && top.number > claim.number) {
    // Whoever looked long ago makes a number that was removed since; the highest counts.
    await port.deleteParameter(nameOf(claim));
    return { until: top.expires };
  }
  if (before !== undefined) await withoutFail(() => port.deleteParameter(nameOf(before)));
  return claim;
}

class HeldLock {
  readonly #port: AwsPort;
  readonly #now: () => number;
  #claim: Claim;

  constructor(port: AwsPort, claim: Claim, now: () => number) {
    this.#port = port;
    this.#claim = claim;
    this.#now = now;
  }

  /** Before each change. Throws AwsFailure where the lock was lost, as after a machine slept. */
  async keep(): Promise<void> {
    const now = this.#now();
    if (this.#claim.expires - now > lockLease / 2) return;
    // Of one that was released, `expires` is 0.
    const top = await highest(this.#port);
    if (this.#claim.expires === 0 || top?.holder !== this.#claim.holder) {
      throw new AwsFailure('ssm:PutParameter', 'LockLost', 'another run changes the guardrails now', true);
    }
    this.#claim = { ...this.#claim, expires: now + lockLease };
    await this.#port.putParameter(nameOf(this.#claim), textOf(this.#claim), { overwrite: true, secret: false });
  }

  async release(): Promise<void> {
    if (this.#now() >= this.#claim.expires) return;
    const released = { ...this.#claim, expires: 0 };
    const options = { overwrite: true, secret: false };
    this.#claim = released;
    await withoutFail(() => this.#port.putParameter(nameOf(released), textOf(released), options));
  }
}

/** The same port, which holds the lock at each call that changes something. */
function guarded(port: AwsPort, lock: HeldLock): AwsPort {
  const after = async <T>(change: () => Promise<T>): Promise<T> => {
    await lock.keep();
    return change();
  };
  return {
    createPolicy: (policy) => after(() => port.createPolicy(policy)),
    replaceDocument: (arn, document) => after(() => port.replaceDocument(arn, document)),
    tagPolicy: (arn, tags) => after(() => port.tagPolicy(arn, tags)),
    deletePolicy: (arn) => after(() => port.deletePolicy(arn)),
    attach: (principal, arn) => after(() => port.attach(principal, arn)),
    detach: (principal, arn) => after(() => port.detach(principal, arn)),
    setBoundary: (principal, boundary) => after(() => port.setBoundary(principal, boundary)),
    putParameter: (name, value, options) => after(() => port.putParameter(name, value, options)),
    deleteParameter: (name) => after(() => port.deleteParameter(name)),
    publish: (topic, subject, message) => after(() => port.publish(topic, subject, message)),
    listPolicies: (path) => port.listPolicies(path),
    getPolicy: (arn) => port.getPolicy(arn),
    attachments: (arn) => port.attachments(arn),
    principal: (arn) => port.principal(arn),
    parameter: (name) => port.parameter(name),
    parametersBelow: (path) => port.parametersBelow(path),
  };
}

async function highest(port: Pick<AwsPort, 'parametersBelow'>): Promise<Claim | undefined> {
  let top: Claim | undefined;
  for (const { name, value } of await port.parametersBelow(lockFolder)) {
    const number = Number(/^[1-9][0-9]{0,14}$/.exec(name.slice(lockFolder.length + 1))?.[0] ?? Number.NaN);
    if (Number.isNaN(number) || (top !== undefined && top.number > number)) continue;
    top = readClaim(number, value);
  }
  return top;
}

function nameOf({ number }: Claim): string {
  return `${lockFolder}/${number}`;
}

function textOf({ holder, expires }: Claim): string {
  return JSON.stringify({ holder, expires });
}

/** What cannot be read is held by nobody. */
function readClaim(number: number, text: string): Claim {
  const free: Claim = { number, holder: '', expires: 0 };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('holder' in value) || !('expires' in value)) return free;
    const { holder, expires } = value;
    return typeof holder === 'string' && typeof expires === 'number' ? { number, holder, expires } : free;
  } catch {
    return free;
  }
}

/** A number that stays is removed by a later holder, and a lock that stays runs out. */
async function withoutFail(call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!(error instanceof AwsFailure)) throw error;
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
