import { dirname } from 'node:path';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { acceptInvitation } from '../../runtime/signing/acceptances.ts';
import { deviceOf, machineId } from '../../runtime/signing/device.ts';
import { type Invitation, readInvitation } from '../../runtime/signing/invitation.ts';
import { verdictDiagnostic } from '../../runtime/signing/verdict-diagnostic.ts';
import { makeFolders } from '../folders.ts';
import type { Project } from '../project.ts';
import { report } from '../report.ts';
import type { OpenedTrust } from '../signing/places.ts';
import { acceptancesPath } from './places.ts';
import { type CompiledChain, compileChain } from './policy-text.ts';
import { profileFiles, profileName } from './profile.ts';
import { isStored, storeProfile } from './stored-profiles.ts';

export type Accepted =
  | { readonly invitation: Invitation; readonly authority: string; readonly chain: CompiledChain }
  | { readonly diagnostics: readonly Diagnostic[]; readonly sources?: CompiledChain['sources'] };

/**
 * Accepts an invitation on this machine: its signature counts, its policy compiles and a use of it is left, and only then is
 * it stored. The use is recorded before the profile is, since the same machine may accept again and another may not.
 *
 * @param name of the profile here; absent, as the invitation calls it
 * @throws AuditFailure where the file of acceptances cannot be read or written
 */
export function accept(
  token: string,
  name: string | undefined,
  force: boolean,
  { trust, path: trustPath }: OpenedTrust,
  project: Project,
  now: number,
): Accepted {
  const span = { file: 'invitation', start: 0, end: 0 };
  const refused = (reason: string, next: string) => ({ diagnostics: [report('POL8315', span, { reason, next })] });
  const reading = readInvitation(token, trust, now);
  if ('refused' in reading) {
    const found = reading.verdict && verdictDiagnostic(reading.verdict, 'the invitation', span, trust, trustPath);
    if (found !== undefined) return { diagnostics: [found] };
    return reading.refused === 'expired'
      ? refused(`it expired at ${reading.invitation?.expires}`, askAgain)
      : refused('it is no token, or a part of one', 'copy all of its line');
  }
  const { invitation, authority } = reading;
  const machine = machineId();
  if (machine === undefined && invitation.device_bound) {
    const next = 'ask for one that is bound to no device (`--any-device`)';
    return refused('it is bound to a device, and this one has no id (machine-id(5))', next);
  }
  const called = name ?? invitation.profile;
  if (!profileName.test(called)) return refused('the name of its profile is none for a file', 'give one with `--name`');
  const { policy: path } = profileFiles(called);
  const chain = compileChain(path, invitation.policy, dirname(path), project);
  if (chain.policy === undefined) return { diagnostics: chain.diagnostics, sources: chain.sources };
  if (isStored(called) && !force) return { diagnostics: [report('POL8317', { ...span, file: path }, { path })] };
  const uses = acceptancesPath();
  makeFolders(dirname(uses), 0o700);
  const outcome = acceptInvitation(invitation, deviceOf(invitation.id, machine ?? ''), uses, now);
  if (outcome !== 'accepted') {
    const count = invitation.uses === 1 ? 'once' : `${invitation.uses} times`;
    return outcome === 'expired'
      ? refused(`it expired at ${invitation.expires}`, askAgain)
      : refused(`it was accepted ${count} already, as often as it may be`, askAgain);
  }
  const problem = storeProfile(called, invitation.policy, token);
  return problem === undefined ? { invitation, authority, chain } : { diagnostics: [problem] };
}

const askAgain = 'ask whoever invited you for another';
