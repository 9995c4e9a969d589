import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import type { Span } from '../source/span.ts';

/** Bytes. */
const largestObject = 4 * 1024 * 1024;

// elf(5) and include/uapi/linux/elf.h.
const relocatable = 1;
const machineBpf = 247;
const headerSize = 64;
const sectionSize = 64;

/**
 * What the kernel or libbpf would refuse of an object at first sight; undefined where there is nothing to say.
 *
 * @param file the object as the policy calls it
 * @param hook the hook that it is named for
 */
export function checkObjectFile(
  file: string,
  hook: string,
  content: Uint8Array | string,
  span: Span,
): Diagnostic | undefined {
  // Whoever reads it as a text has lost its bytes, but not that it is no object of ours where it begins otherwise.
  if (typeof content === 'string') return report('POL5195', span, { file, reason: 'it is a text' });
  if (content.length > largestObject) {
    return report('POL7340', span, { file, size: content.length, limit: largestObject });
  }
  const names = sectionNames(content);
  if (typeof names === 'string') return report('POL5195', span, { file, reason: names });
  if (!names.includes('.BTF')) return report('POL5196', span, { file });
  const wanted = [`lsm/${hook}`, `lsm.s/${hook}`, `lsm_cgroup/${hook}`];
  return names.some((name) => wanted.includes(name))
    ? undefined
    : report(
        'POL3165',
        span,
        { file, hook },
        {
          help: `give its program a section \`lsm/${hook}\` or \`lsm_cgroup/${hook}\`, or name the object under its own hook`,
        },
      );
}

/** The names of the sections of a BPF object, or what is wrong with it. */
function sectionNames(bytes: Uint8Array): readonly string[] | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < headerSize || view.getUint32(0) !== 0x7f454c46) return 'it is no ELF file';
  if (bytes[4] !== 2) return 'it is of 32 bits';
  if (bytes[5] !== 1) return 'it is big-endian';
  if (view.getUint16(18, true) !== machineBpf) return 'it is for another machine than BPF';
  if (view.getUint16(16, true) !== relocatable) return 'it is not relocatable';
  const table = view.getBigUint64(40, true);
  const count = view.getUint16(60, true);
  const namesAt = view.getUint16(62, true);
  if (view.getUint16(58, true) !== sectionSize || namesAt >= count) return 'its table of sections is damaged';
  if (table + BigInt(count * sectionSize) > BigInt(bytes.length)) return 'it is cut off';
  const header = (index: number) => Number(table) + index * sectionSize;
  const start = view.getBigUint64(header(namesAt) + 24, true);
  const size = view.getBigUint64(header(namesAt) + 32, true);
  if (start + size > BigInt(bytes.length)) return 'it is cut off';
  const texts = bytes.subarray(Number(start), Number(start + size));
  return Array.from({ length: count }, (_, index) => nameAt(texts, view.getUint32(header(index), true)));
}

/** Bytes of the longest name that any hook's section has; of a longer one the beginning is enough to tell it from those. */
const longestName = 256;

function nameAt(texts: Uint8Array, offset: number): string {
  const room = texts.subarray(offset, offset + longestName);
  const end = room.indexOf(0);
  return new TextDecoder().decode(end === -1 ? room : room.subarray(0, end));
}
