// What a program's first start takes whose files are not in memory: by itself, and with its set read ahead from this
// process while it starts, as `polc run` does. Needs root, and drops what the machine has cached of its disks.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemCalls } from '../runtime/kernel/system-calls.ts';
import { localMachine } from '../runtime/sandbox/machine.ts';
import { readAhead } from '../runtime/sandbox/read-ahead/read-ahead.ts';
import { printTable } from './support/table.ts';

const rounds = 15;
const imports = 'import json, re, subprocess, datetime, argparse, logging, ssl';
/** What a program reads once it has worked for a while. */
const folder = mkdtempSync(join(tmpdir(), 'polc-read-ahead-'));
const data = join(folder, 'data');
const reads = `sum(range(4_000_000)); len(open('${data}', 'rb').read())`;
const starts = [
  { set: 'python', command: ['/usr/bin/python3', '-c', 'pass'] },
  { set: 'python', command: ['/usr/bin/python3', '-c', imports] },
  { set: 'node', command: [process.execPath, '-e', '0'] },
  { set: data, command: ['/usr/bin/python3', '-c', reads] },
];

function forget(): boolean {
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3');
    return true;
  } catch {
    return false;
  }
}

const median = (values: readonly number[]) => [...values].sort((left, right) => left - right)[values.length >> 1]!;

const local = localMachine();
await systemCalls();
if ('problem' in local) console.log(`absent: reading ahead, ${local.problem}`);
else if (!forget()) console.log('absent: reading ahead, only root has the machine forget its files');
else {
  const { machine } = local;
  const timed = async (set: string | undefined, command: readonly string[]) => {
    const [program = '', ...words] = command;
    const at = performance.now();
    const asked = set === undefined ? [] : [set];
    const ahead = readAhead(asked, { program, path: process.env.PATH, machine });
    await once(spawn(program, words, { stdio: 'ignore' }), 'exit');
    const time = performance.now() - at;
    ahead.end();
    await ahead.done;
    return time;
  };
  const rows = [];
  writeFileSync(data, Buffer.alloc(64 << 20, 1), { flush: true });
  for (const { set, command } of starts) {
    for (const cold of [true, false]) {
      const [plain, ahead]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round++) {
        if (cold) forget();
        plain.push(await timed(undefined, command));
        if (cold) forget();
        ahead.push(await timed(set, command));
      }
      const program = set === data ? 'work, then 64 MiB of a file' : `${command.slice(-1)[0]!.slice(0, 24)} of ${set}`;
      const what = `${program}, ${cold ? 'on disk' : 'in memory'}`;
      rows.push({ what, ours: median(ahead), peer: { name: 'without', value: median(plain) } });
    }
  }
  printTable('a start with its files read ahead, median', 'ms', rows);
}
rmSync(folder, { recursive: true });
