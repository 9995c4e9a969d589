import { decide } from '../../ir/evaluate.ts';
import { decisionAt, type Policy } from '../../ir/policy.ts';
import type { Architecture } from '../../tables/architectures.ts';
import { refusesCall, refusesHidden, refusesSocket } from '../refused-calls.ts';
import type { PortOperation } from './port-access.ts';

const ipprotoMptcp = 262n;
const ipprotoSmc = 256n;
const afSmc = 43n;
const afPacket = 17n;
const sockRaw = 3n;
/** SOCK_PACKET, which of AF_INET makes a socket of AF_PACKET (net/socket.c, `__sock_create`). */
const sockPacket = 10n;
/** SOCK_CLOEXEC and SOCK_NONBLOCK, which come with any type. */
export const typeFlags = [0n, 0x80000n, 0x800n, 0x80800n] as const;
/** MSG_FASTOPEN alone, with MSG_NOSIGNAL, and with all that there is. */
const fastOpen = [0x2000_0000n, 0x2000_4000n, 0xffff_ffffn] as const;

/**
 * What carries a TCP connection, or looks like one to a peer, past the port rules: Landlock looks at connect(2) and
 * bind(2) of sockets that are plain TCP (security/landlock/net.c, `sk_is_tcp`). Empty where the policy's filter refuses
 * all of it; capabilities stop raw sockets too.
 */
export function portLeaks(
  policy: Policy,
  architectures: readonly Architecture[],
  operation: PortOperation,
): readonly string[] {
  const refused = (known: Readonly<Record<string, bigint>>) => refusesSocket(policy, architectures, known);
  const leaks: string[] = [];
  if (!refused({ arg2: ipprotoMptcp })) leaks.push('MPTCP');
  if (!refused({ arg2: ipprotoSmc }) || !refused({ arg0: afSmc })) leaks.push('SMC');
  if (rawSocketsLeak(policy, architectures)) leaks.push('raw sockets');
  if (operation === 'connect' && !refusesFastOpen(policy, architectures)) leaks.push('sendto with MSG_FASTOPEN');
  return leaks;
}

/** Whether a program under the policy could make a socket on which it writes the headers of its packets itself. */
export function rawSocketsLeak(policy: Policy, architectures: readonly Architecture[]): boolean {
  const refused = (known: Readonly<Record<string, bigint>>) => refusesSocket(policy, architectures, known);
  const types = [sockRaw, sockPacket].flatMap((type) => typeFlags.map((flags) => type | flags));
  const rawRefused = types.every((arg1) => refused({ arg1 })) && refused({ arg0: afPacket });
  return !rawRefused && keepsCapability(policy, 'net_raw');
}

function refusesFastOpen(policy: Policy, architectures: readonly Architecture[]): boolean {
  const decision = decisionAt(policy, 'syscall');
  const calls = [
    ['sendto', 'arg3'],
    ['sendmsg', 'arg2'],
    ['sendmmsg', 'arg3'],
  ] as const;
  return (
    refusesHidden(decision, architectures) &&
    calls.every(([call, flags]) =>
      fastOpen.every((value) =>
        [value, value | (1n << 32n)].every((each) => refusesCall(decision, architectures, call, { [flags]: each })),
      ),
    )
  );
}

/** Whether a program under the policy that has a capability may keep it. */
export function keepsCapability(policy: Policy, name: string): boolean {
  const decision = decisionAt(policy, 'capability');
  if (decision === undefined) return true;
  return decide(decision, { attribute: () => name, parameter: () => undefined })?.effect.kind !== 'deny';
}
