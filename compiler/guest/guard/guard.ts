import { readFunctions, type TextFunction } from '../assemble.ts';
import type { PathAutomaton } from '../path-automaton.ts';
import { descriptorFunctions, descriptorGlobals, type GuardGlobal } from './descriptors.ts';
import { fileGuards, fileHelpers } from './files.ts';
import { type Meter, meterFunctions, meterGlobals } from './meter.ts';
import { nameFunctions, nameGlobals } from './names.ts';
import { openingFunctions, openingGlobals } from './opening.ts';
import { automatonFunctions, lookUpFunctions, lookUpGlobals } from './paths.ts';
import { rightBits } from './rights.ts';

/** What the policy lets a guest do, as the guard needs it. */
export interface GuestRules {
  readonly paths: PathAutomaton;
  readonly descriptors: number;
  readonly sockets: boolean;
  readonly meter: Meter | undefined;
}

export interface Guard {
  readonly functions: readonly TextFunction[];
  readonly globals: readonly GuardGlobal[];
  /** The functions of the host that the guard calls. */
  readonly host: ReadonlySet<string>;
}

/** Functions of the host that every guard of these names needs, whatever the guest imports. */
const ofOpening = [
  'fd_prestat_get',
  'fd_prestat_dir_name',
  'fd_filestat_get',
  'path_filestat_get',
  'fd_close',
] as const;

/**
 * The guard of one policy in the text format: `$guard.NAME` for each of the functions `wanted` that the policy speaks
 * of, and what they need.
 */
export function guardOf(rules: GuestRules, wanted: ReadonlySet<string>): Guard {
  const bits = rightBits();
  const { meter } = rules;
  const all = fileGuards(bits, rules.sockets);
  if (meter !== undefined) {
    all.set('random_get', randomGuard);
    all.set('poll_oneoff', pollGuard);
  }
  const used = [...all].filter(([name]) => wanted.has(name));
  const guarded = used.length > 0;
  const stream = bits.read_file | bits.write_file | bits.truncate;
  const text = [
    ...(guarded
      ? [
          descriptorFunctions(rules.descriptors),
          automatonFunctions(rules.paths),
          lookUpFunctions(),
          nameFunctions(rules.paths.start),
          openingFunctions(rules.descriptors, stream, rules.sockets, meter !== undefined),
          fileHelpers(),
        ]
      : []),
    ...(meter === undefined ? [] : [meterFunctions(meter)]),
    ...used.map(([, each]) => each),
  ].join('\n');
  const host = new Set<string>([
    ...used.map(([name]) => name),
    ...(guarded ? ofOpening : []),
    ...(guarded && rules.sockets ? ['fd_fdstat_get'] : []),
    ...(meter?.nanoseconds === undefined ? [] : ['clock_time_get']),
  ]);
  return {
    functions: readFunctions(text),
    globals: [
      ...(guarded
        ? [...descriptorGlobals(rules.descriptors), ...lookUpGlobals, ...nameGlobals, ...openingGlobals]
        : []),
      ...(meter === undefined ? [] : meterGlobals(meter)),
    ],
    host,
  };
}

const randomGuard = `
  (func $guard.random_get (param $at i32) (param $length i32) (result i32)
    (call $charge (i32.shr_u (local.get $length) (i32.const 2)))
    (call $host.random_get (local.get $at) (local.get $length)))`;

/** Waiting costs no units, so the clock is read when it is over. */
const pollGuard = `
  (func $guard.poll_oneoff (param $in i32) (param $out i32) (param $count i32) (param $events i32) (result i32)
    (local $error i32)
    (call $begin)
    (local.set $error (call $host.poll_oneoff (local.get $in) (local.get $out) (local.get $count) (local.get $events)))
    (call $refill)
    (local.get $error))`;
