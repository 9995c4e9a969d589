import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { policyName } from '../../compiler/dialects/governance/names.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { type Invitation, signInvitation } from '../../runtime/signing/invitation.ts';
import { instant } from '../../runtime/signing/time.ts';
import type { Project } from '../project.ts';
import { report } from '../report.ts';
import type { Signer } from '../signing/signer.ts';
import { chainText, partsOfChain, type WrittenPart } from './chain-text.ts';
import { type CompiledChain, compileChain } from './policy-text.ts';
import type { OpenedProfile } from './profile.ts';
import { wideningsOf } from './widening.ts';
import type { Written } from './written-yaml.ts';

/** What is asked for of an invitation. */
export interface WantedInvitation {
  readonly name: string;
  readonly type: Invitation['type'];
  /** Milliseconds since 1970. */
  readonly expires: number;
  readonly uses: number | undefined;
  readonly deviceBound: boolean;
  readonly limits: readonly (readonly [key: string, value: Written])[];
}

export type Invited =
  | { readonly token: string; readonly invitation: Invitation }
  | { readonly diagnostics: readonly Diagnostic[]; readonly sources: CompiledChain['sources'] };

/**
 * Makes the token of an invitation to a profile, which holds the whole policy of the profile and its institution as it is
 * now. One that would widen the profile is refused, with the limits that it breaks.
 *
 * @param profile absent: nothing is limited but by the invitation
 */
export function makeInvitation(
  wanted: WantedInvitation,
  profile: OpenedProfile | undefined,
  signer: Signer,
  project: Project,
  now: number,
): Invited {
  const name = profile?.name ?? policyName(wanted.name);
  const own = invitationPart(wanted);
  const around = profile === undefined ? [namedProfile(name)] : partsOf(profile);
  const text = chainText([...around, own]);
  const path = `${policyName(wanted.name)}.yaml`;
  const chain = compileChain(path, text, '', project);
  const alone = compileChain(path, chainText([own]), '', project);
  const refused = [...whatIsNotTheirs(wanted, profile, path), ...tooWide(alone.policy, profile)];
  // What only has no effect beside a wider part is an error here.
  const wrong = refused.length > 0 ? refused : chain.policy === undefined ? chain.diagnostics : [];
  const sources = new Map([...chain.sources, ...(profile?.sources ?? [])]);
  if (wrong.length > 0) return { diagnostics: wrong, sources };
  const { type, uses, deviceBound } = wanted;
  const invitation: Invitation = {
    id: randomUUID(),
    invitation: wanted.name,
    profile: name,
    type,
    expires: instant(wanted.expires),
    ...(uses === undefined ? {} : { uses }),
    device_bound: deviceBound,
    policy: text,
  };
  const token = signInvitation(invitation, signer, now);
  if (token !== undefined) return { token, invitation };
  const span = { file: path, start: 0, end: 0 };
  const reason = 'a name in it has no form in JSON';
  return { diagnostics: [report('POL8315', span, { reason, next: 'choose another name' })], sources: new Map() };
}

function partsOf({ path, invitation }: OpenedProfile): readonly WrittenPart[] {
  return partsOfChain(path, invitation?.token.policy ?? readFileSync(path, 'utf8'));
}

function namedProfile(name: string): WrittenPart {
  return { role: 'profile', fields: [['name', name]] };
}

function invitationPart({ name, type, expires, uses, deviceBound, limits }: WantedInvitation): WrittenPart {
  return {
    role: 'invitation',
    fields: [
      ['name', name],
      ['type', type],
      ['expires', instant(expires)],
      ...(uses === undefined ? [] : [['max_uses', uses] as const]),
      ['device_binding', deviceBound],
      ...limits,
    ],
  };
}

/** Whoever was invited invites others only where the invitation says so, and for no longer. */
function whatIsNotTheirs(
  { expires }: WantedInvitation,
  profile: OpenedProfile | undefined,
  path: string,
): readonly Diagnostic[] {
  if (profile?.invitation === undefined) return [];
  const { token, status } = profile.invitation;
  const span = { file: path, start: 0, end: 0 };
  const theirs = (reason: string) => [report('POL8318', span, { profile: profile.name, reason })];
  if (status !== 'valid') return theirs(`the invitation to it is ${status}`);
  if (token.type !== 'admin') return theirs(`the invitation to it is of the type ${token.type}`);
  if (expires <= Date.parse(token.expires)) return [];
  return [report('POL8316', span, { profile: profile.name, limit: `it ends at ${token.expires}` })];
}

function tooWide(invitation: Policy | undefined, profile: OpenedProfile | undefined) {
  if (invitation === undefined || profile === undefined) return [];
  const span = { file: profile.path, start: 0, end: 0 };
  return wideningsOf(invitation, profile.policy).map(({ limit, span: at = span }) =>
    report('POL8316', at, { profile: profile.name, limit }),
  );
}
