import { homedir, hostname, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The option of verbs that write into the audit log. */
export const auditOption = {
  audit: {
    type: 'text',
    value: 'FILE',
    doc: 'the audit log; POLC_AUDIT_LOG, or polc/audit.jsonl in the folder of your state, unless told',
    completes: 'files',
  },
} as const;

/** `--audit`, `POLC_AUDIT_LOG`, or the state folder of the XDG base directory specification. */
export function auditPath(option: string | undefined, env: NodeJS.ProcessEnv = process.env): string {
  if (option !== undefined) return option;
  if (env.POLC_AUDIT_LOG !== undefined && env.POLC_AUDIT_LOG !== '') return env.POLC_AUDIT_LOG;
  const { XDG_STATE_HOME: state } = env;
  const base = state !== undefined && isAbsolute(state) ? state : join(homedir(), '.local', 'state');
  return join(base, 'polc', 'audit.jsonl');
}

/** Who runs this, as far as the system knows. */
export function actor(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    // A user id without an entry in the system's table.
    return `${process.getuid?.() ?? 'unknown'}@${hostname()}`;
  }
}
