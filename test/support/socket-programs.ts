import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBuilt } from '../../runtime/hook-programs/built-programs.ts';
import type { PolicyPrograms } from '../../runtime/hook-programs/policy-programs.ts';
import { isRefusal } from '../../runtime/hook-programs/refusal.ts';
import { type SystemCalls, systemCalls } from '../../runtime/kernel/system-calls.ts';
import { writeProgramBundle } from './bundle-folder.ts';

/** 127.0.0.2 may be connected to, 127.0.0.4 not. */
export const policy = 'network: { mode: host, outbound: ["127.0.0.0/30:9", "192.0.2.0/24"] }\n';

/** Connects from a process in a group, and tells the error's name. */
export function connectFrom(folder: string, host: string): string {
  const call = `require('net').connect({ host: '${host}', port: 9 }).on('error', (e) => console.log(e.code)).on('connect', () => process.exit())`;
  const script = `echo 0 > ${folder}/cgroup.procs && exec ${process.execPath} -e "${call}"`;
  return spawnSync('sh', ['-c', script], { encoding: 'utf8', timeout: 60_000 }).stdout.trim();
}

export async function calls(): Promise<SystemCalls> {
  const found = await systemCalls();
  if ('problem' in found) throw new Error(found.problem);
  return found;
}

/** The programs of the policy. */
export function programs(): PolicyPrograms {
  const folder = mkdtempSync(join(tmpdir(), 'polc-programs-'));
  try {
    writeProgramBundle(folder, policy);
    const built = readBuilt(folder);
    if (isRefusal(built)) throw new Error(built.problem);
    return built.programs;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
