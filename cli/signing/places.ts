import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { readTrustStore, type TrustStore } from '../../runtime/signing/trust-store.ts';
import { failureText } from '../failure.ts';
import { report } from '../report.ts';

/** Options of every verb that signs or verifies. */
export const trustOption = {
  trust: {
    type: 'text',
    value: 'FILE',
    doc: 'the trust store; POLC_TRUST, or polc/trust.yaml in the folder of your configuration, unless told',
    completes: 'files',
  },
} as const;

export const keysOption = {
  keys: {
    type: 'text',
    value: 'DIR',
    doc: 'the folder of private keys; POLC_KEYS, or polc/keys in the folder of your configuration, unless told',
    completes: 'folders',
  },
} as const;

export const approvalsOption = {
  approvals: {
    type: 'text',
    value: 'FILE',
    doc: 'the file of approvals; POLC_APPROVALS, or polc/approvals.jsonl in the folder of your configuration, unless told',
    completes: 'files',
  },
} as const;

type Env = Readonly<Record<string, string | undefined>>;

export function trustPath(option: string | undefined, env: Env = process.env): string {
  return option ?? named(env.POLC_TRUST) ?? join(configurationFolder(env), 'trust.yaml');
}

export function keysFolder(option: string | undefined, env: Env = process.env): string {
  return option ?? named(env.POLC_KEYS) ?? join(configurationFolder(env), 'keys');
}

export function approvalsPath(option: string | undefined, env: Env = process.env): string {
  return option ?? named(env.POLC_APPROVALS) ?? join(configurationFolder(env), 'approvals.jsonl');
}

/** Of polc, in the folder of the XDG base directory specification. */
export function configurationFolder(env: Env = process.env): string {
  const { XDG_CONFIG_HOME: home } = env;
  return join(home !== undefined && isAbsolute(home) ? home : join(homedir(), '.config'), 'polc');
}

function named(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

export interface OpenedTrust {
  readonly path: string;
  /** Empty where there is no file. */
  readonly text: string;
  readonly trust: TrustStore;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads the trust store; one that is not there has no keys. */
export function openTrust(option: string | undefined): OpenedTrust {
  const path = trustPath(option);
  try {
    const text = readFileSync(path, 'utf8');
    if (text.trim() === '') return { path, text, trust: new Map(), diagnostics: [] };
    return { path, text, ...readTrustStore(path, text) };
  } catch (error) {
    const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const span = { file: path, start: 0, end: 0 };
    const diagnostics = absent ? [] : [report('POL8002', span, { path, reason: failureText(error) })];
    return { path, text: '', trust: new Map(), diagnostics };
  }
}
