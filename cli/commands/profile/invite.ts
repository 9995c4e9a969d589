import { timeAt } from '../../../runtime/signing/time.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { findingCode } from '../../launch/finding-code.ts';
import { makeInvitation } from '../../launch/invite.ts';
import { limitFieldsOf, limitOptions } from '../../launch/limit-options.ts';
import { printFindings } from '../../launch/print-chain.ts';
import { isOpened, openProfile } from '../../launch/profile.ts';
import { answerFormat } from '../../output.ts';
import { findProject } from '../../project.ts';
import { keysFolder, keysOption, openTrust, trustOption } from '../../signing/places.ts';
import { openSigner } from '../../signing/signer.ts';
import { profileSummaries } from '../../summaries.ts';

/** A term. */
const usualDays = 120;

export const command = defineCommand(
  {
    name: 'profile invite',
    summary: profileSummaries.invite,
    operands: '[PROFILE] NAME',
    operandCount: { least: 1, most: 2 },
    options: {
      type: {
        type: 'choice',
        choices: ['read_only', 'read_write', 'admin'],
        doc: 'what whoever accepts it may do with the profile; `admin` may invite others',
        default: 'read_only',
      },
      ...limitOptions,
      expires: { type: 'text', value: 'TIME', doc: 'when it ends: the end of a day, or an instant, in UTC' },
      days: {
        type: 'number',
        value: 'N',
        doc: `the same as so many days from now; ${usualDays} unless told`,
        minimum: 1,
        whole: true,
      },
      uses: {
        type: 'number',
        value: 'N',
        doc: 'how often it may be accepted; any number unless told',
        minimum: 1,
        whole: true,
      },
      'device-bound': {
        type: 'flag',
        doc: 'what is accepted on one device is of no use on another, as it is unless told',
      },
      'any-device': { type: 'flag', doc: 'what is accepted on one device may be copied to others' },
      key: { type: 'text', value: 'ID', doc: 'the key to sign with; the only one that counts for it unless told' },
      ...keysOption,
      ...trustOption,
      ...answerFormat,
    },
    details:
      'PROFILE is a profile by its name or file; without it the one in use, and where none is, nothing limits but the invitation. The token goes to standard output and holds the policy as it is now. An invitation narrows the profile; one that would widen it is refused.',
    examples: [
      'polc profile invite cs101 "CS101 Class" --template-whitelist python-basic --max-hourly-cost 0.15 --uses 40',
      'polc profile invite "CS101 Class" --type read_only --template-whitelist python-basic,r-basic',
    ],
  },
  async ({ options, operands }, terminal) => {
    const now = Date.now();
    const refuse = (problem: string, help: string) => {
      terminal.writeError(`polc profile invite: ${problem}\n  = help: ${help}\n`);
      return exitCode.usage;
    };
    const { expires: at, days, uses } = options;
    if (at !== undefined && days !== undefined) {
      return refuse('it is said twice when it ends', 'write one of `--expires TIME` and `--days N`');
    }
    const expires = at === undefined ? now + (days ?? usualDays) * 86_400_000 : timeAt(at, 'end');
    if (expires === undefined || !(expires > now)) {
      return refuse(`\`${at}\` is no time to come`, 'write a date such as `2027-01-31`, or an instant in UTC');
    }
    if (options['device-bound'] && options['any-device']) {
      return refuse('it is bound to a device, or it is not', 'write one of `--device-bound` and `--any-device`');
    }
    const name = operands.at(-1) ?? '';
    const store = openTrust(options.trust);
    const signer = openSigner(options.key, keysFolder(options.keys), 'invitation', store, now);
    if ('usage' in signer) return refuse('it is not said with which key', signer.usage);
    if (store.diagnostics.some(({ severity }) => severity === 'error')) {
      printFindings(store.diagnostics, new Map(), terminal);
      return exitCode.policy;
    }
    const project = await findProject();
    const profile = await openProfile(operands.length > 1 ? operands[0] : undefined, { trust: options.trust, now });
    const wrong = [
      ...project.diagnostics,
      ...store.diagnostics,
      ...('diagnostic' in signer ? [signer.diagnostic] : []),
      ...(profile?.diagnostics ?? []),
    ];
    printFindings(wrong, new Map(), terminal);
    if (profile !== undefined && !isOpened(profile)) return findingCode(profile.diagnostics);
    if ('diagnostic' in signer || !project.ok) return exitCode.policy;
    const wanted = {
      name,
      type: options.type,
      expires: Math.floor(expires / 1000) * 1000,
      uses,
      deviceBound: !options['any-device'],
      limits: limitFieldsOf(options),
    };
    const made = makeInvitation(wanted, profile, signer, project, now);
    if ('diagnostics' in made) {
      printFindings(made.diagnostics, made.sources, terminal);
      return exitCode.policy;
    }
    const { invitation, token } = made;
    if (options.format === 'json') {
      const { policy: _, ...fields } = invitation;
      terminal.write(
        `${JSON.stringify({ ...fields, authority: signer.authority, key: signer.keyId, token }, undefined, 2)}\n`,
      );
      return exitCode.fine;
    }
    const often = uses === undefined ? 'any number of times' : uses === 1 ? 'once' : `${uses} times`;
    terminal.writeError(
      `${invitation.invitation} (${invitation.type}): an invitation to ${invitation.profile} until ${invitation.expires}, to be accepted ${often}, by ${signer.authority} with ${signer.keyId}\n`,
    );
    terminal.write(`${token}\n`);
    return exitCode.fine;
  },
);
