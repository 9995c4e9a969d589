import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { explainLaunch } from '../../explain/launch.ts';
import { findingCode } from '../../launch/finding-code.ts';
import { named } from '../../launch/places.ts';
import { printFindings } from '../../launch/print-chain.ts';
import { currentProfile, isOpened, openProfile } from '../../launch/profile.ts';
import { invitationText, profileFields } from '../../launch/profile-fields.ts';
import { answerFormat } from '../../output.ts';
import { trustOption } from '../../signing/places.ts';
import { profileSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'profile show',
    summary: profileSummaries.show,
    operands: '[NAME]',
    operandCount: { least: 0, most: 1 },
    completes: 'files',
    options: {
      ...trustOption,
      ...answerFormat,
    },
    details: 'NAME is a profile by its name or file; without it the one in use.',
    examples: ['polc profile show', 'polc profile show cs101 --format json'],
  },
  async ({ options, operands }, terminal) => {
    const [word] = operands;
    const opened = await openProfile(word, { trust: options.trust });
    if (opened === undefined) {
      terminal.writeError(
        'polc profile show: no profile is in use\n  = help: name one, or set one with `polc profile use NAME`\n',
      );
      return exitCode.usage;
    }
    printFindings(opened.diagnostics, isOpened(opened) ? opened.sources : new Map(), terminal);
    if (!isOpened(opened)) return findingCode(opened.diagnostics);
    const { policy, sources, invitation } = opened;
    const name = word ?? named(process.env.POLC_PROFILE) ?? currentProfile() ?? opened.name;
    const answer = explainLaunch([{ role: 'profile', policy, sources }], []);
    if (options.format === 'json') {
      const fields = { ...profileFields(name, opened), explanation: answer.data };
      terminal.write(`${JSON.stringify(fields, undefined, 2)}\n`);
      return exitCode.fine;
    }
    const lines = [`${name}${currentProfile() === name ? ', in use' : ''}: ${opened.path}`];
    if (invitation !== undefined) {
      const { invitation: called, type, device_bound: bound } = invitation.token;
      lines.push(
        `invitation ${called} (${type}${bound ? ', bound to this device' : ''}): ${invitationText(invitation)}`,
      );
    }
    terminal.write(`${[...lines, ...answer.lines].join('\n')}\n`);
    return exitCode.fine;
  },
);
