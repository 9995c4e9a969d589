import type { WASI } from 'node:wasi';
import { endings } from '../../compiler/guest/guard/meter.ts';
import { wasiImports } from './wasi-imports.ts';

/** What a guest is started with. */
export interface GuestStart {
  /** Its name, and what follows it. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where it sees folders, and where they are. */
  readonly folders: Readonly<Record<string, string>>;
}

/** How a guest ended. */
export type GuestEnd =
  | { readonly kind: 'exit'; readonly code: number }
  /** Its guard ended it: what the policy or whoever hardened it gave it is used up. */
  | { readonly kind: 'ended'; readonly by: keyof typeof endings }
  /** It broke a rule of WebAssembly. */
  | { readonly kind: 'trap'; readonly reason: string }
  /** It never began. */
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Runs a hardened guest under Node's WASI, in this process, to its end. Node's WASI lets guests out of their folders by
 * symbolic links; what holds this one is its guard.
 */
export async function runGuest(bytes: Uint8Array, { args, env, folders }: GuestStart): Promise<GuestEnd> {
  let wasi: WASI;
  let instance: WebAssembly.Instance;
  try {
    wasi = await makeWasi({
      version: 'preview1',
      args: [...args],
      env: { ...env },
      preopens: { ...folders },
      returnOnExit: true,
    });
    const module = new WebAssembly.Module(new Uint8Array(bytes));
    instance = new WebAssembly.Instance(module, wasiImports(wasi));
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return trapOf(error);
    return { kind: 'refused', reason: error instanceof Error ? error.message : String(error) };
  }
  const { _start, memory } = instance.exports;
  if (typeof _start !== 'function') {
    return { kind: 'refused', reason: 'it exports no function `_start`, as a program does and a library does not' };
  }
  if (!(memory instanceof WebAssembly.Memory)) return { kind: 'refused', reason: 'it does not export its memory' };
  try {
    return { kind: 'exit', code: wasi.start(instance) };
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError || error instanceof RangeError) return trapOf(error);
    return { kind: 'refused', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** The functions of the guard that end a guest do nothing else, and stand in the trace by their names. */
function trapOf({ message, stack = '' }: Error): GuestEnd {
  const innermost = /\n\s+at (\S+) \(wasm:/.exec(stack)?.[1];
  if (innermost === endings.time) return { kind: 'ended', by: 'time' };
  if (innermost === endings.fuel) return { kind: 'ended', by: 'fuel' };
  return { kind: 'trap', reason: message };
}

type WasiOptions = ConstructorParameters<typeof WASI>[0];

/** Node warns of its WASI on standard error, between what the guest writes there. */
async function makeWasi(options: WasiOptions): Promise<WASI> {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    const module = await import('node:wasi');
    return new module.WASI(options);
  } finally {
    process.emitWarning = emitWarning;
  }
}
