import { type DataCollector, fields } from '../data.ts';
import { cookieParameters } from '../exec-permission.ts';
import { add, address, branch, checked, label, load, type Operation, place, set, store } from '../operation.ts';
import type { SeccompStep } from '../plan.ts';
import { variables } from '../variables.ts';

/** prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0): the zeros are checked. */
export function noNewPrivileges(): readonly Operation[] {
  return checked('prctl', 38, 1, 0, 0, 0);
}

/**
 * Attaches the filter: seccomp(SECCOMP_SET_MODE_FILTER, flags, program). Where it asks for a cookie it is first copied to
 * memory that can be written, and given the one from AT_RANDOM; exec-permission.ts says why the cookie holds.
 */
export function seccomp(step: SeccompStep, data: DataCollector): readonly Operation[] {
  const filter = data.constant(step.filter, 8);
  const length = step.filter.length / 8;
  if (step.relocations.length === 0) {
    // struct sock_fprog: 2 bytes of length in instructions, 6 of padding, the address.
    const program = data.constant(fields([8, length], [8, 0]), 8, [{ at: 8, symbol: filter }]);
    return checked('seccomp', 1, step.flags, address(program));
  }
  const program = variables.scratch;
  return [
    set('r0', address(filter)),
    set('r1', place(variables.filter)),
    label('filter'),
    load('r2', 'r0', 0),
    store('r2', 'r1', 0),
    add('r0', 8),
    add('r1', 8),
    branch('r0', 'below', address(filter, step.filter.length), 'filter'),
    load('r0', 'variables', variables.random),
    load('r1', 'r0', 0),
    store('r1', 'variables', variables.cookie0),
    load('r1', 'r0', 8),
    store('r1', 'variables', variables.cookie1),
    ...step.relocations.flatMap((relocation) => {
      const half = cookieParameters.indexOf(relocation.parameter);
      const from = half * 8 + (relocation.word === 'high' ? 4 : 0);
      // struct sock_filter: 2 bytes of code, jt, jf, then k.
      return [
        load('r2', 'r0', from, 4),
        store('r2', 'variables', variables.filter + relocation.instruction * 8 + 4, 4),
      ];
    }),
    set('r2', length),
    store('r2', 'variables', program),
    set('r2', place(variables.filter)),
    store('r2', 'variables', program + 8),
    ...checked('seccomp', 1, step.flags, place(program)),
  ];
}
