import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What some policies allow and others do not; every policy can start a program. Nothing is allowed twice. */
const families = [
  '@basic-io',
  '@file-system',
  '@io-event',
  '@ipc',
  '@network-io',
  '@process',
  '@signal',
  '@sync',
  '@timer',
];
const extras = [
  'futex',
  'madvise',
  'mremap',
  'sched_yield',
  'sysinfo',
  'uname',
  'getcpu',
  'membarrier',
  'mincore',
  'flock',
];
const rules = [
  '{ syscalls: [socket], when: "arg0 in [AF_UNIX, AF_INET]" }',
  '{ syscalls: [clone], when: arg0 & CLONE_NEWUSER == 0 }',
  '{ syscalls: [personality], when: arg0 == 0 || arg0 == 8 }',
  '{ syscalls: [clone3], action: errno(ENOSYS) }',
];
const networks = ['none', 'loopback-only', 'host'];

/**
 * Writes `count` sandbox policies into `folder`, no two alike and the same each time: their calls, conditions, paths,
 * ceilings and network vary with bits of numbers that a linear congruential generator makes.
 *
 * @param roles how many different sections on system calls there are; each policy has its own unless told
 */
export function writePolicyFolder(folder: string, count: number, roles: number = count): void {
  mkdirSync(folder, { recursive: true });
  const bits = generator(1);
  for (let index = 0; index < count; index++) {
    // The first numbers of neighbouring seeds are alike.
    const callBits = roles < count ? generator((1 + (index % roles)) * 2_654_435_761) : bits;
    writeFileSync(join(folder, `policy-${index}.yaml`), policyText(index, bits, callBits));
  }
}

function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}

/** @param callBits for what the policy says of system calls */
function policyText(index: number, bits: () => number, callBits: () => number): string {
  const some = (all: readonly string[]) => {
    const mask = callBits();
    return all.filter((_, at) => (mask >> at) & 1);
  };
  const allowed = ['"@basic-start"', ...some(families).map((name) => `"${name}"`), ...some(extras), 'execve'];
  const chosen = some(rules).map((rule) => `      - ${rule}\n`);
  const paths = Array.from(
    { length: 1 + (bits() % 6) },
    (_, at) => `      - { path: /srv/data-${index}/${at}, access: read-write, optional: true }\n`,
  );
  return `profile: policy-${index}
mode: sandbox
security:
  level: medium
  capabilities: []
  seccomp:
    default: errno(EPERM)
${chosen.length > 0 ? `    rules:\n${chosen.join('')}` : ''}    allow: [${allowed.join(', ')}]
  landlock:
    paths:
      - { path: /usr, access: execute }
      - { path: /etc, access: read-only }
${paths.join('')}resources:
  memory: ${64 + (bits() % 1024)}MiB
  cpu: 0.5
  pids: ${16 + (bits() % 256)}
  rlimits: { nofile: ${64 + (bits() % 4096)} }
network:
  mode: ${networks[index % networks.length]}
`;
}
