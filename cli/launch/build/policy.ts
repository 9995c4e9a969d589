import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import type { SourceText } from '../../../compiler/source/text.ts';
import { refusedBuildEntry } from '../../../runtime/audit/build-record.ts';
import { verifyTemplate } from '../../../runtime/signing/template.ts';
import type { TrustStore } from '../../../runtime/signing/trust-store.ts';
import { actor } from '../../audit/place.ts';
import { exitCode } from '../../exit-codes.ts';
import { report } from '../../report.ts';
import { openTrust } from '../../signing/places.ts';
import type { Terminal } from '../../terminal.ts';
import { findingCode } from '../finding-code.ts';
import type { LibraryTemplate } from '../library.ts';
import { decidingHash } from '../policy-hash.ts';
import { printFindings } from '../print-chain.ts';
import { isOpened, type OpenedProfile, openProfile } from '../profile.ts';
import { refusedUses } from '../template-use.ts';
import { recordEntries } from './audit.ts';
import type { GivenBuild } from './options.ts';

/**
 * Whether the profile may use every template that is to be built, and all that they build on: policy holds when a template is
 * resolved, and an image is one that was. Gives the exit code where it may not, or where the profile cannot be read.
 */
export async function refusedByProfile(
  templates: readonly LibraryTemplate[],
  given: GivenBuild,
  terminal: Terminal,
): Promise<number | undefined> {
  const profile = await openProfile(given.profile, { trust: given.trust, now: Date.now() });
  if (profile === undefined) return undefined;
  if (!isOpened(profile)) {
    printFindings(profile.diagnostics, new Map<string, SourceText>(), terminal);
    return findingCode(profile.diagnostics);
  }
  const { trust, diagnostics: wrong } = openTrust(given.trust);
  printFindings(wrong, new Map<string, SourceText>(), terminal);
  if (wrong.some(({ severity }) => severity === 'error')) return exitCode.policy;
  const refused = templates.map((template) => ({ template, by: refusalsOf(profile, template, trust) }));
  const diagnostics = refused.flatMap(({ by }) => by);
  printFindings([...profile.diagnostics, ...diagnostics], profile.sources, terminal);
  if (diagnostics.length === 0) return undefined;
  const entries = refused.flatMap(({ template, by }) => {
    const build = { template: template.name, profile: profile.name, refused: by };
    return by.length === 0 ? [] : [refusedBuildEntry(build, decidingHash(template, profile), actor(), Date.now())];
  });
  const unrecorded = recordEntries(given.audit, entries);
  if (unrecorded === undefined) return exitCode.refused;
  printFindings([unrecorded], new Map<string, SourceText>(), terminal);
  return exitCode.environment;
}

function refusalsOf(profile: OpenedProfile, template: LibraryTemplate, trust: TrustStore): readonly Diagnostic[] {
  const { signed, name } = template;
  const verdict = signed === undefined ? { signature: 'absent' as const } : verifyTemplate(signed, trust, Date.now());
  return refusedUses(profile, template, verdict).map(({ rule, reason }) => {
    const values = { template: name, profile: profile.name, reason };
    return report('POL8351', rule.origin.span, values, { notes: [`the rule: ${rule.topic}`] });
  });
}
