import { type ProgramWriter, register } from '../assembler.ts';
import { frame } from '../instruction.ts';
import type { Frame } from './frame.ts';
import { copyArgument, copyToStack } from './memory.ts';

/** Where an address lies on the stack. */
export interface AddressPlace {
  /** A word: 4 or 6; 0 where it is no IP address or could not be read. */
  readonly version: number;
  /** Sixteen bytes, in the network's order; an IPv4 address is the first four. */
  readonly bytes: number;
}

/** Words on the stack. */
export interface SocketAddressPlace extends AddressPlace {
  readonly family: number;
  readonly port: number;
  /** 1 where the structure could be read. */
  readonly known: number;
}

const inet = 2;
const inet6 = 10;

/**
 * Writes the code that reads the `struct sockaddr` that an argument points to: ip(7), ipv6(7). An IPv4 address inside an
 * IPv6 one is taken for the IPv4 address, and AF_UNSPEC for AF_INET, as bind(2) does.
 */
export function readSocketAddress(writer: ProgramWriter, stack: Frame, index: number): SocketAddressPlace {
  const raw = stack.take(32);
  const place = {
    family: stack.take(8),
    port: stack.take(8),
    version: stack.take(8),
    bytes: stack.take(16),
    known: stack.take(8),
  };
  const done = writer.fresh('address');
  const four = writer.fresh('ipv4');
  for (const slot of [place.family, place.port, place.version, place.bytes, place.bytes + 8, place.known]) {
    writer.store(8, frame, slot, 0);
  }
  copyArgument(writer, index, raw, done);
  writer.load(8, 3, frame, raw);
  copyToStack(writer, raw, 28, done);
  writer.store(8, frame, place.known, 1);
  writer.load(2, 1, frame, raw);
  writer.store(8, frame, place.family, register(1));
  writer.load(2, 2, frame, raw + 2);
  writer.fromBigEndian(2, 16);
  writer.store(8, frame, place.port, register(2));
  writer.load(4, 2, frame, raw + 4);
  writer.when(1, '==', inet, four);
  writer.when(1, '==', 0, four);
  writer.when(1, '!=', inet6, done);
  for (const half of [0, 8]) {
    writer.load(8, 1, frame, raw + 8 + half);
    writer.store(8, frame, place.bytes + half, register(1));
  }
  settleSixteenBytes(writer, place);
  writer.jump(done);
  writer.label(four);
  writer.store(8, frame, place.bytes, register(2));
  writer.store(8, frame, place.version, 4);
  writer.label(done);
  return place;
}

/** Says of sixteen bytes whether they are an IPv6 address or an IPv4 address inside one: RFC 4291, section 2.5.5.2. */
export function settleSixteenBytes(writer: ProgramWriter, { version, bytes }: AddressPlace): void {
  const done = writer.fresh('settled');
  writer.store(8, frame, version, 6);
  writer.load(8, 1, frame, bytes);
  writer.when(1, '!=', 0, done);
  writer.load(4, 1, frame, bytes + 8);
  writer.fromBigEndian(1, 32);
  writer.when(1, '!=', 0xffff, done);
  writer.load(4, 1, frame, bytes + 12);
  writer.store(4, frame, bytes, register(1));
  writer.store(8, frame, version, 4);
  writer.label(done);
}
