import type { Policy } from '../../../ir/policy.ts';
import type { Architecture } from '../../../tables/architectures.ts';
import { keepsCapability, rawSocketsLeak, typeFlags } from '../../landlock/port-leaks.ts';
import { refusesSocket } from '../../refused-calls.ts';

type Arguments = Readonly<Record<string, bigint>>;

const inet = [2n, 10n] as const;
const sockSeqpacket = 5n;
const sockDccp = 6n;

/** Of either family of IP, with the flags that come with any type. */
const ofInet = (known: Arguments): readonly Arguments[] => inet.map((arg0) => ({ arg0, ...known }));
const ofType = (type: bigint, known: Arguments = {}): readonly Arguments[] =>
  typeFlags.flatMap((flags) => ofInet({ arg1: type | flags, ...known }));

/**
 * Sockets that send to IP addresses without asking the programs of a cgroup about each of them, by the arguments of socket(2):
 * the kernel asks at bind(2) of AF_INET and AF_INET6, and elsewhere where a protocol does so by itself (`pre_connect`,
 * BPF_CGROUP_RUN_PROG_UDP4_SENDMSG_LOCK and the like), which those of TCP and UDP do. Source: net/ of Linux 5.15 to 6.18.
 */
const unseen: readonly (readonly [name: string, made: readonly Arguments[]])[] = [
  // sendto(2) of an echo request, which carries any data (net/ipv4/ping.c).
  [
    'ping sockets',
    [
      { arg0: 2n, arg2: 1n },
      { arg0: 10n, arg2: 58n },
    ],
  ],
  // Of the type SOCK_SEQPACKET it is the protocol where none is named.
  ['SCTP', [...ofInet({ arg2: 132n }), ...ofType(sockSeqpacket, { arg2: 0n })]],
  ['DCCP', ofType(sockDccp)],
  ['L2TP', ofInet({ arg2: 115n })],
  // Sockets of the kernel's own send for these, over TCP and UDP.
  ['RDS', [{ arg0: 21n }]],
  ['RXRPC', [{ arg0: 33n }]],
];

/** By what a program under the policy reaches addresses that the programs of its cgroup refuse, each in words. */
export function unseenSockets(policy: Policy, architectures: readonly Architecture[]): readonly string[] {
  const passing = unseen.flatMap(([name, made]) =>
    made.every((known) => refusesSocket(policy, architectures, known)) ? [] : [name],
  );
  const all = [...(rawSocketsLeak(policy, architectures) ? ['raw sockets'] : []), ...passing];
  return [
    ...(all.length === 0 ? [] : [`${all.join(', ')}: no program sees them; let the filter refuse them`]),
    ...(keepsCapability(policy, 'net_admin')
      ? ['who keeps `net_admin` has what is sent to one address led to another: drop it']
      : []),
  ];
}
