import { type DataCollector, fields } from '../data.ts';
import { cookieParameters } from '../exec-permission.ts';
import { address, checked, load, type Operation, set, store } from '../operation.ts';
import type { SeccompStep } from '../plan.ts';
import { variables } from '../variables.ts';

/** prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0): the zeros are checked. */
export function noNewPrivileges(): readonly Operation[] {
  return checked('prctl', 38, 1, 0, 0, 0);
}

/**
 * Copies the cookie from AT_RANDOM into the filter and attaches it: seccomp(SECCOMP_SET_MODE_FILTER, 0, program).
 * exec-permission.ts says why the cookie holds.
 */
export function seccomp(step: SeccompStep, data: DataCollector): readonly Operation[] {
  const wantsCookie = step.relocations.length > 0;
  const filter = wantsCookie ? data.patched(step.filter) : data.constant(step.filter, 8);
  // struct sock_fprog: 2 bytes of length in instructions, 6 of padding, the address.
  const program = data.constant(fields([2, step.filter.length / 8], [2, 0], [4, 0], [8, 0]), 8, [
    { at: 8, symbol: filter, width: 8 },
  ]);
  return [...(wantsCookie ? patch(step, filter) : []), ...checked('seccomp', 1, 0, address(program))];
}

function patch(step: SeccompStep, filter: string): readonly Operation[] {
  return [
    load('r0', 'variables', variables.random),
    load('r1', 'r0', 0),
    store('r1', 'variables', variables.cookie0),
    load('r1', 'r0', 8),
    store('r1', 'variables', variables.cookie1),
    ...step.relocations.flatMap((relocation) => {
      const half = cookieParameters.indexOf(relocation.parameter);
      const from = half * 8 + (relocation.word === 'high' ? 4 : 0);
      return [
        load('r2', 'r0', from, 4),
        // struct sock_filter: 2 bytes of code, jt, jf, then k.
        set('r1', address(filter, relocation.instruction * 8 + 4)),
        store('r2', 'r1', 0, 4),
      ];
    }),
  ];
}
