import { type Condition, visitConditions } from '../../../expressions/conditions.ts';
import type { KernelVersion } from '../../../target.ts';
import { ProgramWriter, register } from '../assembler.ts';
import type { Constants } from '../constants.ts';
import { frame } from '../instruction.ts';
import { onlyOnceMoved } from '../level-switch.ts';
import type { BpfMap } from '../maps.ts';
import type { ObjectProgram } from '../object.ts';
import type { Attachment } from '../program-kind.ts';
import { passes, refused, resultOf, writeAnswer } from './answer.ts';
import { ConditionWriter } from './condition.ts';
import { countCall, counterMap } from './counter.ts';
import type { FieldContext } from './field-context.ts';
import { Frame } from './frame.ts';
import { cgroupMap, eventsMap, record, recordedOnly, scratch, scratchMap } from './layout.ts';
import { contextRegister, scratchRegister } from './memory.ts';
import type { HookPlan, PlannedRule } from './plan.ts';
import { attributesIn, needsScratch, type Place, readFields } from './read-fields.ts';
import { type RecordPlace, writeRecord } from './record.ts';

/** What the programs of an object share. */
export interface ObjectParts {
  readonly kernel: KernelVersion;
  /** How programs at hooks are attached. */
  readonly attach: 'lsm' | 'lsm-cgroup';
  /** Whether programs let everything pass until the program of the cgroup is moved to their level. */
  readonly later: boolean;
  readonly constants: Constants;
  /** The maps that programs ask for, by name. */
  readonly maps: Map<string, BpfMap>;
  /** The index of a rule, by which lines and records name it. */
  ruleIndex(id: string): number;
}

/** Slots that a program may have, so that every jump reaches. */
const mostSlots = 30_000;

/** BPF_LOCAL_STORAGE_GET_F_CREATE. */
const create = 1;

/** Hooks that programs of cgroups may be attached to at once, on the whole machine: CGROUP_LSM_NUM. */
const mostCgroupHooks = 10;

/**
 * Programs for so many hooks are attached to the cgroup where the kernel can, which is since Linux 6.0 ("bpf: per-cgroup lsm
 * flavor"); else to the whole system, and ask of each call whether it is the cgroup's.
 */
export function attachmentOf({ major }: KernelVersion, hooks: number): ObjectParts['attach'] {
  return major >= 6 && hooks <= mostCgroupHooks ? 'lsm-cgroup' : 'lsm';
}

/**
 * The program of one hook.
 *
 * @returns why there is none, in words that follow "because"
 */
export function hookProgram(plan: HookPlan, parts: ObjectParts): ObjectProgram | string {
  const { hook } = plan;
  const { kernel, constants, maps } = parts;
  const attachment: Attachment = { kind: parts.attach, hook };
  const writer = new ProgramWriter();
  const stack = new Frame();
  const unknownSlot = stack.take(8);
  const context: FieldContext = { writer, stack, constants, hook, kernel, unknownSlot };

  const conditions: Condition[] = [];
  for (const { when } of [...plan.counters, ...plan.audits, ...plan.rules]) {
    visitConditions(when, (condition) => conditions.push(condition));
  }
  const asked = [...new Set([...attributesIn(conditions), ...plan.counters.flatMap(({ by }) => by)])];
  const names = asked.filter((name) => !name.startsWith('counter:'));
  const usesScratch = needsScratch(hook, names);
  const refuse = 'refuse';

  writer.remark('read what the rules ask for');
  writer.move(contextRegister, register(1));
  if (attachment.kind === 'lsm') onlyInCgroup(writer, maps, attachment);
  if (parts.later) {
    onlyOnceMoved(writer, stack, maps, () => writeAnswer(writer, attachment, passes));
  }
  writer.store(8, frame, unknownSlot, 0);
  if (usesScratch) taskRoom(writer, maps, refuse);
  const read = readFields(context, names, conditions);
  if (typeof read === 'string') return read;
  const places = new Map<string, Place>(read.places);
  const writing = new ConditionWriter(context, places);

  let bit = 48;
  for (const counter of plan.counters) {
    const map = counterMap(`count_${maps.size}`, counter);
    maps.set(counter.counter, map);
    const slot = stack.take(8);
    writer.rule(parts.ruleIndex(counter.id));
    writer.remark(`count ${counter.counter}`);
    const problem = countCall(context, writing, places, counter, map.name, slot, bit);
    if (problem !== undefined) return problem;
    places.set(`counter:${counter.counter}`, { kind: 'number', slot, unknown: bit });
    bit += 1;
  }

  const records = plan.audits.length > 0 || plan.rules.some(({ effect }) => isAudited(effect));
  const recordPlace: RecordPlace =
    read.pathLength === undefined ? { stack: records ? stack.take(record.path) : 0 } : { pathLength: read.pathLength };
  if (records)
    maps.set(eventsMap, { name: eventsMap, type: 'ring-buffer', keyBytes: 0, valueBytes: 0, entries: 1 << 18 });

  const decide = (rule: PlannedRule, holds: () => void, unknown: () => void): string | undefined => {
    const labels = { holds: writer.fresh('holds'), fails: writer.fresh('else'), unknown: writer.fresh('unknown') };
    writer.rule(parts.ruleIndex(rule.node.id));
    writer.remark(rule.node.id);
    const problem = writing.write(rule.when, labels);
    writer.label(labels.unknown);
    unknown();
    writer.label(labels.holds);
    holds();
    writer.label(labels.fails);
    return problem;
  };
  for (const audit of plan.audits) {
    const index = parts.ruleIndex(audit.node.id);
    const after = writer.fresh('after');
    const shared = writer.fresh('record');
    const problem = decide(
      audit,
      () => {
        writer.label(shared);
        writeRecord(context, recordPlace, index, recordedOnly);
        writer.jump(after);
      },
      () => writer.jump(shared),
    );
    if (problem !== undefined) return problem;
    writer.label(after);
  }
  for (const rule of plan.rules) {
    const answer = (result: number) => {
      if (isAudited(rule.effect)) {
        const recorded = writer.fresh('recorded');
        if (rule.recordedBefore === true && result !== passes) {
          writer.call('get_retval');
          writer.when(0, 's<', 0, recorded);
        }
        writeRecord(context, recordPlace, parts.ruleIndex(rule.node.id), result);
        writer.label(recorded);
      }
      writeAnswer(writer, attachment, result);
    };
    const problem = decide(
      rule,
      () => answer(resultOf(rule.effect)),
      () => (isAudited(rule.effect) ? answer(-refused) : writer.jump(refuse)),
    );
    if (problem !== undefined) return problem;
  }
  writer.label(refuse);
  writer.remark('refuse what is unknown');
  writeAnswer(writer, attachment, -refused);
  if (stack.isFull) return 'its rules read more at once than the 512 bytes of stack hold';
  if (writer.size > mostSlots) return `it would have ${writer.size} instructions, and a jump reaches 32767 at most`;
  return { name: hook, attachment, code: writer.assemble() };
}

function isAudited(effect: PlannedRule['effect']): boolean {
  return 'audit' in effect && effect.audit === true;
}

/** A program that is asked for the whole system lets pass what runs outside the policy's cgroup. */
function onlyInCgroup(writer: ProgramWriter, maps: Map<string, BpfMap>, attachment: Attachment): void {
  maps.set(cgroupMap, { name: cgroupMap, type: 'cgroup-array', keyBytes: 4, valueBytes: 4, entries: 1 });
  const inside = writer.fresh('inside');
  writer.loadMap(1, cgroupMap);
  writer.move(2, 0);
  writer.call('current_task_under_cgroup');
  // An error, while the loader has not put the cgroup there, is no 1 either.
  writer.when(0, '==', 1, inside);
  writeAnswer(writer, attachment, passes);
  writer.label(inside);
}

/** The room of the task that makes the call, in r7; without it nothing can be read. */
function taskRoom(writer: ProgramWriter, maps: Map<string, BpfMap>, refuse: string): void {
  maps.set(scratchMap, { name: scratchMap, type: 'task-storage', keyBytes: 4, valueBytes: scratch.bytes, entries: 0 });
  writer.call('get_current_task_btf');
  writer.loadMap(1, scratchMap);
  writer.move(2, register(0));
  writer.move(3, 0);
  writer.move(4, create);
  writer.call('task_storage_get');
  writer.when(0, '==', 0, refuse);
  writer.move(scratchRegister, register(0));
}
