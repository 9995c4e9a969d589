/** Optimises a WebAssembly module. */
export type ModuleOptimiser = (module: Uint8Array) => Uint8Array;

/**
 * Binaryen's optimiser, held to WebAssembly 1.0. It takes a third of a second to load, which is why polc writes its modules
 * without it.
 *
 * @throws where the package binaryen is not installed
 */
export async function moduleOptimiser(): Promise<ModuleOptimiser> {
  const { default: binaryen } = await import('binaryen');
  return (bytes) => {
    const module = binaryen.readBinary(bytes);
    try {
      module.setFeatures(binaryen.Features.MVP);
      binaryen.setOptimizeLevel(3);
      binaryen.setShrinkLevel(1);
      module.optimize();
      return module.emitBinary();
    } finally {
      module.dispose();
    }
  };
}
