import type { WASI } from 'node:wasi';
import { preview1 } from '../../compiler/guest/preview1.ts';

/**
 * What a guest imports of Node's WASI, each function behind one of JavaScript: V8 calls Node's own from WebAssembly by a
 * short cut that has crashed the process (nodejs/node#53087).
 */
export function wasiImports(wasi: WASI): WebAssembly.Imports {
  const functions: Record<string, (...given: readonly unknown[]) => unknown> = {};
  for (const [name, call] of Object.entries<unknown>(wasi.wasiImport)) {
    if (typeof call === 'function') functions[name] = (...given) => Reflect.apply(call, undefined, given);
  }
  return { [preview1]: functions };
}
