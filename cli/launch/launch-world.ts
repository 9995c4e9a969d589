import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import type { SourceText } from '../../compiler/source/text.ts';
import { openAuditFile } from '../../runtime/audit/file.ts';
import { AuditFailure } from '../../runtime/audit/log.ts';
import type { AskedProfile, AskedTemplate, LaunchWorld } from '../../runtime/launch/asked.ts';
import { reportedSpend } from '../../runtime/launch/cost-explorer.ts';
import { type Prices, readPrices } from '../../runtime/launch/prices.ts';
import { connectCloud } from '../../runtime/launch/sdk-cloud.ts';
import { readApprovals } from '../../runtime/signing/approval-file.ts';
import { verifyTemplate } from '../../runtime/signing/template.ts';
import type { TrustStore } from '../../runtime/signing/trust-store.ts';
import type { Verdict } from '../../runtime/signing/verdict.ts';
import { actor, auditPath } from '../audit/place.ts';
import { failureText } from '../failure.ts';
import { makeFolders } from '../folders.ts';
import { report } from '../report.ts';
import { approvalsPath, openTrust } from '../signing/places.ts';
import type { LaunchOptions } from './launch-options.ts';
import { type Library, type LibraryTemplate, openLibrary, sourceOf } from './library.ts';
import { ledgerPath, pricesPath } from './places.ts';
import { decidingHash } from './policy-hash.ts';
import { isOpened, openProfile } from './profile.ts';

/** Everything that a launch is decided by, as it was read. */
export interface LaunchFiles {
  readonly library: Library;
  readonly template: LibraryTemplate | undefined;
  readonly askedTemplate: AskedTemplate | undefined;
  readonly askedProfile: AskedProfile | undefined;
  readonly world: LaunchWorld;
  /** The texts that rules stand in. */
  readonly sources: ReadonlyMap<string, SourceText>;
  /** Of which none is an error. */
  readonly warnings: readonly Diagnostic[];
  /** How another template of the library would be asked for. */
  asTemplate(template: LibraryTemplate): AskedTemplate | undefined;
}

/** Reads what decides a launch. Gives the errors where something cannot be read: nothing is launched then. */
export async function readLaunch(
  word: string,
  region: string,
  options: LaunchOptions,
): Promise<LaunchFiles | { readonly errors: readonly Diagnostic[]; readonly sources: LaunchFiles['sources'] }> {
  const now = Date.now();
  const library = await openLibrary({ templates: options.templates });
  const isId = /^ami-[0-9a-f]+$/.test(word);
  const template = isId ? undefined : library.find(word);
  const { trust, diagnostics: ofTrust } = openTrust(options.trust);
  const profile = await openProfile(options.profile, { trust: options.trust, now });
  const { prices, diagnostics: ofPrices } = openPrices(options.prices);
  const opened = profile === undefined || !isOpened(profile) ? undefined : profile;
  const sources = new Map([...(opened?.sources ?? []), ...(template?.compilation.sources ?? [])]);
  const found = [
    ...library.problems,
    ...ofTrust,
    ...ofPrices,
    ...(profile?.diagnostics ?? []),
    ...(template?.compilation.diagnostics ?? []).filter(({ severity }) => severity === 'error'),
  ];
  const isWrong = found.some(({ severity }) => severity === 'error');
  const askedTemplate = template === undefined ? undefined : asTemplate(template, trust, now);
  // A policy that was not lowered has an error, and a launch without it would have fewer limits.
  if (
    isWrong ||
    (template !== undefined && askedTemplate === undefined) ||
    (profile !== undefined && opened === undefined)
  ) {
    return { errors: found, sources };
  }
  const world: LaunchWorld = {
    cloud: connectCloud(),
    audit: openLog(auditPath(options.audit)),
    ledger: ledgerPath(options.ledger),
    trust,
    approvals: readApprovals(approvalsPath(options.approvals)),
    prices,
    now: Date.now,
    actor: actor(),
    policyHash: (digest) => decidingHash(template, opened, digest),
    sourceOf: (name) => {
      const named = library.find(name);
      return named === undefined ? undefined : sourceOf(named, verdictOf(named, trust, now));
    },
    ...(options['cost-explorer'] ? { reported: () => reportedSpend(opened?.name, Date.now(), { region }) } : {}),
  };
  return {
    library,
    template,
    askedTemplate,
    askedProfile: opened && {
      name: opened.name,
      policy: opened.policy,
      ...(opened.invitation === undefined ? {} : { invitation: opened.invitation.status }),
    },
    world,
    sources,
    warnings: found,
    asTemplate: (other) => asTemplate(other, trust, now),
  };
}

function asTemplate(template: LibraryTemplate, trust: TrustStore, now: number): AskedTemplate | undefined {
  const { compilation, signed, name, inherits } = template;
  const { lowered: policy, diagnostics } = compilation;
  if (policy === undefined || diagnostics.some(({ severity }) => severity === 'error')) return undefined;
  const verdict = verdictOf(template, trust, now);
  return {
    name,
    policy,
    verdict,
    ...(signed === undefined ? {} : { digest: signed.digest }),
    source: sourceOf(template, verdict),
    inherits,
  };
}

function verdictOf({ signed }: LibraryTemplate, trust: TrustStore, now: number): Verdict {
  return signed === undefined ? { signature: 'absent' } : verifyTemplate(signed, trust, now);
}

/** A price file that is named has to be there. */
function openPrices(option: string | undefined): {
  readonly prices: Prices | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const path = pricesPath(option);
  const isNamed = option !== undefined || (process.env.POLC_PRICES ?? '') !== '';
  if (!isNamed && !existsSync(path)) return { prices: undefined, diagnostics: [] };
  try {
    return readPrices(path, readFileSync(path));
  } catch (error) {
    const span = { file: path, start: 0, end: 0 };
    return { prices: undefined, diagnostics: [report('POL8002', span, { path, reason: failureText(error) })] };
  }
}

function openLog(path: string): LaunchWorld['audit'] {
  try {
    makeFolders(dirname(path), 0o700);
  } catch (error) {
    throw new AuditFailure(path, failureText(error));
  }
  return openAuditFile(path);
}
