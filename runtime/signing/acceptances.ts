import { withLock } from '../audit/lock.ts';
import { isObject, jsonValue } from '../json.ts';
import type { Invitation, InvitationStatus } from './invitation.ts';
import { appendLine, readLines } from './record-lines.ts';
import { instant } from './time.ts';

/** One use of a token. */
export interface Acceptance {
  /** That of the token. */
  readonly id: string;
  /** `deviceOf` this machine and this token. */
  readonly device: string;
  /** RFC 3339 in UTC. */
  readonly at: string;
}

/**
 * Accepts an invitation on a device: records the use, unless the token is used up. The same device accepts it again
 * without another use. Uses are counted in one file, by all processes that share it, under a lock; where people have
 * files of their own each counts for itself.
 *
 * @param now milliseconds since 1970
 * @throws AuditFailure where the file cannot be read or written
 */
export function acceptInvitation(
  invitation: Invitation,
  device: string,
  path: string,
  now: number,
): 'accepted' | Exclude<InvitationStatus, 'valid' | 'other-device'> {
  if (!(now < Date.parse(invitation.expires))) return 'expired';
  return withLock(path, () => {
    const used = readAcceptances(path).filter(({ id }) => id === invitation.id);
    if (used.some((each) => each.device === device)) return 'accepted';
    if (invitation.uses !== undefined && used.length >= invitation.uses) return 'used-up';
    const use: Acceptance = { id: invitation.id, device, at: instant(now) };
    appendLine(path, JSON.stringify(use), 0o600);
    return 'accepted';
  });
}

/** What a profile that came from an invitation is worth on a device now: the launch attribute `invitation`. */
export function invitationStatus(
  invitation: Invitation,
  device: string,
  acceptances: readonly Acceptance[],
  now: number,
): InvitationStatus {
  if (!(now < Date.parse(invitation.expires))) return 'expired';
  const uses = acceptances.filter(({ id }) => id === invitation.id);
  const own = uses.findIndex((each) => each.device === device);
  if (own === -1) return invitation.device_bound || uses.length === 0 ? 'other-device' : 'valid';
  // Records beyond the count can only have been put there by hand.
  return invitation.uses !== undefined && own >= invitation.uses ? 'used-up' : 'valid';
}

/** Every use of every token; none where there is no file. A last line that a crash cut off is no use. */
export function readAcceptances(path: string): readonly Acceptance[] {
  return readLines(path).flatMap((line) => readLine(line) ?? []);
}

function readLine(line: string): Acceptance | undefined {
  if (line === '') return undefined;
  const value = jsonValue(line);
  return isAcceptance(value) ? value : undefined;
}

function isAcceptance(fields: unknown): fields is Acceptance {
  if (!isObject(fields)) return false;
  return ['id', 'device', 'at'].every((name) => typeof fields[name] === 'string');
}
