import { parseNetwork } from '../../expressions/network.ts';
import { quantity } from '../../schema/scalars.ts';
import type { Shape } from '../../schema/shape.ts';

/** One entry of `network.outbound`. */
export interface Endpoint {
  readonly protocols: readonly ('tcp' | 'udp')[];
  /** A CIDR block, or undefined for any address. */
  readonly network: string | undefined;
  /** Inclusive, or undefined for any port. */
  readonly ports: { readonly low: number; readonly high: number } | undefined;
}

/**
 * `[tcp://|udp://]ADDRESS[/BITS][:PORT[-PORT]]`, with `*` for any address and brackets around IPv6 addresses. Host
 * names are refused: what a name resolves to changes after the policy was reviewed.
 */
export const endpoint: Shape<Endpoint> = quantity<Endpoint>(
  {
    kind: 'quantity',
    noun: 'an endpoint',
    example: '10.0.0.0/8:443',
    pattern: '((tcp|udp)://)?([^:]+|\\[[^\\]]+\\](/[0-9]+)?)(:[0-9]+(-[0-9]+)?)?',
  },
  (text) => {
    const match = /^(?:(tcp|udp):\/\/)?(\*|\[[0-9a-fA-F:.]+\](?:\/\d+)?|[^:[\]]+)(?::(\d+)(?:-(\d+))?)?$/.exec(text);
    if (match === null) return { wrong: 'it is not ADDRESS:PORT; an IPv6 address needs brackets' };
    const [, protocol, address = '', low, high] = match;
    let network: string | undefined;
    if (address !== '*') {
      const plain = address.replace(/[[\]]/g, '');
      const block = plain.includes('/') ? plain : `${plain}/${plain.includes(':') ? 128 : 32}`;
      if (parseNetwork(block) === undefined) {
        return /[a-zA-Z]/.test(plain) && !plain.includes(':')
          ? { wrong: 'a host name is not an address, and what it resolves to changes after the review' }
          : { wrong: 'the address is not IPv4, IPv6 or a block of either' };
      }
      network = block;
    }
    const first = low === undefined ? undefined : Number(low);
    const last = high === undefined ? first : Number(high);
    if (first !== undefined && last !== undefined && (first > last || last > 65_535))
      return { wrong: 'the ports are not from 0 to 65535 in order' };
    return {
      protocols: protocol === undefined ? ['tcp', 'udp'] : [protocol as 'tcp' | 'udp'],
      network,
      ports: first === undefined || last === undefined ? undefined : { low: first, high: last },
    };
  },
);
