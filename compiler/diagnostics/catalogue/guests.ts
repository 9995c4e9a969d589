import { entries } from '../entry.ts';

/** Guests of WebAssembly that cannot be hardened. */
export const guests = entries({
  POL8400: {
    severity: 'error',
    message: '`{file}` is no WebAssembly module',
    help: 'name a module: a `.wasm` file that a compiler made for `wasm32-wasip1`; the text format is made binary by `wat2wasm`',
    explanation:
      'A module begins with the bytes 00 61 73 6D. What is hardened is rewritten byte by byte, so nothing else is taken.',
  },
  POL8401: {
    severity: 'error',
    message: '`{file}` is a component',
    help: 'compile the program for WASI preview 1 (`wasm32-wasip1`), which makes a core module',
    explanation:
      'Components speak WASI preview 2, whose functions are others. Hardening guards the functions of preview 1, `wasi_snapshot_preview1`.',
  },
  POL8402: {
    severity: 'error',
    message: '`{file}` is no valid module: {why}',
    help: 'compile it again: no engine would take it, or only one that knows features which others do not',
    explanation:
      'The engine that polc runs on found that the module breaks the rules of WebAssembly. What is not valid cannot be rewritten in a way that keeps its meaning.',
  },
  POL8403: {
    severity: 'error',
    message: '`{file}` has what cannot be rewritten: {what}',
    help: 'compile it without that feature',
    explanation:
      'Every instruction of a guest is read, so that its functions keep their meaning when others are put between. Instructions and types that polc does not know, such as those of garbage collection and of threads, are refused rather than passed over.',
  },
  POL8404: {
    severity: 'error',
    message: '`{module}.{name}` is imported, which is not of WASI preview 1',
    help: 'compile the program for WASI preview 1 (`wasm32-wasip1`) alone: every other import would be a way past the policy',
    explanation:
      'A guest reaches the machine through what it imports. The functions of `wasi_snapshot_preview1` are guarded one by one; what another import does, nobody knows, so a guest that has one cannot be held to a policy.',
  },
  POL8405: {
    severity: 'error',
    message: '`{name}` is no function of WASI preview 1',
    help: 'compile the program for plain WASI preview 1: functions that single engines add to it are not guarded',
    explanation:
      'Engines add functions of their own to `wasi_snapshot_preview1`, for sockets for instance. What they do is not part of the standard, so no guard is known for them.',
  },
  POL8406: {
    severity: 'error',
    message: '`{name}` is imported with another type than it has in WASI preview 1',
    help: 'compile the program again with a current toolchain',
    explanation:
      'An engine would refuse the import when it makes an instance of the module, or call a function of its own that is none of the standard.',
  },
  POL8407: {
    severity: 'error',
    message: 'the memory is imported, as `{module}.{name}`',
    help: 'link the program so that it has its memory itself: without `--import-memory`',
    explanation:
      'Whoever gives a guest its memory could change it while the guard looks at a path in it, and says how far it may grow. A hardened guest has its memory alone.',
  },
  POL8408: {
    severity: 'error',
    message: 'the memory is shared',
    help: 'compile the program without threads: for `wasm32-wasip1`, not `wasm32-wasip1-threads`',
    explanation:
      'Another thread could change a path between the guard`s look and the engine`s use of it. A guard in the guest can hold only what one thread does.',
  },
  POL8409: {
    severity: 'error',
    message: 'the memory is addressed with 64 bits',
    help: 'compile the program for `wasm32`',
    explanation: 'The functions of WASI preview 1 take addresses of 32 bits.',
  },
  POL8410: {
    severity: 'error',
    message: 'the module has {count} memories of one page or more; a guest of WASI has one',
    help: 'link the program with one memory of at least one page, which it exports as `memory`',
    explanation:
      'The functions of WASI read paths and write results in the one memory that the guest exports. Of several the guard would not know which an engine takes.',
  },
  POL8411: {
    severity: 'error',
    message: 'the guest begins with {pages} pages of memory, of 64 KiB each; the policy lets it have {most}',
    help: 'raise `resources.memory`, or link the program with less memory and a smaller stack',
    explanation:
      'What a module asks for at its start is given at once. A guest that begins above the policy`s limit could never run within it.',
  },
  POL8412: {
    severity: 'error',
    message: 'the paths of the policy are too many to compile into a guest',
    help: 'name folders above those of many rules, or write fewer patterns with `*` and `?`',
    explanation:
      'Paths become an automaton within the guest, of at most 4,096 states. Many long paths that begin differently, or patterns that overlap, need more.',
  },
  POL8413: {
    severity: 'error',
    message: '`{program}` is a program of this system, which polc holds on Linux alone; this is {system}',
    help: 'give a program for WASI, whose name ends in `.wasm`: it runs with the policy compiled into it on any system; or run this one on Linux',
    explanation:
      'What a policy says of system calls, paths, ports and resources is held by the kernel of Linux, in a sandbox that `polc run` makes there. Elsewhere nothing would hold the program, so it is not started. A program in WebAssembly is held by the guard that is compiled into it. `runtime: auto` stands for either, by the program.',
  },
});
