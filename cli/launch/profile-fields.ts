import { effectiveLimits } from '../../compiler/ir/launch-limits.ts';
import { printLimit } from '../../compiler/ir/print-limit.ts';
import { currentProfile, type OpenedProfile } from './profile.ts';

/** A profile as JSON. */
export function profileFields(name: string, { name: called, path, policy, invitation }: OpenedProfile) {
  return {
    name,
    profile: called,
    path,
    current: currentProfile() === name,
    limits: effectiveLimits(policy).map(printLimit),
    ...(invitation === undefined ? {} : { invitation: invitationFields(invitation) }),
  };
}

/** The state of the invitation that a profile came from, and what its token says besides the policy. */
function invitationFields({ status, token }: NonNullable<OpenedProfile['invitation']>) {
  const { policy: _, ...fields } = token;
  return { status, ...fields };
}

/** `valid until 2027-01-31T00:00:00Z`. */
export function invitationText({ status, token }: NonNullable<OpenedProfile['invitation']>): string {
  switch (status) {
    case 'valid':
      return `valid until ${token.expires}`;
    case 'expired':
      return `expired at ${token.expires}`;
    case 'used-up':
      return 'used up: it was accepted more often than it may be';
    case 'other-device':
      return 'of no use: it was not accepted on this device';
    default: {
      const unreachable: never = status;
      return unreachable;
    }
  }
}
