import { writeFile } from './write-file.ts';

export interface IdleStop {
  /** Minutes without anybody and without work after which the machine stops. */
  readonly afterMinutes: number;
  /** Minutes between two looks. */
  readonly everyMinutes: number;
}

/**
 * The lines that let a machine stop itself when nobody uses it: a stopped instance costs only its volumes.
 *
 * @param purpose on a builder of images it begins with the next start
 */
export function idleLines({ afterMinutes, everyMinutes }: IdleStop, purpose: 'image' | 'instance'): readonly string[] {
  const check = `#!/bin/bash
# Stops the machine after ${afterMinutes} minutes in which nobody was logged in and neither processor nor GPU had work.
since=/run/polc-idle-since
now=$(cut -d. -f1 /proc/uptime)
is_busy() {
  [ -n "$(who)" ] && return 0
  awk '{ exit !($1 >= 0.5) }' /proc/loadavg && return 0
  command -v nvidia-smi > /dev/null || return 1
  nvidia-smi --query-gpu=utilization.gpu --format=csv,noheader,nounits | awk '$1 > 10 { busy = 1 } END { exit !busy }'
}
if is_busy; then rm -f "$since"; exit 0; fi
[ -e "$since" ] || echo "$now" > "$since"
if [ $((now - $(cat "$since"))) -ge ${afterMinutes * 60} ]; then systemctl poweroff; fi
`;
  const service = '[Service]\nType=oneshot\nExecStart=/usr/local/sbin/polc-idle\n';
  const timer = `[Timer]
OnActiveSec=${everyMinutes}min
OnUnitActiveSec=${everyMinutes}min
[Install]
WantedBy=timers.target
`;
  return [
    ...writeFile('/usr/local/sbin/polc-idle', check),
    'chmod 0755 /usr/local/sbin/polc-idle',
    ...writeFile('/etc/systemd/system/polc-idle.service', service),
    ...writeFile('/etc/systemd/system/polc-idle.timer', timer),
    `systemctl enable ${purpose === 'instance' ? '--now ' : ''}polc-idle.timer`,
  ];
}
