import { readFileSync } from 'node:fs';
import { AuditFailure } from '../../../runtime/audit/log.ts';
import { tokenPrefix } from '../../../runtime/signing/invitation.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { failureText } from '../../failure.ts';
import { accept } from '../../launch/accept.ts';
import { printFindings } from '../../launch/print-chain.ts';
import { currentProfile, isOpened, openProfile, profileName } from '../../launch/profile.ts';
import { profileFields } from '../../launch/profile-fields.ts';
import { useProfile } from '../../launch/stored-profiles.ts';
import { answerFormat } from '../../output.ts';
import { findProject } from '../../project.ts';
import { report } from '../../report.ts';
import { openTrust, trustOption } from '../../signing/places.ts';
import { profileSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'profile accept',
    summary: profileSummaries.accept,
    operands: '[FILE|TOKEN]',
    operandCount: { least: 0, most: 1 },
    completes: 'files',
    options: {
      encoded: { type: 'text', value: 'TOKEN', doc: 'the token, instead of a file with it; - for standard input' },
      name: {
        type: 'text',
        value: 'NAME',
        doc: 'what to call the profile here; as the invitation calls it unless told',
      },
      use: { type: 'flag', doc: 'decide launches under it from now on, as is done where no profile is in use' },
      force: { type: 'flag', doc: 'replace a profile of the name' },
      ...trustOption,
      ...answerFormat,
    },
    details:
      'The token is verified against the trust store, and again whenever the profile is used. What it says counts, whatever becomes of the policy that is written beside it for people to read.',
    examples: [
      'polc profile accept --encoded polc-invitation-1.… --name CS101',
      'polc profile accept invitation.txt --use',
    ],
  },
  async ({ options, operands }, terminal) => {
    const now = Date.now();
    const refuse = (problem: string, help: string) => {
      terminal.writeError(`polc profile accept: ${problem}\n  = help: ${help}\n`);
      return exitCode.usage;
    };
    const [operand] = operands;
    // A token may be pasted where a file is named.
    const pasted = options.encoded ?? (operand?.startsWith(`${tokenPrefix}.`) ? operand : undefined);
    const file = pasted === operand ? undefined : operand;
    if ((file === undefined) === (pasted === undefined)) {
      return refuse('it is not said what to accept', 'write `--encoded TOKEN`, or a file that holds the token');
    }
    if (options.name !== undefined && !profileName.test(options.name)) {
      return refuse(`\`${options.name}\` cannot name a profile`, 'write letters, digits, `.`, `-` and `_`');
    }
    const place = file ?? (pasted === '-' ? '-' : undefined);
    let token = pasted ?? '';
    try {
      if (place !== undefined) token = readFileSync(place === '-' ? 0 : place, 'utf8');
    } catch (error) {
      const path = place === '-' || place === undefined ? 'standard input' : place;
      const reason = failureText(error);
      printFindings([report('POL8002', { file: path, start: 0, end: 0 }, { path, reason })], new Map(), terminal);
      return exitCode.environment;
    }
    const store = openTrust(options.trust);
    const project = await findProject();
    printFindings([...project.diagnostics, ...store.diagnostics], new Map(), terminal);
    if (!project.ok || store.diagnostics.some(({ severity }) => severity === 'error')) return exitCode.policy;
    try {
      const accepted = accept(token.trim(), options.name, options.force, store, project, now);
      if ('diagnostics' in accepted) {
        printFindings(accepted.diagnostics, accepted.sources ?? new Map(), terminal);
        return accepted.diagnostics.some(({ code }) => code === 'POL8317') ? exitCode.usage : exitCode.refused;
      }
      const { invitation, authority, chain } = accepted;
      printFindings(chain.diagnostics, chain.sources, terminal);
      const name = options.name ?? invitation.profile;
      const used = options.use || currentProfile() === undefined;
      const problem = used ? useProfile(name) : undefined;
      if (problem !== undefined) {
        printFindings([problem], new Map(), terminal);
        return exitCode.environment;
      }
      if (options.format === 'json') {
        const opened = await openProfile(name, { trust: options.trust, now });
        const fields = opened !== undefined && isOpened(opened) ? profileFields(name, opened) : { name };
        terminal.write(`${JSON.stringify({ ...fields, authority }, undefined, 2)}\n`);
        return exitCode.fine;
      }
      const use = used ? 'in use now' : `use it with \`polc profile use ${name}\``;
      terminal.write(
        `accepted ${invitation.invitation} (${invitation.type}) of ${authority} as ${name}, until ${invitation.expires}; ${use}\n`,
      );
      return exitCode.fine;
    } catch (error) {
      if (!(error instanceof AuditFailure)) throw error;
      const span = { file: error.path, start: 0, end: 0 };
      printFindings([report('POL8003', span, { path: error.path, reason: error.message })], new Map(), terminal);
      return exitCode.environment;
    }
  },
);
