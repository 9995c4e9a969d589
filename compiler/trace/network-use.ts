import type { Observations, Seen, SocketUse } from './observations.ts';
import { joined } from './policy-lines.ts';
import { isLoopback } from './socket-address.ts';

export interface PortUse extends Seen {
  readonly port: number;
  readonly addresses: readonly string[];
}

/** The TCP ports of one operation, in order. */
export function tcpPorts({ sockets }: Observations, operation: 'bind' | 'connect'): readonly PortUse[] {
  const ports = new Map<number, SocketUse[]>();
  for (const use of sockets) {
    if (use.transport !== 'tcp' || use.operation !== operation) continue;
    const known = ports.get(use.port);
    if (known === undefined) ports.set(use.port, [use]);
    else known.push(use);
  }
  return [...ports]
    .map(([port, uses]) => ({
      port,
      addresses: [...new Set(uses.map(({ address }) => address))].sort(),
      ...joined(uses),
    }))
    .sort((a, b) => a.port - b.port);
}

/**
 * The narrowest network that what was seen fits into. A network of its own does only where all that a program connects
 * to on the loopback interface is bound by itself.
 */
export function networkMode({ families, sockets }: Observations): 'none' | 'loopback-only' | 'host' {
  if (!families.has('AF_INET') && !families.has('AF_INET6') && !families.has('AF_PACKET')) return 'none';
  if (families.has('AF_PACKET') || !sockets.every(({ address }) => isLoopback(address))) return 'host';
  const bound = new Set(sockets.filter(({ operation }) => operation === 'bind').map(({ port }) => port));
  // A port of 0 is any: which one the kernel chose, the trace does not say.
  return sockets.every(({ operation, port }) => operation === 'bind' || bound.has(port) || bound.has(0))
    ? 'loopback-only'
    : 'host';
}

/** Whether names were looked up by UDP or TCP. */
export function usesNames({ sockets }: Observations): boolean {
  return sockets.some(({ operation, port }) => operation !== 'bind' && port === 53);
}
