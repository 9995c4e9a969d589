import { deserialize, serialize } from 'node:v8';
import type { BuiltPolicy } from './result.ts';

/** The files of a policy as bytes for the cache. */
export function bytesOf(files: BuiltPolicy['files']): Uint8Array {
  return serialize(files);
}

/** @param bytes what `bytesOf` gave */
export function filesFrom(bytes: Uint8Array): BuiltPolicy['files'] {
  return deserialize(bytes);
}
