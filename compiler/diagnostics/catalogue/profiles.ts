import { entries } from '../entry.ts';

/** The library of templates, profiles and invitations to them. */
export const profiles = entries({
  POL8313: {
    severity: 'error',
    message: '`{name}` is the name of several templates of one source: {paths}',
    help: 'write the path, or give each a slug of its own',
    explanation: `Templates of different sources may have one name: then that of the source is meant for which more is answered,
institutional before departmental, pi_lab, community, external and personal. Two of one source leave open which is meant, and nothing is
launched or built by guessing.`,
  },
  POL8314: {
    severity: 'error',
    message: 'there is no profile `{name}`',
    help: 'see `polc profile list`, or name the file of a governance policy',
    explanation: `A profile is called by the name that \`polc profile create\` or \`polc profile accept\` gave it, which is a file in
the folder of profiles (\`POLC_PROFILES\`, or \`polc/profiles\` in the folder of your configuration), or by the path of a governance policy. Where
a profile is named and not there, nothing is launched: without its limits more would be allowed.`,
  },
  POL8315: {
    severity: 'error',
    message: 'the invitation cannot be used: {reason}',
    help: '{next}',
    explanation: `An invitation is one line that begins with \`polc-invitation-1\`. Its signature is verified against the trust store whenever
the profile is used, not only when it is accepted, and what it says counts for as long as its key does.`,
  },
  POL8316: {
    severity: 'error',
    message: 'the invitation would widen what `{profile}` may: {limit}',
    help: 'invite to no more than the profile allows, or change the profile',
    explanation: `An invitation narrows what whoever invites has. What it says beyond that would have no effect, and whoever accepts it would
take it for theirs.`,
  },
  POL8317: {
    severity: 'error',
    message: '`{path}` is there already',
    help: 'choose another name, or replace it with `--force`',
    explanation: `A profile is never written over another one without being told, since people may be launching under it.`,
  },
  POL8318: {
    severity: 'error',
    message: '`{profile}` is not yours to invite to: {reason}',
    help: 'ask whoever invited you',
    explanation: `Whoever was invited may invite others where the invitation is of the type \`admin\`.`,
  },
  POL8319: {
    severity: 'warning',
    message: '`{path}` is not what the invitation says, and does not count',
    help: 'accept the invitation again to have the file as it was',
    explanation: `The policy of an accepted invitation is in its signed token. The file beside it is there to be read: changing it changes nothing.`,
  },
});
