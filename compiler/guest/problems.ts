import type { GuestModule } from './module.ts';
import { readModule } from './module.ts';
import { preview1, preview1Type } from './preview1.ts';
import { Malformed } from './reader.ts';

/** Why a guest cannot be hardened. */
export type GuestProblem =
  | { readonly kind: 'not-wasm' }
  | { readonly kind: 'component' }
  | { readonly kind: 'invalid'; readonly why: string }
  | { readonly kind: 'unknown-feature'; readonly what: string; readonly at: number }
  | { readonly kind: 'foreign-import'; readonly module: string; readonly name: string }
  | { readonly kind: 'unknown-function'; readonly name: string }
  | { readonly kind: 'wrong-type'; readonly name: string }
  | { readonly kind: 'imported-memory'; readonly module: string; readonly name: string }
  | { readonly kind: 'shared-memory' }
  | { readonly kind: 'memory64' }
  | { readonly kind: 'memories'; readonly count: number }
  | { readonly kind: 'too-much-memory'; readonly pages: number; readonly most: number };

/** What is asked of an engine. */
export interface Engine {
  /** Whether the bytes are a valid module. */
  valid(bytes: Uint8Array): boolean;
  /** What is wrong with bytes that are none, with the offset. */
  fault?(bytes: Uint8Array): string;
}

export type ReadGuest =
  | { readonly ok: true; readonly module: GuestModule }
  | { readonly ok: false; readonly problems: readonly GuestProblem[] };

/**
 * Reads a guest, and looks for what keeps it from being hardened.
 *
 * @param mostPages the most pages of memory that the policy lets it have
 */
export function readGuest(bytes: Uint8Array, { valid, fault }: Engine, mostPages: number): ReadGuest {
  const failed = (...problems: GuestProblem[]): ReadGuest => ({ ok: false, problems });
  if (![0x00, 0x61, 0x73, 0x6d].every((byte, at) => bytes[at] === byte)) return failed({ kind: 'not-wasm' });
  // The layer of components is 1, that of core modules 0 (component model, binary format).
  if (bytes[6] === 1 && bytes[7] === 0) return failed({ kind: 'component' });
  if (![1, 0, 0, 0].every((byte, at) => bytes[4 + at] === byte))
    return failed({ kind: 'invalid', why: 'its version is not 1, at offset 4' });
  let module: GuestModule;
  try {
    module = readModule(bytes);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return valid(bytes)
      ? failed({ kind: 'unknown-feature', what: error.message, at: error.at })
      : failed({ kind: 'invalid', why: `${error.message}, at offset ${error.at}` });
  }
  // Engines differ in whether they know shared memory and other addresses: these say more than `invalid` would.
  const problems = [...importProblems(module), ...memoryProblems(module, mostPages)];
  if (problems.length > 0) return { ok: false, problems };
  return valid(bytes)
    ? { ok: true, module }
    : failed({ kind: 'invalid', why: fault?.(bytes) ?? 'an engine refuses it' });
}

function importProblems({ imports, types }: GuestModule): readonly GuestProblem[] {
  return imports.flatMap(({ module, name, kind, type }): readonly GuestProblem[] => {
    if (kind === 'memory') return [{ kind: 'imported-memory', module, name }];
    if (module !== preview1 || kind !== 'function') return [{ kind: 'foreign-import', module, name }];
    const wanted = preview1Type(name);
    if (wanted === undefined) return [{ kind: 'unknown-function', name }];
    const found = types[type];
    const same = [wanted.parameters, wanted.results].join() === [found?.parameters, found?.results].join();
    return same ? [] : [{ kind: 'wrong-type', name }];
  });
}

function memoryProblems({ memories, imports }: GuestModule, most: number): readonly GuestProblem[] {
  const [memory, ...others] = memories;
  if (others.length > 0) return [{ kind: 'memories', count: memories.length }];
  if (memory === undefined)
    return imports.some(({ kind }) => kind === 'memory') ? [] : [{ kind: 'memories', count: 0 }];
  if (memory.shared) return [{ kind: 'shared-memory' }];
  if (memory.wide) return [{ kind: 'memory64' }];
  if (memory.minimum < 1) return [{ kind: 'memories', count: 0 }];
  return memory.minimum > most ? [{ kind: 'too-much-memory', pages: memory.minimum, most }] : [];
}
