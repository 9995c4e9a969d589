import { effectiveLimits } from '../../../compiler/ir/launch-limits.ts';
import { defineCommand } from '../../command.ts';
import { diagnosticFields } from '../../diagnostic-fields.ts';
import { exitCode } from '../../exit-codes.ts';
import { printFindings } from '../../launch/print-chain.ts';
import {
  currentProfile,
  isOpened,
  type NoProfile,
  type OpenedProfile,
  openProfile,
  storedProfiles,
} from '../../launch/profile.ts';
import { invitationText, profileFields } from '../../launch/profile-fields.ts';
import { answerFormat } from '../../output.ts';
import { columns } from '../../signing/columns.ts';
import { trustOption } from '../../signing/places.ts';
import { profileSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'profile list',
    summary: profileSummaries.list,
    operands: '',
    operandCount: { least: 0, most: 0 },
    options: {
      ...trustOption,
      ...answerFormat,
    },
    details: 'A profile that is wrong does not hide the others; the findings go to standard error.',
    examples: ['polc profile list', 'polc profile list --format json'],
  },
  async ({ options }, terminal) => {
    const profiles: { readonly name: string; readonly opened: OpenedProfile | NoProfile }[] = [];
    for (const name of storedProfiles()) {
      const opened = await openProfile(name, { trust: options.trust });
      if (opened !== undefined) profiles.push({ name, opened });
    }
    const current = currentProfile();
    if (options.format === 'json') {
      const fields = profiles.map(({ name, opened }) =>
        isOpened(opened)
          ? profileFields(name, opened)
          : { name, current: name === current, diagnostics: opened.diagnostics.map(diagnosticFields) },
      );
      terminal.write(`${JSON.stringify({ profiles: fields }, undefined, 2)}\n`);
    } else if (profiles.length === 0) {
      terminal.write('there is no profile; make one with `polc profile create`, or accept an invitation\n');
    } else {
      const rows = profiles.map(({ name, opened }) => [
        name,
        name === current ? 'in use' : '',
        ...(isOpened(opened)
          ? [
              String(effectiveLimits(opened.policy).length),
              opened.invitation === undefined ? '' : invitationText(opened.invitation),
            ]
          : ['wrong', '']),
      ]);
      terminal.write(columns([['PROFILE', 'USE', 'LIMITS', 'INVITATION'], ...rows]));
      for (const { opened } of profiles) {
        if (!isOpened(opened)) printFindings(opened.diagnostics, new Map(), terminal);
      }
    }
    return profiles.every(({ opened }) => isOpened(opened)) ? exitCode.fine : exitCode.policy;
  },
);
