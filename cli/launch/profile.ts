import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { nearest } from '../../compiler/diagnostics/suggest.ts';
import { launchFacts } from '../../compiler/ir/launch-facts.ts';
import type { Policy } from '../../compiler/ir/policy.ts';
import { invitationStatus, readAcceptances } from '../../runtime/signing/acceptances.ts';
import { deviceOf, machineId } from '../../runtime/signing/device.ts';
import { type Invitation, type InvitationStatus, readInvitation } from '../../runtime/signing/invitation.ts';
import { verdictDiagnostic } from '../../runtime/signing/verdict-diagnostic.ts';
import { findInputs } from '../build/inputs.ts';
import { failureText } from '../failure.ts';
import { findProject } from '../project.ts';
import { report } from '../report.ts';
import { openTrust } from '../signing/places.ts';
import { acceptancesPath, named, profilesFolder } from './places.ts';
import { type CompiledChain, compileChain } from './policy-text.ts';

/** What somebody launches under: the chain of an institution, a profile and an invitation. */
export interface OpenedProfile {
  /** What policies call it. */
  readonly name: string;
  /** All parts together, not optimised. */
  readonly policy: Policy;
  readonly path: string;
  readonly sources: CompiledChain['sources'];
  /** Warnings. */
  readonly diagnostics: readonly Diagnostic[];
  /** Of a profile that came from an invitation: the token's id, and the launch attribute `invitation`. */
  readonly invitation?: { readonly id: string; readonly status: InvitationStatus; readonly token: Invitation };
}

export interface ProfileSettings {
  /** `--trust`. */
  readonly trust?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now?: number;
}

/** What stands in the way. Nobody launches then: without the profile's limits more would be allowed. */
export interface NoProfile {
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The profile of a name in the folder of profiles, or of a file; without a word that of `POLC_PROFILE`, or the one in use.
 * Undefined where none is asked for: then no institution and no profile bound what is launched (settled point 24a).
 */
export async function openProfile(
  word: string | undefined,
  settings: ProfileSettings = {},
): Promise<OpenedProfile | NoProfile | undefined> {
  const wanted = word ?? named(process.env.POLC_PROFILE) ?? currentProfile();
  if (wanted === undefined) return undefined;
  const project = await findProject();
  if (!project.ok) return { diagnostics: project.diagnostics };
  const place = placeOf(wanted);
  if (place === undefined) {
    return { diagnostics: [noSuchProfile(wanted)] };
  }
  try {
    if ('token' in place) return await openInvited(place, settings);
    const [file] = findInputs([place.path], project).files;
    const path = file?.path ?? place.path;
    const workspace = file?.workspace ?? dirname(path);
    return opened(compileChain(path, readFileSync(place.path, 'utf8'), workspace, project));
  } catch (error) {
    const span = { file: place.path, start: 0, end: 0 };
    return { diagnostics: [report('POL8002', span, { path: place.path, reason: failureText(error) })] };
  }
}

/** That there is no profile of a name, with one that is called nearly so. */
export function noSuchProfile(name: string): Diagnostic {
  const near = nearest(name, storedProfiles());
  return report(
    'POL8314',
    { file: name, start: 0, end: 0 },
    { name },
    near === undefined ? {} : { help: `did you mean \`${near}\`?` },
  );
}

/** The names of the profiles of the folder, in their order. */
export function storedProfiles(): readonly string[] {
  try {
    const names = readdirSync(profilesFolder()).flatMap((file) => /^(.+)\.(?:yaml|token)$/.exec(file)?.[1] ?? []);
    return [...new Set(names)].sort();
  } catch {
    return [];
  }
}

export function isOpened(opened: OpenedProfile | NoProfile): opened is OpenedProfile {
  return 'policy' in opened;
}

/** The name of the profile in use, which the file `current` beside the profiles holds; undefined where none is. */
export function currentProfile(): string | undefined {
  try {
    return named(readFileSync(join(profilesFolder(), 'current'), 'utf8').trim());
  } catch (error) {
    // Where it is not known whether one is in use, none would be too few limits.
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? undefined : 'current';
  }
}

/** What a profile may be called, and the file with it. */
export const profileName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/** The files of a profile of the folder. */
export function profileFiles(name: string): { readonly policy: string; readonly token: string } {
  const base = join(profilesFolder(), name);
  return { policy: `${base}.yaml`, token: `${base}.token` };
}

type Place = { readonly path: string } | { readonly path: string; readonly token: string };

/** A name in the folder before a file of the name: what lies in the current folder does not replace a profile. */
function placeOf(word: string): Place | undefined {
  if (profileName.test(word)) {
    const { policy, token } = profileFiles(word);
    if (existsSync(token)) return { path: policy, token };
    if (existsSync(policy)) return { path: policy };
  }
  const path = [word, `${word}.yaml`, `${word}.yml`].find((each) => existsSync(each));
  return path === undefined ? undefined : { path };
}

function opened(chain: CompiledChain): OpenedProfile | NoProfile {
  const { policy, diagnostics, path, sources } = chain;
  if (policy === undefined) return { diagnostics };
  const name = launchFacts(policy)('profile');
  return { name: typeof name === 'string' ? name : policy.name, policy, path, sources, diagnostics };
}

/** What an invitation says counts while its signature does; the file beside the token is for people. */
async function openInvited(
  place: { readonly path: string; readonly token: string },
  { trust: option, now = Date.now() }: ProfileSettings,
): Promise<OpenedProfile | NoProfile> {
  const { trust, path: trustPath, diagnostics: wrong } = openTrust(option);
  if (wrong.some(({ severity }) => severity === 'error')) return { diagnostics: wrong };
  const span = { file: place.token, start: 0, end: 0 };
  const reading = readInvitation(readFileSync(place.token, 'utf8').trim(), trust, now);
  const token = reading.invitation;
  if (token === undefined) {
    const verdict = 'refused' in reading ? reading.verdict : undefined;
    const found = verdict && verdictDiagnostic(verdict, 'the invitation', span, trust, trustPath);
    const next = 'accept it again with `polc profile accept`';
    return { diagnostics: [found ?? report('POL8315', span, { reason: 'it is no token', next })] };
  }
  const chain = opened(compileChain(place.path, token.policy, dirname(place.path), await findProject()));
  if (!isOpened(chain)) return chain;
  const beside = existsSync(place.path) ? readFileSync(place.path, 'utf8') : token.policy;
  const changed =
    beside === token.policy ? [] : [report('POL8319', { file: place.path, start: 0, end: 0 }, { path: place.path })];
  return {
    ...chain,
    diagnostics: [...chain.diagnostics, ...changed],
    invitation: { id: token.id, status: statusOf(token, now), token },
  };
}

/** A machine without an id cannot show that it is the one that a token is bound to. */
function statusOf(token: Invitation, now: number): InvitationStatus {
  const machine = machineId();
  if (machine === undefined && token.device_bound) return 'other-device';
  return invitationStatus(token, deviceOf(token.id, machine ?? ''), readAcceptances(acceptancesPath()), now);
}
