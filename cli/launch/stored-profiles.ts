import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { replaceFile } from '../../runtime/replace-file.ts';
import { failureText } from '../failure.ts';
import { makeFolders } from '../folders.ts';
import { report } from '../report.ts';
import { profilesFolder } from './places.ts';
import { profileFiles } from './profile.ts';

/** Whether a name is taken. */
export function isStored(name: string): boolean {
  const { policy, token } = profileFiles(name);
  return existsSync(policy) || existsSync(token);
}

/**
 * Writes a profile of the folder; the reason where that is not possible. The token is there before the policy is: a policy
 * of an invitation without its token would be one that nobody was invited to.
 */
export function storeProfile(name: string, policy: string, token?: string): Diagnostic | undefined {
  const files = profileFiles(name);
  return writing(files.policy, () => {
    if (token !== undefined) replaceFile(files.token, `${token}\n`, 0o600);
    replaceFile(files.policy, policy);
    if (token === undefined) rmSync(files.token, { force: true });
  });
}

/** Makes a profile the one that launches are decided under; undefined for none. */
export function useProfile(name: string | undefined): Diagnostic | undefined {
  const path = join(profilesFolder(), 'current');
  return writing(path, () => (name === undefined ? rmSync(path, { force: true }) : replaceFile(path, `${name}\n`)));
}

function writing(path: string, write: () => void): Diagnostic | undefined {
  try {
    makeFolders(dirname(path), 0o700);
    write();
    return undefined;
  } catch (error) {
    return report('POL8003', { file: path, start: 0, end: 0 }, { path, reason: failureText(error) });
  }
}
