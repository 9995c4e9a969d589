import { folded } from '../paths.ts';
import { fileAccesses, parentOf, touchesFiles } from './file-access.ts';
import { type Observations, type PathUse, type SocketUse, tally } from './observations.ts';
import { addressIn } from './socket-address.ts';
import { type TracedCall, traceReader } from './strace-line.ts';
import { descriptorOf, splitArguments, stringOf } from './strace-text.ts';

/** What is asked of the machine that a trace was made on. */
export interface TracedMachine {
  /** The path after all symbolic links; undefined where nothing is there (any more). */
  realPath(path: string): string | undefined;
  isDirectory(path: string): boolean;
  /** False where the file is older than the trace, so that the program did not make it. */
  mayBeMade(path: string): boolean;
  /** What the kernel opens besides when it executes a file: the interpreters of scripts, the dynamic linker. */
  interpreters(path: string): readonly string[];
}

export interface Observer {
  /** Takes the next line of `strace -f -yy`. */
  line(text: string): void;
  end(): Observations;
}

interface MutablePathUse {
  directory: boolean;
  readonly rights: Map<string, { count: number; readonly first: string }>;
}

const starting = new Set(['clone', 'clone3', 'fork', 'vfork']);
const signalling = new Set(['kill', 'tkill', 'tgkill', 'pidfd_send_signal', 'rt_sigqueueinfo', 'rt_tgsigqueueinfo']);
const longestFirst = 100;
/** By which programs start themselves anew: busybox, container runtimes, browsers. */
const ownProgram = '/proc/self/exe';

/**
 * Watches a trace and keeps what matters for a policy: each system call, each path with the rights that were used, each
 * socket. Calls that failed count as system calls; of files and sockets only what was reached, or would have been if
 * somebody had answered, needs a right.
 *
 * @param folder where the first process began
 */
export function observer(machine: TracedMachine, folder: string): Observer {
  const reader = traceReader();
  const calls = tally();
  const families = tally();
  const paths = new Map<string, MutablePathUse>();
  const sockets = new Map<string, SocketUse & { count: number }>();
  const abstracts = tally();
  const signals = tally();
  const unreadable = tally();
  const boundNames = new Set<string>();
  const connectedNames: (readonly [name: string, first: string])[] = [];
  const signalled: (readonly [process: number, first: string])[] = [];
  const folders = new Map<number, string>();
  /** What each process executed last. */
  const programs = new Map<number, string>();
  const made = new Set<string>();
  const devices = new Set<string>();
  const processes = new Set<number>();
  let otherWidth: number | undefined;
  const widths = new Map<number, number>();
  let started = false;

  /** What a process has of its own, or as its parent had it. */
  const ofProcess = (process: number, known: Map<number, string>, atFirst: string): string => {
    const own = known.get(process);
    if (own !== undefined) return own;
    // The child of a clone that has not returned yet; of two at once it does not say of which.
    const [parent] = reader.inside(starting).filter((each) => each !== process);
    const inherited = (parent === undefined ? undefined : known.get(parent)) ?? atFirst;
    known.set(process, inherited);
    return inherited;
  };
  const folderOf = (process: number) => ofProcess(process, folders, folder);
  const programOf = (process: number) => ofProcess(process, programs, ownProgram);

  const use = (path: string, rights: readonly string[], directory: boolean, first: string) => {
    const place = settled(path);
    let known = paths.get(place);
    if (known === undefined) {
      known = { directory, rights: new Map() };
      paths.set(place, known);
    }
    known.directory ||= directory || place !== path;
    for (const right of rights) {
      const seen = known.rights.get(right);
      if (seen === undefined) known.rights.set(right, { count: 1, first });
      else seen.count += 1;
    }
  };

  const resolved = (process: number) => (directory: string | undefined, name: string | undefined) => {
    if (name === undefined) return undefined;
    if (name.startsWith('/')) return folded(name);
    const base = directory === undefined ? undefined : descriptorOf(directory);
    // A file that is executed by its descriptor has an empty name.
    if (name === '') return base;
    return folded(`${base ?? folderOf(process)}/${name}`);
  };

  const takeFiles = (call: TracedCall, first: string) => {
    for (const access of fileAccesses(call, resolved(call.process))) {
      const parent = machine.realPath(parentOf(access.path)) ?? parentOf(access.path);
      const name = access.path.slice(access.path.lastIndexOf('/') + 1);
      const here = parent === '/' ? `/${name}` : `${parent}/${name}`;
      if (access.ofParent) {
        if (access.ifMade === true && !machine.mayBeMade(machine.realPath(access.path) ?? here)) continue;
        if (access.rights.some((right) => right.startsWith('make'))) made.add(here);
        use(parent, access.rights.flatMap(rightsOfMove(machine.isDirectory(here))), true, first);
        continue;
      }
      // What this leads to for whoever reads the trace is another program.
      const path = access.path === ownProgram ? programOf(call.process) : access.path;
      const real = path === ownProgram ? path : (machine.realPath(path) ?? here);
      if (access.rights[0] === 'ioctl_dev') {
        // One that was given open is not asked about.
        if (devices.has(settled(real))) use(real, access.rights, false, first);
        continue;
      }
      if (real.startsWith('/dev/')) devices.add(settled(real));
      const directory = access.directory === true || machine.isDirectory(real);
      use(real, directory ? ['read_dir'] : access.rights, directory, first);
      if (access.executes !== true) continue;
      programs.set(call.process, real);
      for (const interpreter of machine.interpreters(real)) {
        use(machine.realPath(interpreter) ?? interpreter, ['execute', 'read_file'], false, first);
      }
    }
  };

  const takeSocket = (call: TracedCall, first: string) => {
    const [descriptor] = splitArguments(call.argumentText);
    const address = addressIn(call.argumentText);
    if (address === undefined) return;
    if (address.family === 'path') {
      if (call.name !== 'bind' || !succeeded(call)) return;
      const path = resolved(call.process)(undefined, stringOf(`"${address.path}"`));
      if (path !== undefined) use(machine.realPath(parentOf(path)) ?? parentOf(path), ['make_sock'], true, first);
      return;
    }
    if (address.family === 'abstract') {
      if (call.name === 'bind') boundNames.add(address.name);
      else connectedNames.push([address.name, first]);
      return;
    }
    const kind = descriptorOf(descriptor) ?? '';
    const transport = kind.startsWith('TCP') ? 'tcp' : kind.startsWith('UDP') ? 'udp' : undefined;
    if (transport === undefined) return;
    const operation = call.name === 'bind' ? 'bind' : call.name === 'connect' ? 'connect' : 'send';
    const key = `${operation} ${transport} ${address.address} ${address.port}`;
    const known = sockets.get(key);
    if (known !== undefined) known.count += 1;
    else sockets.set(key, { operation, transport, address: address.address, port: address.port, count: 1, first });
  };

  const take = (call: TracedCall) => {
    processes.add(call.process);
    const where = folderOf(call.process);
    const program = programOf(call.process);
    // The program is started by polc's launcher, not by a call of its own.
    const isStart = !started && (call.name === 'execve' || call.name === 'execveat') && succeeded(call);
    const text = `${call.name}(${call.argumentText}) = ${call.result}`;
    const first = () => shortened(text);
    if (isStart) started = true;
    else if (started && widths.get(call.process) === undefined) calls.add(call.name, first);
    if (!started) return;
    if (call.name === 'socket') families.add(splitArguments(call.argumentText)[0] ?? '', first);
    if (call.name === 'bind' || call.name === 'connect' || call.name.startsWith('send')) takeSocket(call, first());
    if (signalling.has(call.name)) {
      const target = Math.abs(Number(/^-?\d+/.exec(call.argumentText)?.[0] ?? 0));
      if (target > 1) signalled.push([target, first()]);
    }
    if (!succeeded(call)) return;
    if (starting.has(call.name)) {
      const child = Number(/^\d+/.exec(call.result)?.[0]);
      if (child > 0) {
        folders.set(child, folders.get(child) ?? where);
        programs.set(child, programs.get(child) ?? program);
      }
    } else if (call.name === 'chdir') {
      const to = resolved(call.process)(undefined, stringOf(splitArguments(call.argumentText)[0]));
      if (to !== undefined) folders.set(call.process, machine.realPath(to) ?? to);
    } else if (call.name === 'fchdir') {
      const to = descriptorOf(call.argumentText);
      if (to !== undefined) folders.set(call.process, to);
    }
    if (touchesFiles(call.name)) takeFiles(call, first());
  };

  return {
    line(text) {
      if (text === '') return;
      const read = reader.read(text);
      if (read.kind === 'call') take(read.call);
      else if (read.kind === 'begun') {
        folderOf(read.process);
        programOf(read.process);
      } else if (read.kind === 'unreadable') unreadable.add('', () => shortened(text));
      else if (read.kind === 'width') {
        if (read.bits === 64) widths.delete(read.process);
        else {
          widths.set(read.process, read.bits);
          otherWidth = read.bits;
        }
      }
    },
    end() {
      for (const [name, first] of connectedNames) if (!boundNames.has(name)) abstracts.add('', () => first);
      for (const [process, first] of signalled) if (!processes.has(process)) signals.add('', () => first);
      return {
        calls: calls.all,
        families: families.all,
        paths: withoutMade(paths, made),
        sockets: [...sockets.values()],
        abstractSockets: abstracts.all.get(''),
        foreignSignals: signals.all.get(''),
        processes: processes.size,
        unreadable: unreadable.all.get(''),
        otherWidth,
      };
    },
  };
}

/**
 * What a program makes itself is not there, or has another name, when it starts the next time: what it did with that and
 * beneath it, it may do in the directory that was there.
 */
function withoutMade(
  paths: ReadonlyMap<string, MutablePathUse>,
  made: ReadonlySet<string>,
): ReadonlyMap<string, PathUse> {
  const result = new Map<string, MutablePathUse>();
  for (const [path, { directory, rights }] of paths) {
    let place = path;
    for (let above = path; above !== '/'; above = parentOf(above)) if (made.has(above)) place = parentOf(above);
    let known = result.get(place);
    if (known === undefined) {
      known = { directory: false, rights: new Map() };
      result.set(place, known);
    }
    known.directory ||= directory || place !== path;
    for (const [right, seen] of rights) {
      const before = known.rights.get(right);
      if (before === undefined) known.rights.set(right, { ...seen });
      else before.count += seen.count;
    }
  }
  return result;
}

/** What a rename makes and removes is a directory or a file. */
function rightsOfMove(directory: boolean): (right: string) => readonly string[] {
  return (right) => {
    if (right === 'make') return [directory ? 'make_dir' : 'make_reg'];
    if (right === 'remove') return [directory ? 'remove_dir' : 'remove_file'];
    return [right];
  };
}

/** A path that a later run has too: numbers of processes and terminals are others then. */
function settled(path: string): string {
  if (/^\/proc\/(?:\d+|self|thread-self)(?:\/|$)/.test(path)) return '/proc';
  return path.startsWith('/dev/pts/') ? '/dev/pts' : path;
}

/** Failed calls have a negative number; `?` is that of a call that never returned. */
function succeeded(call: TracedCall): boolean {
  return !call.result.startsWith('-');
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > longestFirst ? `${line.slice(0, longestFirst - 1)}…` : line;
}
