import { getSystemErrorName } from 'node:util';

/** A word of a system call; a view passes the address of its bytes, `undefined` a null pointer. */
export type Word = number | bigint | ArrayBufferView | undefined;

/** What the kernel refused, as Node's own errors of system calls are. */
export class KernelRefusal extends Error {
  /** `EPERM`. */
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;

  /** @param errno as a positive number */
  constructor(syscall: string, errno: number) {
    const code = errorName(errno);
    super(`${syscall}: ${code}`);
    this.code = code;
    this.errno = errno;
    this.syscall = syscall;
  }
}

/** ENOTSUPP of linux/errno.h, which programs at hooks answer with and no C library knows. */
const notSupported = 524;

function errorName(errno: number): string {
  return errno === notSupported ? 'ENOTSUPP' : getSystemErrorName(-errno);
}

/** Numbers by `process.arch`: asm/unistd_64.h, and asm-generic/unistd.h for the others. */
export const systemCallNumbers = {
  bind: { x64: 49, other: 200 },
  bpf: { x64: 321, other: 280 },
  connect: { x64: 42, other: 203 },
  eventfd2: { x64: 290, other: 19 },
  fadvise64: { x64: 221, other: 223 },
  getsockopt: { x64: 55, other: 209 },
  ioctl: { x64: 16, other: 29 },
  mmap: { x64: 9, other: 222 },
  munmap: { x64: 11, other: 215 },
  pidfd_getfd: { x64: 438, other: 438 },
  pidfd_open: { x64: 434, other: 434 },
  pidfd_send_signal: { x64: 424, other: 424 },
  ppoll: { x64: 271, other: 73 },
  prlimit64: { x64: 302, other: 261 },
  recvfrom: { x64: 45, other: 207 },
  sendmsg: { x64: 46, other: 211 },
  sendto: { x64: 44, other: 206 },
  setsockopt: { x64: 54, other: 208 },
  socket: { x64: 41, other: 198 },
  socketpair: { x64: 53, other: 199 },
} as const;

export type SystemCallName = keyof typeof systemCallNumbers;

/** System calls of the kernel that runs, through syscall(2) of the C library. */
export interface SystemCalls {
  /**
   * @returns what the kernel gives: a number that is not negative
   * @throws KernelRefusal
   */
  call(name: SystemCallName, ...words: readonly Word[]): number;
  /**
   * The same in a thread of its own, for calls that wait. What views hold must not be given up before it has ended.
   *
   * @returns -1 where the kernel refused: why is not known outside of the thread
   */
  wait(name: SystemCallName, ...words: readonly Word[]): Promise<number>;
  /** The address of a view's bytes, for structures that hold pointers; good while the view is referenced. */
  address(view: ArrayBufferView): bigint;
  /** Memory of this process that JavaScript did not make, such as what mmap(2) gave. */
  memory(address: number, bytes: number): ArrayBuffer;
}

/** Why there are no system calls to be had. */
export interface NoSystemCalls {
  readonly problem: string;
  readonly help: string;
}

let loading: Promise<SystemCalls | NoSystemCalls> | undefined;

/** Loads koffi when it is first asked for, in some 10 ms. */
export function systemCalls(): Promise<SystemCalls | NoSystemCalls> {
  loading ??= load();
  return loading;
}

async function load(): Promise<SystemCalls | NoSystemCalls> {
  if (process.platform !== 'linux') {
    return { problem: `system calls are made on Linux; this is ${process.platform}`, help: 'start it on Linux' };
  }
  try {
    const { default: koffi } = await import('koffi');
    const words = 'int64_t number, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f';
    const syscall = koffi.load(null).func(`int64_t syscall(${words})`);
    const architecture = process.arch === 'x64' ? 'x64' : 'other';
    const listOf = (name: SystemCallName, given: readonly Word[]): (number | bigint)[] => {
      const list: (number | bigint)[] = [systemCallNumbers[name][architecture], 0, 0, 0, 0, 0, 0];
      for (const [index, word] of given.entries()) {
        list[index + 1] = word === undefined ? 0 : typeof word === 'object' ? koffi.address(word) : word;
      }
      return list;
    };
    return {
      call(name, ...given) {
        const result = Number(syscall(...listOf(name, given)));
        if (result === -1) throw new KernelRefusal(name, koffi.errno());
        return result;
      },
      wait: (name, ...given) =>
        new Promise((resolve, reject) => {
          syscall.async(...listOf(name, given), (error: unknown, result: unknown) => {
            if (error === null || error === undefined) resolve(Number(result));
            else reject(error);
          });
        }),
      address: (view) => koffi.address(view),
      memory: (address, bytes) => koffi.view(address, bytes),
    };
  } catch (error) {
    return {
      problem: `the package koffi cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      help: 'install it beside polc (`npm install koffi`); it has binaries for x86_64, aarch64 and riscv64',
    };
  }
}
