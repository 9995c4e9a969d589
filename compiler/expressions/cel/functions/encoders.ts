import { type CelFunction, global } from '../environment.ts';
import { bytes, string } from '../types.ts';
import { CelError, noSuchOverload, type Result, type Value } from '../value.ts';

function encode(value: Value): Result {
  if (!(value instanceof Uint8Array)) return noSuchOverload('base64.encode', value);
  let binary = '';
  for (const byte of value) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Reads base64 with its padding or without. */
function decode(text: Value): Result {
  if (typeof text !== 'string') return noSuchOverload('base64.decode', text);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return new CelError('invalid base64');
  try {
    return Uint8Array.from(atob(text.replace(/=+$/, '')), (each) => each.charCodeAt(0));
  } catch {
    // Of a length that no bytes have.
    return new CelError('invalid base64');
  }
}

export const encoderFunctions: readonly CelFunction[] = [
  { name: 'base64.encode', overloads: [global([bytes], string)], call: encode },
  { name: 'base64.decode', overloads: [global([string], bytes)], call: decode },
];
