import type { Decision } from '../../../ir/policy.ts';
import { ProgramWriter, register } from '../assembler.ts';
import { settleSixteenBytes } from '../hook/address.ts';
import { ConditionWriter } from '../hook/condition.ts';
import type { FieldContext } from '../hook/field-context.ts';
import { Frame } from '../hook/frame.ts';
import { contextRegister } from '../hook/memory.ts';
import type { ObjectParts } from '../hook/program.ts';
import type { Place } from '../hook/read-fields.ts';
import { frame } from '../instruction.ts';
import { onlyOnceMoved } from '../level-switch.ts';
import type { ObjectProgram } from '../object.ts';
import type { SocketCall } from '../program-kind.ts';
import { protocolNumbers, type Question, questionsOf, socketProtocols } from './plan.ts';

/** Offsets in `struct bpf_sock_addr`: linux/bpf.h. */
const socketAddress = { ip4: 4, ip6: 8, port: 24, protocol: 36 } as const;

/**
 * The program for one call on sockets: it answers 1 where the call passes and 0 where it is refused, with EPERM.
 *
 * @returns undefined where the policy lets all such calls pass; else why there is none, in words that follow "because"
 */
export function socketProgram(
  decision: Decision,
  call: SocketCall,
  parts: ObjectParts,
): ObjectProgram | string | undefined {
  const questions = questionsOf(decision, call);
  if (questions.length === 0) return undefined;
  const writer = new ProgramWriter();
  const stack = new Frame();
  const place = { version: stack.take(8), bytes: stack.take(16) };
  const port = stack.take(8);
  const context: FieldContext = {
    writer,
    stack,
    constants: parts.constants,
    hook: call,
    kernel: parts.kernel,
    unknownSlot: stack.take(8),
  };
  const places = new Map<string, Place>([
    ['address', { kind: 'address', place }],
    ['port', { kind: 'number', slot: port }],
  ]);

  writer.remark('read address and port');
  writer.move(contextRegister, register(1));
  if (parts.later) {
    onlyOnceMoved(writer, stack, parts.maps, () => {
      writer.move(0, 1);
      writer.exit();
    });
  }
  if (call.endsWith('4')) {
    writer.store(8, frame, place.bytes, 0);
    writer.store(8, frame, place.bytes + 8, 0);
    writer.load(4, 1, contextRegister, socketAddress.ip4);
    writer.store(4, frame, place.bytes, register(1));
    writer.store(8, frame, place.version, 4);
  } else {
    for (let at = 0; at < 16; at += 4) {
      writer.load(4, 1, contextRegister, socketAddress.ip6 + at);
      writer.store(4, frame, place.bytes + at, register(1));
    }
    settleSixteenBytes(writer, place);
  }
  writer.load(4, 1, contextRegister, socketAddress.port);
  writer.fromBigEndian(1, 16);
  writer.store(8, frame, port, register(1));
  writer.load(4, 1, contextRegister, socketAddress.protocol);
  for (const protocol of socketProtocols) {
    if (protocol === 'other') continue;
    for (const number of protocolNumbers[protocol]) writer.when(1, '==', number, protocol);
  }

  const conditions = new ConditionWriter(context, places);
  for (const protocol of [...socketProtocols].reverse()) {
    writer.label(protocol);
    const own = questions.filter((question) => question.protocol === protocol);
    for (const [index, question] of own.entries()) {
      const passed = writer.fresh('passed');
      const problem = askQuestion(writer, conditions, question, parts, passed);
      if (problem !== undefined) return problem;
      writer.label(passed);
      if (index === own.length - 1) writer.jump('pass');
    }
  }
  writer.label('refuse');
  writer.move(0, 0);
  writer.exit();
  writer.label('pass');
  writer.move(0, 1);
  writer.exit();
  if (stack.isFull) return 'its rules ask more at once than the 512 bytes of stack hold';
  return { name: call, attachment: { kind: 'socket-address', call }, code: writer.assemble() };
}

function askQuestion(
  writer: ProgramWriter,
  conditions: ConditionWriter,
  { protocol, operation, rules }: Question,
  parts: ObjectParts,
  passed: string,
): string | undefined {
  for (const { node, when, passes } of rules) {
    const next = writer.fresh('else');
    writer.rule(parts.ruleIndex(node.id));
    writer.remark(`${operation} ${protocol}: ${node.id}`);
    const exits = { holds: passes ? passed : 'refuse', fails: next, unknown: 'refuse' };
    const problem = conditions.write(when, exits);
    if (problem !== undefined) return problem;
    writer.label(next);
  }
  return undefined;
}
