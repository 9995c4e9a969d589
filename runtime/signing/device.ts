import { readFileSync } from 'node:fs';

/**
 * What stands for this machine in the acceptances of one token: no other token has the same, and nobody learns the
 * machine's id from it, which machine-id(5) asks to keep secret.
 *
 * @param token the id of the token
 */
export function deviceOf(token: string, machine: string): string {
  const crypto = process.getBuiltinModule('node:crypto');
  return crypto.createHmac('sha256', machine).update(`polc device 1\n${token}`).digest('hex');
}

/** The id of this machine, machine-id(5); undefined where it has none, and then nothing can be bound to it. */
export function machineId(): string | undefined {
  for (const path of ['/etc/machine-id', '/var/lib/dbus/machine-id']) {
    try {
      const text = readFileSync(path, 'utf8').trim();
      if (/^[0-9a-f]{32}$/.test(text)) return text;
    } catch {
      // The next place.
    }
  }
  return undefined;
}
