import { stagesFile } from '../../../compiler/dialects/template/lower/script/stages.ts';

const separator = '-- polc --';

/** What is run on a builder to see how far its script is: the stages, whether cloud-init has ended, the last output. */
export const followScript = [
  `cat ${stagesFile} 2> /dev/null || true`,
  `echo '${separator}'`,
  'cloud-init status 2> /dev/null | head -n 1 || true',
  `echo '${separator}'`,
  'tail -n 20 /var/log/cloud-init-output.log 2> /dev/null || true',
].join('\n');

/**
 * What is run on a builder before its image is made, so that an instance of the image is a machine of its own: cloud-init runs
 * at its first start again, and it has neither the builder's user data nor its identity and logs ("Shared AMIs", EC2 user guide).
 */
export const sealScript = [
  'cloud-init status --wait > /dev/null 2>&1 || true',
  'cloud-init clean --logs || rm -rf /var/lib/cloud/instance /var/lib/cloud/instances',
  `rm -f ${stagesFile} /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub`,
  'if [ -f /etc/machine-id ]; then : > /etc/machine-id; fi',
  'sync',
].join('\n');

/** How far the script of a builder is. */
export interface ScriptProgress {
  /** The title of the part that runs; undefined before the first. */
  readonly stage: string | undefined;
  /** Where it has ended. */
  readonly end?: { readonly status: number; readonly command: string };
  /** cloud-init, which runs it, has ended: a script that has not said its end was killed. */
  readonly over: boolean;
  /** The last lines that were printed. */
  readonly output: string;
}

/** Reads what `followScript` printed. */
export function readProgress(text: string): ScriptProgress {
  const [stages = '', status = '', ...rest] = text.split(`${separator}\n`);
  let stage: string | undefined;
  let end: ScriptProgress['end'];
  for (const line of stages.split('\n')) {
    const title = /^\d+\/\d+ (.+)$/.exec(line)?.[1];
    const ended = /^end (\d+) ?(.*)$/.exec(line);
    if (title !== undefined) stage = title;
    else if (ended !== null) end = { status: Number(ended[1]), command: ended[2] ?? '' };
  }
  return {
    stage,
    ...(end === undefined ? {} : { end }),
    over: /^status: (done|error|degraded)/.test(status.trim()),
    output: rest.join(`${separator}\n`).trimEnd(),
  };
}
