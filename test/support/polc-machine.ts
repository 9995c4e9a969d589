import type { MachineKernel } from './machine-files.ts';
import { koffiFiles, nodeFiles, polcFiles } from './machine-node.ts';
import { runInMachine } from './virtual-machine.ts';

/** What happens in a machine that has the built command line as `polc`. */
export interface PolcMachine {
  readonly kernel: MachineKernel;
  /** By absolute path; policies belong to /w. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** Scripts that need nothing of each other, in the order in which they run; each begins in /w, by a shell of its own. */
  readonly parts: Readonly<Record<string, string>>;
  /** Memory; default: 1000. */
  readonly megabytes?: number;
}

const polc = '#!/bin/sh\nexec node /polc/bin/polc.js "$@"\n';

/** Boots one machine for all parts, when the first is asked for, and gives what each printed. */
export function polcMachine({
  kernel,
  files,
  parts,
  megabytes = 1000,
}: PolcMachine): (part: string) => Promise<string> {
  const names = Object.keys(parts);
  const begins = (name: string) => `@part ${name}\n`;
  const boot = () =>
    runInMachine({
      kernel,
      content: {
        ...nodeFiles(),
        ...polcFiles(),
        ...koffiFiles(),
        '/bin/polc': new TextEncoder().encode(polc),
        ...files,
        ...Object.fromEntries(names.map((name) => [`/parts/${name}`, new TextEncoder().encode(parts[name])])),
      },
      script: `export HOME=/tmp
${names.map((name) => `echo '@part ${name}'; (cd /w; . /parts/${name})`).join('\n')}`,
      megabytes,
      seconds: 420 * names.length,
    });
  let booted: Promise<string> | undefined;
  return async (part) => {
    booted ??= boot();
    const output = await booted;
    const begin = output.indexOf(begins(part));
    if (begin === -1) return output;
    const next = output.indexOf('@part ', begin + 1);
    return output.slice(begin + begins(part).length, next === -1 ? undefined : next);
  };
}
