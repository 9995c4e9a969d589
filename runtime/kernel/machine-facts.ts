import { accessSync, constants, readFileSync } from 'node:fs';
import { machine as architecture, platform, release } from 'node:os';
import { gunzipSync } from 'node:zlib';

/** What is read of a machine; tests give their own. */
export interface MachineFiles {
  readonly platform: string;
  /** As `uname -r` and `uname -m` say. */
  readonly release: string;
  readonly architecture: string;
  /** The text of a file below /proc or /sys; undefined where it is absent or unreadable. */
  read(path: string): string | undefined;
  /** The kernel's configuration as text (`CONFIG_X=y` lines); undefined where the machine does not tell. */
  kernelConfiguration(): string | undefined;
}

/** A fact and where it comes from; `inferred` where it follows from another fact and was not read. */
export interface Finding<T> {
  readonly value: T;
  readonly from: string;
  readonly inferred: boolean;
}

/** A fact that was read. */
export function found<T>(value: T, from: string): Finding<T> {
  return { value, from, inferred: false };
}

/** The list in securityfs is the truth; where it is not mounted, the command line's `lsm=` or the configuration's CONFIG_LSM. */
export function readSecurityModules(files: MachineFiles): Finding<readonly string[] | undefined> {
  const path = '/sys/kernel/security/lsm';
  const active = files.read(path);
  if (active !== undefined) return found(words(active, ','), path);
  const asked = /(?:^|\s)lsm=(\S+)/.exec(files.read('/proc/cmdline') ?? '')?.[1];
  if (asked !== undefined) return { value: words(asked, ','), from: '`lsm=` of /proc/cmdline', inferred: true };
  const built = /^CONFIG_LSM="(.*)"$/m.exec(files.kernelConfiguration() ?? '')?.[1];
  if (built !== undefined) return { value: words(built, ','), from: 'CONFIG_LSM', inferred: true };
  return found(undefined, `${path} is not there; mount securityfs to see`);
}

/** `none [integrity] confidentiality`: the brackets are around the mode in force. */
export function readLockdown(
  files: MachineFiles,
  modules: Finding<readonly string[] | undefined>,
): Finding<string | undefined> {
  const path = '/sys/kernel/security/lockdown';
  const mode = /\[(\w+)\]/.exec(files.read(path) ?? '')?.[1];
  if (mode !== undefined) return found(mode, path);
  if (modules.value !== undefined && !modules.value.includes('lockdown')) {
    return { value: 'none', from: `not among the security modules (${modules.from})`, inferred: modules.inferred };
  }
  return found(undefined, `${path} is not there`);
}

export function words(text: string, separator: string): readonly string[] {
  return text
    .trim()
    .split(separator)
    .filter((word) => word !== '');
}

/** The machine that this process runs on. */
export function thisMachine(): MachineFiles {
  return {
    platform: platform(),
    release: release(),
    architecture: architecture(),
    read(path) {
      // The kernel's type information is megabytes of binary; that it is there is all that matters.
      try {
        if (path.endsWith('/vmlinux')) {
          accessSync(path, constants.R_OK);
          return '';
        }
        return readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
    },
    kernelConfiguration() {
      for (const path of ['/proc/config.gz', `/boot/config-${release()}`]) {
        try {
          const bytes = readFileSync(path);
          return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
        } catch {
          // The next place may have it.
        }
      }
      return undefined;
    },
  };
}
