import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { findingCode } from '../../launch/finding-code.ts';
import { printFindings } from '../../launch/print-chain.ts';
import { isOpened, noSuchProfile, openProfile, profileName } from '../../launch/profile.ts';
import { isStored, useProfile } from '../../launch/stored-profiles.ts';
import { trustOption } from '../../signing/places.ts';
import { profileSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'profile use',
    summary: profileSummaries.use,
    operands: '[NAME]',
    operandCount: { least: 0, most: 1 },
    options: {
      none: { type: 'flag', doc: 'use none: then only templates and images limit what is launched' },
      ...trustOption,
    },
    details: '`--profile` and the environment variable `POLC_PROFILE` come before it.',
    examples: ['polc profile use cs101', 'polc profile use --none'],
  },
  async ({ options, operands }, terminal) => {
    const [name] = operands;
    if ((name === undefined) !== options.none) {
      terminal.writeError('polc profile use: it is not said which\n  = help: name a profile, or write `--none`\n');
      return exitCode.usage;
    }
    if (name !== undefined) {
      if (!profileName.test(name) || !isStored(name)) {
        printFindings([noSuchProfile(name)], new Map(), terminal);
        return exitCode.usage;
      }
      const opened = await openProfile(name, { trust: options.trust });
      if (opened !== undefined)
        printFindings(opened.diagnostics, isOpened(opened) ? opened.sources : new Map(), terminal);
      if (opened === undefined || !isOpened(opened)) return findingCode(opened?.diagnostics ?? []);
    }
    const problem = useProfile(name);
    if (problem !== undefined) {
      printFindings([problem], new Map(), terminal);
      return exitCode.environment;
    }
    terminal.write(name === undefined ? 'no profile is in use now\n' : `${name} is in use now\n`);
    return exitCode.fine;
  },
);
