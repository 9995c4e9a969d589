/**
 * IPv4 and IPv6 addresses and CIDR blocks.
 *
 * An IPv4-mapped IPv6 address (`::ffff:10.0.0.1`, RFC 4291 section 2.5.5.2) *is* the IPv4 address: a dual-stack socket
 * that is given one sends IPv4 packets (ipv6(7)), so a rule about `10.0.0.0/8` must see it. In the same way a network of
 * at least 96 bits inside `::ffff:0:0/96` is the IPv4 network. A shorter IPv6 network, `::/0` included, holds no IPv4 address.
 */
export interface Address {
  readonly family: 4 | 6;
  /** The address as one unsigned number of 32 or 128 bits. */
  readonly bits: bigint;
}

export interface Network {
  readonly family: 4 | 6;
  /** The first address of the block; the bits beyond `prefix` are zero. */
  readonly bits: bigint;
  readonly prefix: number;
  /** False where the text had bits set beyond the prefix, as `10.1.2.3/8` has. */
  readonly exact: boolean;
}

const MAPPED = 0xffffn;

/**
 * Whether the address lies in the CIDR block. An address of the other family does not.
 *
 * @returns undefined where either text is malformed: nothing is known of it.
 */
export function isInNetwork(address: string, cidr: string): boolean | undefined {
  const network = parseNetwork(cidr);
  const parsed = parseAddress(address);
  return network === undefined || parsed === undefined ? undefined : contains(network, parsed);
}

/** Whether `network` holds the address. */
function contains(network: Network, address: Address): boolean {
  if (network.family !== address.family) return false;
  const beyond = BigInt(width(network.family) - network.prefix);
  return address.bits >> beyond === network.bits >> beyond;
}

/** Whether every address of `inner` lies in `outer`. */
export function containsNetwork(outer: Network, inner: Network): boolean {
  return outer.prefix <= inner.prefix && contains(outer, inner);
}

/**
 * Reads `a.b.c.d/n`, `x:y::z/n` or an address alone, which is the block of that one address.
 *
 * @returns undefined where it is neither; leading zeros in IPv4 are refused, since inet_aton(3) reads them as octal.
 */
export function parseNetwork(text: string): Network | undefined {
  const slash = text.indexOf('/');
  const written = slash === -1 ? parseUnmapped(text) : parseUnmapped(text.slice(0, slash));
  if (written === undefined) return undefined;
  const prefix = slash === -1 ? width(written.family) : decimal(text, slash + 1, text.length, width(written.family));
  if (prefix === undefined) return undefined;
  const mapped = written.family === 6 && prefix >= 96 && written.bits >> 32n === MAPPED;
  const family = mapped ? 4 : written.family;
  const bits = mapped ? written.bits & 0xffff_ffffn : written.bits;
  const length = mapped ? prefix - 96 : prefix;
  const beyond = BigInt(width(family) - length);
  const masked = (bits >> beyond) << beyond;
  return { family, bits: masked, prefix: length, exact: masked === bits };
}

/**
 * Reads an IPv4 address in four decimal parts or an IPv6 address (RFC 4291 section 2.2, without a zone).
 *
 * @returns undefined where it is neither. An IPv4-mapped address comes back as IPv4.
 */
export function parseAddress(text: string): Address | undefined {
  const address = parseUnmapped(text);
  if (address?.family !== 6 || address.bits >> 32n !== MAPPED) return address;
  return { family: 4, bits: address.bits & 0xffff_ffffn };
}

function parseUnmapped(text: string): Address | undefined {
  const six = text.includes(':');
  const bits = six ? parseSix(text) : parseFour(text, 0, text.length);
  if (bits === undefined) return undefined;
  return six ? { family: 6, bits } : { family: 4, bits };
}

function width(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

function parseFour(text: string, start: number, end: number): bigint | undefined {
  let bits = 0;
  let at = start;
  for (let part = 0; part < 4; part += 1) {
    const dot = part === 3 ? end : text.indexOf('.', at);
    if (dot === -1 || dot > end) return undefined;
    const value = decimal(text, at, dot, 255);
    if (value === undefined) return undefined;
    bits = bits * 256 + value;
    at = dot + 1;
  }
  return BigInt(bits);
}

/** The decimal number in `[start, end)`, without leading zeros, where it is at most `most`. */
function decimal(text: string, start: number, end: number, most: number): number | undefined {
  if (end <= start || end - start > 3) return undefined;
  if (end - start > 1 && text.charCodeAt(start) === 48) return undefined;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value <= most ? value : undefined;
}

function parseSix(text: string): bigint | undefined {
  const gap = text.indexOf('::');
  if (gap === -1) return groups(text, 0, text.length, 8)?.bits;
  if (text.indexOf('::', gap + 1) !== -1) return undefined;
  const before = gap === 0 ? EMPTY : groups(text, 0, gap, undefined, false);
  const after = gap + 2 === text.length ? EMPTY : groups(text, gap + 2, text.length, undefined);
  // `::` stands for at least one group.
  if (before === undefined || after === undefined || before.count + after.count > 7) return undefined;
  return (before.bits << BigInt(16 * (8 - before.count))) | after.bits;
}

interface Groups {
  readonly count: number;
  readonly bits: bigint;
}

const EMPTY: Groups = { count: 0, bits: 0n };

/** Groups of hexadecimal digits between colons; the last two may be written as an IPv4 address where `last` is true. */
function groups(
  text: string,
  start: number,
  end: number,
  exactly: number | undefined,
  last = true,
): Groups | undefined {
  let bits = 0n;
  let count = 0;
  let at = start;
  while (true) {
    const colon = text.indexOf(':', at);
    const stop = colon === -1 || colon > end ? end : colon;
    if (last && stop === end && text.slice(at, stop).includes('.')) {
      const four = parseFour(text, at, stop);
      if (four === undefined) return undefined;
      bits = (bits << 32n) | four;
      count += 2;
    } else {
      const group = hexadecimal(text, at, stop);
      if (group === undefined) return undefined;
      bits = (bits << 16n) | BigInt(group);
      count += 1;
    }
    if (count > 8) return undefined;
    if (stop === end) break;
    at = stop + 1;
  }
  return exactly === undefined || count === exactly ? { count, bits } : undefined;
}

function hexadecimal(text: string, start: number, end: number): number | undefined {
  if (end <= start || end - start > 4) return undefined;
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = hexadecimalDigit(text.charCodeAt(at));
    if (digit === undefined) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

function hexadecimalDigit(unit: number): number | undefined {
  if (unit >= 48 && unit <= 57) return unit - 48;
  const lower = unit | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : undefined;
}
