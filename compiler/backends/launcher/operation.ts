/**
 * The launcher's program, before it belongs to an architecture: system calls, and the few moves, loads and branches
 * around them. Each assembler turns one operation into machine code; everything else is shared.
 */

/**
 * Registers that a system call leaves alone, and `result`, which holds what it returned. `step` and `what` point at the
 * texts that name the running step and its object in a failure; `variables` points at the variables for good.
 */
export type Register = 'result' | 'r0' | 'r1' | 'r2' | 'step' | 'what' | 'variables';

export type Operand =
  /** A safe integer; a negative one is sign-extended to 64 bits. */
  | { readonly kind: 'immediate'; readonly value: number }
  /** 64 bits that no safe integer holds, in two halves. */
  | { readonly kind: 'wide-immediate'; readonly high: number; readonly low: number }
  /** The address of a named piece of data, `plus` bytes in. */
  | { readonly kind: 'address'; readonly symbol: string; readonly plus: number }
  | { readonly kind: 'register'; readonly register: Register }
  /** The address of what lies at this offset among the variables. */
  | { readonly kind: 'place'; readonly offset: number }
  /** The 64-bit variable at this offset. */
  | { readonly kind: 'variable'; readonly offset: number };

/** What a register can be compared with. */
export type Comparand = Exclude<Operand, { readonly kind: 'variable' | 'wide-immediate' }>;

/** `less` is signed, `below` and `not-below` are unsigned. */
export type Condition = 'equal' | 'not-equal' | 'less' | 'below' | 'not-below';

export type Width = 1 | 4 | 8;

export type Operation =
  | { readonly kind: 'label'; readonly name: string }
  /** Not code: the listing's heading for the operations that follow. */
  | { readonly kind: 'heading'; readonly text: string; readonly rules: readonly string[] }
  | { readonly kind: 'set'; readonly to: Register; readonly value: Operand }
  /** The stack pointer; as the kernel left it, it points at argc. */
  | { readonly kind: 'stack'; readonly to: Register }
  /** Moves the stack pointer down by so many bytes, a multiple of 4096 below 2^24. */
  | { readonly kind: 'reserve'; readonly bytes: number }
  /** Loads zero-extended. */
  | {
      readonly kind: 'load';
      readonly to: Register;
      readonly base: Register;
      readonly offset: number;
      readonly width: Width;
    }
  | {
      readonly kind: 'store';
      readonly from: Register;
      readonly base: Register;
      readonly offset: number;
      readonly width: Width;
    }
  | { readonly kind: 'add'; readonly to: Register; readonly amount: number }
  | {
      readonly kind: 'combine';
      readonly by: 'add' | 'subtract' | 'and';
      readonly to: Register;
      readonly from: Register;
    }
  | { readonly kind: 'negate'; readonly to: Register }
  | { readonly kind: 'shift-right'; readonly to: Register; readonly bits: number }
  /** Divides r0, below 2^32, by ten; the remainder goes to `result`. */
  | { readonly kind: 'divide-by-ten' }
  | {
      readonly kind: 'branch';
      readonly when: Condition;
      readonly left: Register;
      readonly right: Comparand;
      readonly to: string;
    }
  | { readonly kind: 'jump'; readonly to: string }
  /** Calls a routine that calls no other; `return` ends it. */
  | { readonly kind: 'call'; readonly to: string }
  | { readonly kind: 'return' }
  /** The instruction that makes a system call, without its arguments. */
  | { readonly kind: 'enter-kernel' }
  | SystemCall;

export interface SystemCall {
  readonly kind: 'system-call';
  readonly name: string;
  /**
   * Never `result`: the arguments are loaded one after another, and on some machines one of them is its register. One
   * that the kernel does not look at is undefined.
   */
  readonly arguments: readonly (Operand | undefined)[];
  /** True where a negative result goes to the failure routine; the call is then made by the routine `checkedCall`. */
  readonly checked: boolean;
}

/** The label of the routine that makes a checked call: the arguments and the number are in their registers. */
export const checkedCall = 'checked-call';

export function immediate(value: number): Comparand {
  return { kind: 'immediate', value };
}

/** The 64 bits of a mask. */
export function immediateBits(mask: bigint): Operand {
  if (mask <= Number.MAX_SAFE_INTEGER) return immediate(Number(mask));
  return { kind: 'wide-immediate', high: Number(mask >> 32n), low: Number(mask & 0xffff_ffffn) };
}

export function address(symbol: string, plus = 0): Comparand {
  return { kind: 'address', symbol, plus };
}

export function register(name: Register): Comparand {
  return { kind: 'register', register: name };
}

export function place(offset: number): Comparand {
  return { kind: 'place', offset };
}

export function variable(offset: number): Operand {
  return { kind: 'variable', offset };
}

export function label(name: string): Operation {
  return { kind: 'label', name };
}

export function set(to: Register, value: Operand | number): Operation {
  return { kind: 'set', to, value: typeof value === 'number' ? immediate(value) : value };
}

export function load(to: Register, base: Register, offset: number, width: Width = 8): Operation {
  return { kind: 'load', to, base, offset, width };
}

export function store(from: Register, base: Register, offset: number, width: Width = 8): Operation {
  return { kind: 'store', from, base, offset, width };
}

export function add(to: Register, amount: number): Operation {
  return { kind: 'add', to, amount };
}

export function combine(to: Register, by: 'add' | 'subtract' | 'and', from: Register): Operation {
  return { kind: 'combine', by, to, from };
}

export function branch(left: Register, when: Condition, right: Comparand | number, to: string): Operation {
  return { kind: 'branch', when, left, right: typeof right === 'number' ? immediate(right) : right, to };
}

export function jump(to: string): Operation {
  return { kind: 'jump', to };
}

export function call(to: string): Operation {
  return { kind: 'call', to };
}

/** A system call whose result the next operations look at. */
export function systemCall(name: string, ...operands: readonly (Operand | number | undefined)[]): SystemCall {
  return {
    kind: 'system-call',
    name,
    arguments: operands.map((operand) => (typeof operand === 'number' ? immediate(operand) : operand)),
    checked: false,
  };
}

/**
 * A system call that must not fail: a negative result goes to the failure routine with the current step and object. Not
 * for use inside a routine, see `call`.
 */
export function checked(name: string, ...operands: readonly (Operand | number)[]): readonly Operation[] {
  return [{ ...systemCall(name, ...operands), checked: true }];
}
