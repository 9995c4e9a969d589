import { networkIsolation } from '../../backends/network-isolation.ts';
import { parseAddress } from '../../expressions/network.ts';
import type { Value } from '../../expressions/predicate.ts';
import { decide } from '../../ir/evaluate.ts';
import { type Decision, decisionAt } from '../../ir/policy.ts';
import { Kernel } from './kernel.ts';
import { type ComparedPart, levelWord } from './later.ts';
import { run } from './machine.ts';
import type { DecodedObject, DecodedProgram } from './object.ts';
import { interestingValues, pick, randomNumbers } from './samples.ts';

/** Protocols by the numbers that a socket has: IPPROTO_TCP, UDP, MPTCP, UDPLITE, SCTP, ICMP. */
const protocols: readonly (readonly [number: number, name: string])[] = [
  [6, 'tcp'],
  [17, 'udp'],
  [262, 'tcp'],
  [136, 'udp'],
  [132, 'other'],
  [1, 'other'],
];

/** What a call asks: a datagram socket that is connected may send without asking again. */
function operations(call: string, protocol: string): readonly string[] {
  if (call.startsWith('bind')) return ['bind'];
  if (call.startsWith('sendmsg')) return ['send'];
  return protocol === 'tcp' ? ['connect'] : ['connect', 'send'];
}

/** Bytes of `struct bpf_sock_addr`. */
const contextBytes = 72;

/**
 * Runs the program of a call on sockets, for every protocol, on the addresses and ports between which the policy's answer
 * changes, beside the reference evaluator. `program` is undefined where the object has none: then all must pass, or a network
 * of the sandbox's own hold it all, which then needs no program.
 *
 * @returns on what they differ; undefined where they agree
 */
export function compareSocketCall(
  { policy, later }: ComparedPart,
  object: DecodedObject,
  program: DecodedProgram | undefined,
  call: string,
  calls: number,
): string | undefined {
  const decision = decisionAt(policy, 'socket');
  if (decision === undefined) return program === undefined ? undefined : `${call}: the policy says nothing of sockets`;
  if (!later && networkIsolation(decision) !== 'shared') {
    return program === undefined ? undefined : `${call}: a network of its own holds all sockets`;
  }
  const { numbers, addresses } = interestingValues(decision.rules.map(({ when }) => when));
  const kernel = new Kernel(object);
  const loaded = program === undefined ? undefined : kernel.load(program);
  if (typeof loaded === 'string') return `${call} ${loaded}`;
  const random = randomNumbers(call.length + decision.rules.length);
  const six = call.endsWith('6');
  const fitting = addresses.filter((address) => six || !address.includes(':'));
  const waiting = later ? Math.ceil(calls / 4) : 0;
  for (let index = 0; index < calls; index += 1) {
    if (later && index === waiting) kernel.setNumber(levelWord, 1n);
    const [number, protocol] = protocols[index % protocols.length]!;
    const address = pick(random, fitting);
    const port = BigInt.asUintN(
      16,
      pick(random, [...(numbers.get('port') ?? []), BigInt(Math.floor(random() * 65_536))]),
    );
    const context = kernel.begin({ uid: 0, gid: 0, pid: 1, tid: 1, cgroup: 1n, comm: '' }, contextBytes);
    layOut(context, address, six, Number(port), number);
    const wanted =
      index < waiting ||
      operations(call, protocol).every((operation) =>
        passes(decision, { protocol, operation, address, port, outside: true }),
      );
    const at = `${call} of protocol ${number} at ${address} port ${port}`;
    if (loaded === undefined) {
      // What no policy names is left alone where all else is.
      if (!wanted && protocol !== 'other') return `${at}: nothing decides, the policy refuses`;
      continue;
    }
    const outcome = run(loaded.code, loaded.world);
    if (outcome.kind === 'fault') return `${at}: ${outcome.reason} (instruction ${outcome.slot})`;
    if ((outcome.result.low === 1) !== wanted) {
      return `${at}: the program ${outcome.result.low === 1 ? 'lets it pass' : 'refuses'}, the policy does not`;
    }
  }
  return undefined;
}

function layOut(context: DataView, address: string, six: boolean, port: number, protocol: number): void {
  const parsed = parseAddress(address)!;
  if (!six) context.setUint32(4, Number(parsed.bits), false);
  else {
    const bits = parsed.family === 4 ? (0xffffn << 32n) | parsed.bits : parsed.bits;
    context.setBigUint64(8, bits >> 64n, false);
    context.setBigUint64(16, bits & 0xffff_ffff_ffff_ffffn, false);
  }
  context.setUint32(0, six ? 10 : 2, true);
  context.setUint16(24, port, false);
  context.setUint32(36, protocol, true);
}

function passes(decision: Decision, known: Readonly<Record<string, Value>>): boolean {
  const effect = decide(decision, { attribute: (name) => known[name], parameter: () => undefined })?.effect.kind;
  return effect === 'allow' || effect === 'log';
}
