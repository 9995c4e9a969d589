import { entries } from '../entry.ts';

/** Launches of instances. */
export const launches = entries({
  POL8320: {
    severity: 'error',
    message: 'it is not known whether `{name}` was started: {reason}',
    help: 'run the same command again: it finds the instance, if there is one, and starts no second one',
    explanation: `AWS did not answer \`ec2:RunInstances\`, or not with what it did. The name of a launch, with its profile, region and
person, is its client token, so that AWS starts one instance for it however often it is asked. The launch counts in the ledger
until it is known that there is none.`,
  },
  POL8321: {
    severity: 'error',
    message: '`{instance}` was started, and that could not be recorded: {reason}',
    help: 'make the file writable, and run the same command again: it finds the instance and records it',
    explanation: `The decision is in the audit log and the launch in the ledger from before the start on, so what it costs is counted. Which
instance it became is missing, until the next launch of the profile looks for it by its tag \`polc:launch\`.`,
  },
  POL8322: {
    severity: 'error',
    message: 'nothing was started: `{path}` cannot be used: {reason}',
    help: 'make the file and its folder readable and writable for whoever launches',
    explanation: `A launch is recorded in the audit log and reserved in the ledger before it is started. What cannot be recorded is not done.`,
  },
  POL8323: {
    severity: 'warning',
    message: '{count} of `{profile}` run that no launch of this ledger is: {instances}',
    help: 'launch by one ledger (`--ledger`, `POLC_LEDGER`), or count what was spent with `--cost-explorer`',
    explanation: `The budgets of a profile count what its ledger has. These instances have the tag \`polc:profile\` of the profile, and were launched
by another ledger, or by one that is lost: nothing counts what they cost.`,
  },
});
