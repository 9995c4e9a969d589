import type { Point } from './policy.ts';

export type AttributeType = 'integer' | 'string' | 'boolean' | 'address' | 'path' | 'number';

export interface AttributeDeclaration {
  readonly type: AttributeType;
  readonly doc: string;
}

type Attributes = Readonly<Record<string, AttributeDeclaration>>;

/** The attributes that predicates may use at each point. The IR's verifier refuses any other. */
export const points: Readonly<Record<Point, Attributes>> = {
  syscall: {
    arch: { type: 'string', doc: 'the calling convention: x86_64, x86, x32, aarch64, arm, riscv64, or `other`' },
    syscall: { type: 'string', doc: 'the call by its name on that architecture; `#N` where the number has none' },
    newer: { type: 'boolean', doc: 'the number lies above every number the syscall table knows for that architecture' },
    arg0: { type: 'integer', doc: 'first argument, 64 bits' },
    arg1: { type: 'integer', doc: 'second argument, 64 bits' },
    arg2: { type: 'integer', doc: 'third argument, 64 bits' },
    arg3: { type: 'integer', doc: 'fourth argument, 64 bits' },
    arg4: { type: 'integer', doc: 'fifth argument, 64 bits' },
    arg5: { type: 'integer', doc: 'sixth argument, 64 bits' },
  },
  path: {
    path: { type: 'path', doc: 'the canonical absolute path' },
    right: { type: 'string', doc: 'one Landlock file-system right: execute, write_file, read_file, ...' },
  },
  socket: {
    operation: { type: 'string', doc: 'bind, connect, send' },
    protocol: { type: 'string', doc: 'tcp or udp, unix-abstract for the abstract name space' },
    address: { type: 'address', doc: 'the local address of a bind, the remote one otherwise' },
    port: { type: 'integer', doc: 'the port in host order' },
    outside: { type: 'boolean', doc: 'the peer is outside the sandbox (unix-abstract only)' },
  },
  signal: {
    outside: { type: 'boolean', doc: 'the receiver is outside the sandbox' },
  },
  capability: {
    capability: { type: 'string', doc: 'a capability of capabilities(7), in lower case without CAP_' },
  },
  hook: {
    hook: { type: 'string', doc: 'the LSM hook' },
  },
  'cost-event': {},
  launch: {},
  request: {},
};
