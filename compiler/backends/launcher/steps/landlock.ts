import { type DataCollector, fields, joined } from '../data.ts';
import {
  add,
  address,
  branch,
  checked,
  combine,
  jump,
  label,
  load,
  type Operation,
  place,
  register,
  set,
  store,
  systemCall,
} from '../operation.ts';
import type { LandlockStep } from '../plan.ts';
import { variables } from '../variables.ts';

/** LANDLOCK_ACCESS_FS_* that mean something for a file: execute, write_file, read_file, truncate, ioctl_dev. */
const fileRights = 0xc007;

/** LANDLOCK_RESTRICT_SELF_LOG_NEW_EXEC_ON: the domain's refusals are logged after an exec too. */
const logNewExec = 2;

/** landlock(7). The descriptors of the ruleset and of the paths are close-on-exec. */
export function landlock(step: LandlockStep, data: DataCollector): readonly Operation[] {
  // struct landlock_ruleset_attr grew with the ABI; a kernel refuses bytes that it does not know unless they are 0.
  const size = step.abi >= 6 ? 24 : step.abi >= 4 ? 16 : 8;
  const attribute = fields([8, step.handledPaths], [8, step.handledPorts], [8, step.scoped]).slice(0, size);
  return [
    ...checked('landlock_create_ruleset', address(data.constant(attribute, 8)), size, 0),
    set('r0', register('result')),
    ...(step.paths.length > 0 ? addPaths(step, data) : []),
    ...(step.ports.length > 0 ? addPorts(step, data) : []),
    ...checked('landlock_restrict_self', register('r0'), step.logged === true ? logNewExec : 0),
  ];
}

/**
 * A loop over entries of 8 bytes: access and the address of the path; an access of 0 ends them. The paths that may be
 * absent come last.
 */
function addPaths(step: LandlockStep, data: DataCollector): readonly Operation[] {
  const required = step.paths.filter((path) => !path.optional);
  const paths = [...required, ...step.paths.filter((path) => path.optional)];
  const bytes = new Uint8Array(paths.length * 8 + 4);
  const view = new DataView(bytes.buffer);
  const pointers = paths.map(({ path, access }, index) => {
    view.setUint32(index * 8, Number(access), true);
    return { at: index * 8 + 4, symbol: data.text(path) };
  });
  const table = data.constant(bytes, 4, pointers);
  // struct landlock_path_beneath_attr is packed: 8 bytes of access, 4 of descriptor.
  const attribute = variables.scratch;
  const descriptor = variables.scratch + 8;
  const mayBeAbsent = required.length < paths.length;
  return [
    set('r1', address(table)),
    label('path'),
    load('r2', 'r1', 0, 4),
    branch('r2', 'equal', 0, 'paths-done'),
    store('r2', 'variables', attribute),
    load('what', 'r1', 4, 4),
    systemCall('openat', -100, register('what'), 0x28_0000), // AT_FDCWD, O_PATH | O_CLOEXEC
    branch('result', 'less', 0, mayBeAbsent ? 'path-absent' : 'fail'),
    store('result', 'variables', descriptor, 4),
    label('add-path'),
    systemCall('landlock_add_rule', register('r0'), 1, place(attribute), 0), // LANDLOCK_RULE_PATH_BENEATH
    branch('result', 'equal', 0, 'path-added'),
    branch('result', 'not-equal', -22, 'fail'),
    // EINVAL: the path is a file, for which rights of directories mean nothing. Once more with those that do.
    load('r2', 'variables', attribute),
    set('result', fileRights),
    combine('result', 'and', 'r2'),
    branch('result', 'equal', register('r2'), 'path-invalid'),
    branch('result', 'equal', 0, 'path-added'), // nothing of the rule is about a file
    store('result', 'variables', attribute),
    jump('add-path'),
    label('path-invalid'),
    set('result', -22),
    jump('fail'),
    ...(mayBeAbsent
      ? [
          label('path-absent'),
          branch('result', 'not-equal', -2, 'fail'), // ENOENT
          branch('r1', 'not-below', address(table, required.length * 8), 'next-path'),
          jump('fail'),
        ]
      : []),
    label('path-added'),
    load('r2', 'variables', descriptor, 4),
    systemCall('close', register('r2')),
    ...(mayBeAbsent ? [label('next-path')] : []),
    add('r1', 8),
    jump('path'),
    label('paths-done'),
    set('what', 0),
  ];
}

/** A loop over struct landlock_net_port_attr: 8 bytes of access, 8 of port in host order. */
function addPorts(step: LandlockStep, data: DataCollector): readonly Operation[] {
  const table = data.constant(
    joined([...step.ports.map((port) => fields([8, port.access], [8, port.port])), fields([8, 0])]),
    8,
  );
  return [
    set('r1', address(table)),
    label('port'),
    load('r2', 'r1', 0),
    branch('r2', 'equal', 0, 'ports-done'),
    ...checked('landlock_add_rule', register('r0'), 2, register('r1'), 0), // LANDLOCK_RULE_NET_PORT
    add('r1', 16),
    jump('port'),
    label('ports-done'),
  ];
}
