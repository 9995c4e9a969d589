/** The kernel's initramfs format: cpio "newc" (Documentation/driver-api/early-userspace/buffer-format.rst). */
export function initialRamdisk(content: Readonly<Record<string, Uint8Array>>): Buffer {
  const parts: Buffer[] = [];
  let inode = 1;
  const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
  const add = (name: string, mode: number, bytes: Uint8Array) => {
    const numbers = [inode++, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length + 1, 0];
    const header = `070701${numbers.map((number) => number.toString(16).padStart(8, '0')).join('')}${name}\0`;
    parts.push(padded(Buffer.from(header, 'latin1')), padded(Buffer.from(bytes)));
  };
  const folders = new Set<string>();
  for (const path of Object.keys(content)) {
    const components = path.split('/').slice(1, -1);
    for (const index of components.keys()) folders.add(components.slice(0, index + 1).join('/'));
  }
  for (const folder of [...folders].sort()) add(folder, 0o40755, new Uint8Array());
  for (const [path, bytes] of Object.entries(content)) add(path.slice(1), 0o100755, bytes);
  add('TRAILER!!!', 0, new Uint8Array());
  return Buffer.concat(parts);
}
