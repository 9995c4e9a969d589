/** A kind of file that is no text, and that may be taken for a policy. */
export interface BinaryKind {
  readonly what: string;
  /** What to do with it. */
  readonly help: string;
}

const kinds: readonly (BinaryKind & { readonly magic: readonly number[] })[] = [
  {
    // elf(5), EI_MAG0 to EI_MAG3
    magic: [0x7f, 0x45, 0x4c, 0x46],
    what: 'an object or a program (ELF)',
    help: 'name the policy that it was built from; an object of programs for the kernel, `.bpf.o`, goes to `polc sandbox load`',
  },
  {
    // WebAssembly core specification, section 5.5.16
    magic: [0x00, 0x61, 0x73, 0x6d],
    what: 'a WebAssembly module',
    help: 'name a policy; a module goes where a program does: `polc run POLICY -- MODULE`, `polc wasm harden MODULE --policy POLICY`',
  },
];

/** What a file is that begins as no text does; undefined of any other. */
export function binaryKind(content: Uint8Array): BinaryKind | undefined {
  return kinds.find(({ magic }) => magic.every((byte, at) => content[at] === byte));
}
