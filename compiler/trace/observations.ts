/** How often something was seen, and the call by which it was seen first. */
export interface Seen {
  readonly count: number;
  readonly first: string;
}

/** The use of one path: what was done with it, by Landlock's names of rights. */
export interface PathUse {
  readonly directory: boolean;
  readonly rights: ReadonlyMap<string, Seen>;
}

export type Transport = 'tcp' | 'udp';

/** A bind, or a connect or send, on an IP socket. */
export interface SocketUse extends Seen {
  readonly operation: 'bind' | 'connect' | 'send';
  readonly transport: Transport;
  readonly address: string;
  readonly port: number;
}

/** What a program was seen to do. */
export interface Observations {
  /** System calls by name, without the one that started the program. */
  readonly calls: ReadonlyMap<string, Seen>;
  /** The address families of sockets: `AF_INET`. */
  readonly families: ReadonlyMap<string, Seen>;
  readonly paths: ReadonlyMap<string, PathUse>;
  readonly sockets: readonly SocketUse[];
  /** Connections to abstract UNIX sockets that the program had not bound itself. */
  readonly abstractSockets: Seen | undefined;
  /** Signals to processes that the program had not started. */
  readonly foreignSignals: Seen | undefined;
  /** How many processes and threads there were. */
  readonly processes: number;
  /** Lines that could not be read, and the first of them. */
  readonly unreadable: Seen | undefined;
  /** A program of another width ran, whose calls are not in `calls`. */
  readonly otherWidth: number | undefined;
}

/** Counts things by their name. */
export function tally(): {
  readonly all: ReadonlyMap<string, Seen>;
  add(name: string, first: () => string): void;
} {
  const all = new Map<string, { count: number; readonly first: string }>();
  return {
    all,
    add(name, first) {
      const known = all.get(name);
      if (known === undefined) all.set(name, { count: 1, first: first() });
      else known.count += 1;
    },
  };
}
