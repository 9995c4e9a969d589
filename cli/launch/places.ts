import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { configurationFolder } from '../signing/places.ts';

/** Options of the verbs that launch, build and keep account of both. */
export const templatesOption = {
  templates: {
    type: 'text',
    value: 'DIR',
    doc: 'a folder of templates, as your own; those that polc.config.yaml names unless told',
    completes: 'folders',
  },
} as const;

export const profileOption = {
  profile: {
    type: 'text',
    value: 'PROFILE',
    doc: 'the profile to launch under, by its name or file; POLC_PROFILE, or the one that `polc profile use` set, unless told',
    completes: 'files',
  },
} as const;

export const ledgerOption = {
  ledger: {
    type: 'text',
    value: 'FILE',
    doc: 'the account of what is spent; POLC_LEDGER, or polc/ledger.jsonl in the folder of your state, unless told',
    completes: 'files',
  },
} as const;

export const buildsOption = {
  builds: {
    type: 'text',
    value: 'DIR',
    doc: 'the records of builds; POLC_BUILDS, or polc/builds in the folder of your state, unless told',
    completes: 'folders',
  },
} as const;

export const pricesOption = {
  prices: {
    type: 'text',
    value: 'FILE',
    doc: 'the prices of instance types; POLC_PRICES, or polc/prices.yaml in the folder of your configuration where it is there, unless told',
    completes: 'files',
  },
} as const;

type Env = Readonly<Record<string, string | undefined>>;

export function ledgerPath(option: string | undefined, env: Env = process.env): string {
  return option ?? named(env.POLC_LEDGER) ?? join(stateFolder(env), 'ledger.jsonl');
}

/** Of the records of builds, a file each. */
export function buildsFolder(option: string | undefined, env: Env = process.env): string {
  return option ?? named(env.POLC_BUILDS) ?? join(stateFolder(env), 'builds');
}

export function pricesPath(option: string | undefined, env: Env = process.env): string {
  return option ?? named(env.POLC_PRICES) ?? join(configurationFolder(env), 'prices.yaml');
}

/** Of the profiles that are called by their names, and the file that says which is used. */
export function profilesFolder(env: Env = process.env): string {
  return named(env.POLC_PROFILES) ?? join(configurationFolder(env), 'profiles');
}

/** The file that counts the uses of invitations. */
export function acceptancesPath(env: Env = process.env): string {
  return named(env.POLC_ACCEPTANCES) ?? join(stateFolder(env), 'acceptances.jsonl');
}

/** Of polc, in the folder of the XDG base directory specification. */
function stateFolder(env: Env = process.env): string {
  const { XDG_STATE_HOME: home } = env;
  return join(home !== undefined && isAbsolute(home) ? home : join(homedir(), '.local', 'state'), 'polc');
}

export function named(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
