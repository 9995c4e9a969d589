import { closeSync } from 'node:fs';
import type { SystemCalls } from '../../kernel/system-calls.ts';

const unix = 1;
/** SOCK_STREAM | SOCK_CLOEXEC */
const stream = 0x8_0001;

/** The longest path of a socket: sun_path of unix(7) without the NUL. */
export const longestSocketPath = 107;

/**
 * Connects to a socket of the file system.
 *
 * @returns a descriptor
 * @throws KernelRefusal: ENOENT and ECONNREFUSED where nobody listens
 */
export function connectTo(calls: SystemCalls, path: string): number {
  const address = Buffer.alloc(2 + longestSocketPath + 1);
  address.writeUInt16LE(unix, 0);
  address.write(path, 2);
  const descriptor = calls.call('socket', unix, stream, 0);
  try {
    calls.call('connect', descriptor, address, address.length);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/**
 * Sends bytes together with descriptors (SCM_RIGHTS of unix(7)).
 *
 * @returns how many of the bytes were taken
 */
export function sendDescriptors(
  calls: SystemCalls,
  connection: number,
  bytes: Uint8Array,
  descriptors: readonly number[],
): number {
  // struct cmsghdr: 8 bytes of length, 4 of level, 4 of type; then the descriptors, 4 bytes each.
  const length = 16 + descriptors.length * 4;
  const control = Buffer.alloc(Math.ceil(length / 8) * 8);
  control.writeBigUInt64LE(BigInt(length), 0);
  control.writeUInt32LE(1, 8); // SOL_SOCKET
  control.writeUInt32LE(1, 12); // SCM_RIGHTS
  for (const [index, descriptor] of descriptors.entries()) control.writeInt32LE(descriptor, 16 + index * 4);
  const vector = Buffer.alloc(16);
  vector.writeBigUInt64LE(calls.address(bytes), 0);
  vector.writeBigUInt64LE(BigInt(bytes.length), 8);
  // struct msghdr: name and its length (16), vector and count (16), control and its length (16), flags.
  const message = Buffer.alloc(56);
  message.writeBigUInt64LE(calls.address(vector), 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(calls.address(control), 32);
  message.writeBigUInt64LE(BigInt(control.length), 40);
  return calls.call('sendmsg', connection, message, 0x4000); // MSG_NOSIGNAL
}
