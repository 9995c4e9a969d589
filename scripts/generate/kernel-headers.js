// Evaluates macros and enumerators of the kernel's UAPI headers with a C compiler, per architecture.
//
// Inputs (Debian packages): linux-headers-*-common for include/uapi and arch/*/include/uapi, linux-libc-dev-*-cross
// for the asm/ wrappers that a kernel build generates, and a cross compiler for each architecture that is not ours.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How each architecture is compiled for; the sizes of `long` and of structures follow from it. */
export const compilers = {
  x86_64: { command: ['gcc', '-m64'], folder: 'x86', triplet: 'x86_64-linux-gnu' },
  x86: { command: ['gcc', '-m32'], folder: 'x86', triplet: 'i686-linux-gnu' },
  x32: { command: ['gcc', '-mx32'], folder: 'x86', triplet: 'x86_64-linux-gnux32' },
  aarch64: { command: ['aarch64-linux-gnu-gcc'], folder: 'arm64', triplet: 'aarch64-linux-gnu' },
  arm: { command: ['arm-linux-gnueabihf-gcc'], folder: 'arm', triplet: 'arm-linux-gnueabihf' },
  riscv64: { command: ['riscv64-linux-gnu-gcc'], folder: 'riscv', triplet: 'riscv64-linux-gnu' },
};

/** The folder of the newest kernel headers installed here, undefined without any. */
export function kernelHeaders() {
  if (!existsSync('/usr/src')) return undefined;
  const version = (name) => name.match(/\d+/g).map(Number);
  const folders = readdirSync('/usr/src').filter((name) => /^linux-headers-\d+\.\d+.*-common$/.test(name));
  folders.sort((left, right) => {
    const [a, b] = [version(left), version(right)];
    return b[0] - a[0] || b[1] - a[1] || b[2] - a[2];
  });
  return folders.length === 0 ? undefined : join('/usr/src', folders[0]);
}

/** `6.12` of the folder of kernel headers. */
export function kernelHeadersVersion() {
  return kernelHeaders()?.match(/linux-headers-(\d+\.\d+)/)?.[1];
}

/** What evaluating needs and this machine lacks, undefined when nothing. */
export function missingCompiler() {
  if (kernelHeaders() === undefined) return 'no package linux-headers-*-common';
  for (const { command, triplet } of Object.values(compilers)) {
    if (spawnSync(command[0], ['--version']).status !== 0) return `no compiler ${command[0]}`;
    if (!existsSync(`/usr/${triplet}/include/asm`)) return `no linux-libc-dev-*-cross for ${triplet}`;
  }
  return undefined;
}

let stubFolder;

/** A folder of stand-ins for the includes that the installation of the headers strips; removed at exit. */
function stubs() {
  if (stubFolder === undefined) {
    stubFolder = mkdtempSync(join(tmpdir(), 'polc-generate-'));
    mkdirSync(join(stubFolder, 'linux'));
    for (const name of ['compiler.h', 'compiler_types.h']) writeFileSync(join(stubFolder, 'linux', name), '');
    writeFileSync(join(stubFolder, 'unistd.h'), '');
    // Numbers of calls, which arm64 generates when the kernel is built; no constant needs them.
    mkdirSync(join(stubFolder, 'asm'));
    writeFileSync(join(stubFolder, 'asm', 'unistd.h'), '');
    // Of the C library's headers a few UAPI headers take this structure only.
    mkdirSync(join(stubFolder, 'sys'));
    writeFileSync(
      join(stubFolder, 'sys', 'socket.h'),
      '#pragma once\nstruct sockaddr { unsigned short sa_family; char sa_data[14]; };\n',
    );
    process.once('exit', () => rmSync(stubFolder, { recursive: true }));
  }
  return stubFolder;
}

function includeArguments(architecture) {
  const { command, folder, triplet } = compilers[architecture];
  const headers = kernelHeaders();
  const own = execFileSync(command[0], ['-print-file-name=include'], { encoding: 'utf8' }).trim();
  return [
    ...command.slice(1),
    '-nostdinc',
    // What the installation of the headers strips: annotations, and two headers of the kernel's own.
    ...['__user', '__force', '__iomem', '__attribute_const__'].map((word) => `-D${word}=`),
    ...[
      stubs(),
      join(headers, 'arch', folder, 'include', 'uapi'),
      join(headers, 'include', 'uapi'),
      `/usr/${triplet}/include`,
      own,
    ].flatMap((path) => ['-isystem', path]),
  ];
}

/** Names of object-like macros and of enumerators that `source` (C text of includes) defines, in that order. */
export function definedNames(architecture, source) {
  const [compiler, ...rest] = [compilers[architecture].command[0], ...includeArguments(architecture)];
  const run = (flags) =>
    execFileSync(compiler, [...rest, ...flags, '-x', 'c', '-'], {
      input: source,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
    });
  const macros = [...run(['-E', '-dM']).matchAll(/^#define (\w+) \S/gm)].map((match) => match[1]);
  const enumerators = [];
  for (const [, body] of run(['-E', '-P']).matchAll(/\benum\s*\w*\s*\{([^}]*)\}/g)) {
    for (const item of body.split(',')) {
      const name = item.trim().match(/^\w+/)?.[0];
      if (name !== undefined) enumerators.push(name);
    }
  }
  return [...new Set([...macros, ...enumerators])];
}

/** The bytes of section `wanted` of a little-endian ELF object. */
function section(object, wanted) {
  const wide = object[4] === 2;
  const word = (at) => (wide ? Number(object.readBigUInt64LE(at)) : object.readUInt32LE(at));
  const table = word(wide ? 0x28 : 0x20);
  const size = object.readUInt16LE(wide ? 0x3a : 0x2e);
  const count = object.readUInt16LE(wide ? 0x3c : 0x30);
  const namesAt = table + size * object.readUInt16LE(wide ? 0x3e : 0x32);
  const offsetOf = (header) => word(header + (wide ? 0x18 : 0x10));
  for (let index = 0; index < count; index += 1) {
    const header = table + size * index;
    const start = offsetOf(namesAt) + object.readUInt32LE(header);
    const name = object.toString('latin1', start, object.indexOf(0, start));
    if (name === wanted) {
      const offset = offsetOf(header);
      return object.subarray(offset, offset + word(header + (wide ? 0x20 : 0x14)));
    }
  }
  throw new Error(`the object has no section ${wanted}`);
}

/**
 * The values of `names` on `architecture` as the compiler sees them after `source`; a name that is no integer constant
 * there is absent. A value of at most 32 bits is its 32-bit pattern (AT_FDCWD is 0xffffff9c).
 */
export function evaluate(architecture, source, names) {
  const [compiler, ...rest] = [compilers[architecture].command[0], ...includeArguments(architecture)];
  const folder = mkdtempSync(join(tmpdir(), 'polc-generate-'));
  try {
    let left = [...names];
    for (let attempt = 0; attempt < 40; attempt += 1) {
      // `| 0` is an error for a string, a pointer and a fraction.
      const lines = left.map(
        (name) =>
          `sizeof((${name}) | 0) <= 4 ? (unsigned int)((${name}) | 0) : (unsigned long long)((${name}) | 0), /*@${name}@*/`,
      );
      const text = [
        source,
        // Types of a C library in the values of SO_RCVTIMEO and BLKBSZGET: those of the kernel's own interface.
        'typedef __kernel_size_t size_t; typedef __kernel_long_t time_t;',
        '__attribute__((section("polc"))) const unsigned long long values[] = {',
        ...lines,
        '};',
        '',
      ].join('\n');
      const input = join(folder, 'values.c');
      writeFileSync(input, text);
      const object = join(folder, 'values.o');
      const done = spawnSync(compiler, [...rest, '-w', '-fmax-errors=0', '-c', input, '-o', object], {
        encoding: 'utf8',
        maxBuffer: 1 << 28,
      });
      if (done.status === 0) {
        const bytes = section(readFileSync(object), 'polc');
        return new Map(left.map((name, at) => [name, bytes.readBigUInt64LE(8 * at)]));
      }
      const all = text.split('\n');
      const bad = new Set();
      for (const [, line] of done.stderr.matchAll(/values\.c:(\d+):\d+: (?:error|note)/g)) {
        const name = all[Number(line) - 1]?.match(/\/\*@(\w+)@\*\//)?.[1];
        if (name !== undefined) bad.add(name);
      }
      if (bad.size === 0) throw new Error(`${architecture}: ${done.stderr.slice(0, 2000)}`);
      left = left.filter((name) => !bad.has(name));
    }
    throw new Error(`${architecture}: names that cannot be evaluated remain`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
