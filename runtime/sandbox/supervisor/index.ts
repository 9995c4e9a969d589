import type { ChildProcess } from 'node:child_process';
import { closeSync, readlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Artifact } from '../../../compiler/backends/backend.ts';
import { landlockMasks } from '../../../compiler/backends/landlock/ruleset.ts';
import { tellsRefusals } from '../../../compiler/backends/landlock/told-refusals.ts';
import type { Machine } from '../../../compiler/backends/launcher/plan.ts';
import { decodeInstructions, type Instruction } from '../../../compiler/backends/seccomp/instruction.ts';
import { liveTransitions } from '../../../compiler/backends/seccomp/supervised.ts';
import type { EnforcementLevel } from '../../../compiler/ir/obligation.ts';
import type { Policy } from '../../../compiler/ir/policy.ts';
import { auditArchitecture } from '../../../compiler/tables/architectures.ts';
import { syscallName, syscallNumber } from '../../../compiler/tables/syscalls.ts';
import type { HookEvent } from '../../hook-programs/events.ts';
import type { ReadyRun } from '../../hook-programs/run-programs.ts';
import { type AuditLog, auditLack, openAuditLog } from '../../kernel/audit-log.ts';
import { Readiness } from '../../kernel/readiness.ts';
import { type NoSystemCalls, type SystemCalls, systemCalls } from '../../kernel/system-calls.ts';
import { killGroup, type PlannedGroup } from '../control-group.ts';
import { killWaiting } from './kill-process.ts';
import { LandlockRefusals, type RefusalEvent } from './landlock-refusals.ts';
import { lowerLimits } from './level-limits.ts';
import { action, type LevelChange, LevelMachine, withoutData } from './level-machine.ts';
import { type Notification, Notifications } from './notifications.ts';
import { takeListener } from './take-listener.ts';

/** A move to a stricter level, as a line of JSON has it. */
export interface LevelEvent {
  /** RFC 3339, in UTC. */
  readonly time: string;
  readonly policy: string;
  readonly event: 'level';
  readonly from: EnforcementLevel;
  readonly to: EnforcementLevel;
  /** The transition's id and what fired it. */
  readonly rule: string;
  readonly trigger: string;
  /** The system call that was it, and the thread that made it. */
  readonly syscall?: string;
  readonly thread?: number;
  /** Files of the control group with what was written to them. */
  readonly limits?: readonly string[];
  /** The hooks, and calls on sockets, whose programs of the level decide from now on. */
  readonly programs?: readonly string[];
  /** From when the supervisor learnt of the event until the level was in force, which a call waits for. */
  readonly microseconds: number;
}

export interface SupervisionRequest {
  readonly policy: Policy;
  readonly machine: Machine;
  /** What the launcher's backend has emitted. */
  readonly artifacts: readonly Artifact[];
  /** The control group that the program is in, where there is one. */
  readonly group: PlannedGroup | undefined;
  /** The programs of the kernel that hold the group, where there are some. */
  readonly programs?: Pick<ReadyRun, 'tighten'> | undefined;
  /** The Landlock ABI, by which the launcher was made. */
  readonly landlock: number;
  readonly record: (event: LevelEvent | RefusalEvent) => void;
  /** What went wrong; one line each. */
  readonly say: (line: string) => void;
  /** What fires no trigger on this machine; one line each. */
  readonly warn: (line: string) => void;
}

/** Who answers for the filter of one program. */
export interface Supervision {
  /** Waits for the launcher's report at its descriptor 3, a pipe to this process, and answers from then on. */
  watch(launcher: ChildProcess): void;
  /** What a program at a hook of the kernel has recorded. */
  hear(event: HookEvent): void;
  /** An event that is no system call. */
  fire(event: string): void;
  readonly level: EnforcementLevel;
  /** Stops: what would still be asked is refused by the kernel (ENOSYS). */
  end(): Promise<void>;
}

/** @returns why there can be no supervisor on this machine, where there can be none */
export async function readySupervision(
  request: SupervisionRequest,
  made = systemCalls(),
  openAudit = auditOf,
): Promise<Supervision | NoSystemCalls> {
  const calls = await made;
  return 'problem' in calls ? calls : new Supervisor(calls, request, openAudit(calls, request));
}

/** Where Landlock's refusals are to move the program, the records that tell of them. */
function auditOf(calls: SystemCalls, { policy, landlock, warn }: SupervisionRequest): AuditLog | undefined {
  if (!tellsRefusals(policy, landlockMasks(policy)(landlock))) return undefined;
  const audit = auditLack(calls) ?? openAuditLog(calls);
  if (!('problem' in audit)) return audit;
  warn(`what Landlock refuses fires no \`policy_violation\`: ${audit.problem}`);
  warn(`help: ${audit.help}`);
  return undefined;
}

/** How many records are heard before waiting calls are answered again. */
const recordsAtOnce = 64;
/** How many calls are answered before all else of this process has its turn, however many wait: records, signals, time. */
const answersAtOnce = 256;
/** How often so many at the end: more than there is room for. */
const lastRounds = 1024;
/** The record of a system call comes at its end, moments after those of what it was refused. */
const settleMilliseconds = 20;

class Supervisor implements Supervision {
  readonly #calls: SystemCalls;
  readonly #request: SupervisionRequest;
  readonly #levels: LevelMachine;
  readonly #audit: AuditLog | undefined;
  readonly #refusals: LandlockRefusals;
  #settling: NodeJS.Timeout | undefined;
  #saidLost = false;
  #launcher: ChildProcess | undefined;
  #pipe: Socket | undefined;
  #readiness: Readiness | undefined;
  #answering: Promise<void> | undefined;
  #ended = false;
  /** Ended, and everything heard. */
  #isOver = false;
  /** Nothing is answered any more: what still lives is refused by the kernel what it would be asked about. */
  #isGiven = false;

  constructor(calls: SystemCalls, request: SupervisionRequest, audit: AuditLog | undefined) {
    const { policy, machine, artifacts } = request;
    const programOf = (name: string): readonly Instruction[] | undefined => {
      const content = artifacts.find(({ path }) => path === `${name}.${machine}.bpf`)?.content;
      return content instanceof Uint8Array ? decodeInstructions(content) : undefined;
    };
    const names = [policy.adaptive!.start, ...policy.adaptive!.levels.map(({ level }) => level)];
    // A level without a program refuses all.
    const levels = names.map((level) => ({ level, program: programOf(`level-${level}`) ?? [] }));
    const transitions = liveTransitions(policy).map(({ id, event, to, when }) => ({
      id,
      event,
      to,
      ...(when === undefined ? {} : { program: programOf(`event-${event}`) ?? [] }),
    }));
    this.#calls = calls;
    this.#request = request;
    this.#levels = new LevelMachine(levels, transitions);
    this.#audit = audit;
    this.#refusals = new LandlockRefusals(policy.name, () => this.fire('policy_violation'), request.record);
  }

  get level(): EnforcementLevel {
    return this.#levels.level;
  }

  watch(launcher: ChildProcess): void {
    this.#launcher = launcher;
    const pipe = launcher.stdio[3];
    // It could not be started, which its `error` says.
    if (!(pipe instanceof Socket)) return;
    this.#pipe = pipe;
    pipe.once('data', () => {
      this.#answering = this.#answer(launcher.pid ?? 0).catch((error: unknown) => {
        this.#give(error instanceof Error ? error.message : String(error));
      });
    });
    pipe.on('error', () => {});
  }

  hear({ rule, answer }: HookEvent): void {
    for (const { event, recorded } of liveTransitions(this.#request.policy)) {
      if (recorded === rule || (answer === 'refused' && event === 'policy_violation')) this.fire(event);
    }
  }

  fire(event: string): void {
    // What comes late would move nobody, and the maps of the levels may be closed.
    if (this.#isOver) return;
    const began = performance.now();
    const change = this.#levels.fire(event);
    if (change !== undefined) this.#enforce(change, began, undefined);
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#readiness?.close();
    await this.#answering;
    this.#pipe?.destroy();
    const audit = this.#audit;
    if (audit !== undefined) this.#endAudit(audit);
    this.#isOver = true;
  }

  /** Hears what the program was refused last, which has all come. */
  #endAudit(audit: AuditLog): void {
    try {
      // A machine on which others are refused more than is read meanwhile is not heard out.
      for (let rounds = 0; rounds < lastRounds && this.#hearAudit(audit); rounds += 1);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#request.warn(`the last audit records cannot be read, so that refusals may be missing: ${reason}`);
    } finally {
      clearTimeout(this.#settling);
      this.#refusals.settle();
      audit.close();
    }
  }

  /** Without a supervisor the program is not to go on, nor what it has started in its control group. */
  #give(reason: string): void {
    if (this.#ended || this.#isGiven) return;
    const { group, say } = this.#request;
    say(`the supervisor of the program: ${reason}; the program is killed`);
    this.#isGiven = true;
    this.#launcher?.kill('SIGKILL');
    const left = group === undefined ? undefined : killGroup(group, this.#calls);
    if (left !== undefined) say(`the supervisor of the program: ${left}; what it is asked about is refused`);
  }

  async #answer(launcher: number): Promise<void> {
    const taken = await takeListener(this.#calls, launcher);
    if (typeof taken === 'string') {
      // What keeps a launcher from its filter it says itself.
      if (this.#launcher?.exitCode === null) this.#give(`no listener: ${taken}`);
      return;
    }
    const { listener } = taken;
    try {
      const audit = this.#audit;
      const readiness = new Readiness(this.#calls, audit === undefined ? [listener] : [listener, audit.descriptor]);
      this.#readiness = readiness;
      const notifications = new Notifications(this.#calls, listener);
      let isFirst = true;
      while (!this.#ended && !this.#isGiven) {
        const ready = await readiness.next();
        const asked = ready.find(({ descriptor }) => descriptor === listener);
        // Nobody has the filter any more, or nothing more is to be answered.
        if (ready.length === 0 || asked?.hungUp === true) break;
        if (audit !== undefined && ready.some(({ descriptor }) => descriptor === audit.descriptor))
          this.#hearAudit(audit);
        if (asked === undefined) continue;
        for (let count = 0; count < answersAtOnce && !this.#isGiven; count += 1) {
          const each = notifications.next();
          if (each === undefined) break;
          if (isFirst) this.#letStart(each, taken.process, notifications);
          else this.#decide(each, notifications);
          isFirst = false;
        }
      }
      await readiness.close();
    } catch (error) {
      // Before the listener is closed, at which who waits goes on with ENOSYS.
      this.#give(error instanceof Error ? error.message : String(error));
    } finally {
      closeSync(listener);
    }
  }

  /** The launcher's exec, the only call that it makes between its filter and the program. */
  #letStart({ id, thread, call }: Notification, launcher: number, notifications: Notifications): void {
    const isExec = call.number === syscallNumber(this.#request.machine, 'execve') && thread === launcher;
    if (!isExec) throw new Error(`the launcher asks for system call ${call.number}`);
    if (this.#audit !== undefined) this.#refusals.madeBy(launcher, readlinkSync(`/proc/${launcher}/exe`));
    notifications.send(id, { kind: 'continue' });
  }

  /** False where there was nothing to hear. */
  #hearAudit(audit: AuditLog): boolean {
    const { records, lost } = audit.read(recordsAtOnce);
    for (const each of records) this.#refusals.hear(each);
    if (lost && !this.#saidLost) {
      this.#saidLost = true;
      this.#request.warn('audit records were lost for want of room: what Landlock refused may have moved no level');
    }
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#refusals.settle(), settleMilliseconds);
    return records.length > 0 || lost;
  }

  #decide(notification: Notification, notifications: Notifications): void {
    const began = performance.now();
    const { id, call } = notification;
    const change = this.#levels.changeBy(call);
    if (change !== undefined) this.#enforce(change, began, notification);
    // Without what the level asks for nothing is answered.
    if (this.#isGiven) return;
    const answer = this.#levels.answer(call);
    switch (withoutData(answer)) {
      case action.allow:
      case action.log:
        // The decision rests on the registers of a thread that waits; nobody else can change those.
        notifications.send(id, { kind: 'continue' });
        return;
      case action.errno:
        notifications.send(id, { kind: 'errno', errno: answer & 0xffff });
        return;
      case action.killProcess:
      case action.killThread:
      case action.trap:
        killWaiting(this.#calls, notification, notifications);
        notifications.send(id, { kind: 'errno', errno: 1 });
        return;
      default:
        // Nobody else is there who could be asked: what the kernel answers without a listener.
        notifications.send(id, { kind: 'errno', errno: 38 });
    }
  }

  /** Puts a level in force and tells of it; the call that brought it about waits meanwhile. */
  #enforce(change: LevelChange, began: number, notification: Notification | undefined): void {
    const { policy, group, programs, record } = this.#request;
    let limits: readonly string[] = [];
    let deciding: readonly string[] = [];
    let doing = 'programs';
    try {
      if (programs !== undefined) deciding = programs.tighten(change.to);
      doing = 'limits';
      if (group !== undefined) limits = lowerLimits(policy, change.to, group);
    } catch (error) {
      this.#give(`the ${doing} of level ${change.to}: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    const microseconds = Math.round((performance.now() - began) * 1000);
    record({
      time: new Date().toISOString(),
      policy: policy.name,
      event: 'level',
      from: change.from,
      to: change.to,
      rule: change.by.id,
      trigger: change.by.event,
      ...(notification === undefined ? {} : { syscall: this.#nameOf(notification), thread: notification.thread }),
      ...(limits.length === 0 ? {} : { limits }),
      ...(deciding.length === 0 ? {} : { programs: deciding }),
      microseconds,
    });
  }

  #nameOf({ call }: Notification): string {
    const isOwn = call.architecture === auditArchitecture[this.#request.machine];
    return (isOwn ? syscallName(this.#request.machine, call.number) : undefined) ?? `#${call.number}`;
  }
}
