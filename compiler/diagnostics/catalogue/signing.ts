import { entries } from '../entry.ts';

/** Keys, signatures, approvals, invitations and the audit log. */
export const signing = entries({
  POL8340: {
    severity: 'error',
    message: 'the private key `{path}` cannot be used: {reason}',
    help: 'make another with `polc keys generate`',
    explanation: `A private key is a file in PEM (PKCS #8) with an ed25519 key, which nobody but its owner may read. What could have been
read by others may be theirs by now, so nothing is signed with it.`,
  },
  POL8341: {
    severity: 'error',
    message: 'there is no private key `{key}` in `{folder}`',
    help: 'make it with `polc keys generate {key}`, or name the folder with `--keys`',
    explanation: `Private keys are the files \`ID.pem\` of one folder: that of \`--keys\`, of the environment variable \`POLC_KEYS\`, or
\`polc/keys\` in the folder of your configuration.`,
  },
  POL8342: {
    severity: 'error',
    message: 'the id `{key}` is taken',
    help: 'choose another id: signatures name the key by it',
    explanation: `A key's id is in every signature that was made with it. A second key of the same id would make them all invalid, or
vouch for what it never signed.`,
  },
  POL8343: {
    severity: 'error',
    message: '`{path}` cannot be signed: {reason}',
    help: 'write the template as a block of keys, and large numbers in quotes',
    explanation: `What is signed is the canonical JSON of the template (RFC 8785), which has a form for every text and for every number
that a double can hold. The signature is written as the block \`signature\` at the end of the file, or in the place of the one that
is there; comments and layout stay. The file is read again before it is replaced, and the signature verified.`,
  },
  POL8344: {
    severity: 'error',
    message: '{subject} is signed with a key that is not known: {problem}',
    help: 'put the public key into the trust store `{trust}` if you trust who has it',
    explanation: `A signature counts where its key stands in the trust store, below the authority that it belongs to. What is signed by
nobody whom you know is worth less than what is not signed at all.`,
  },
  POL8345: {
    severity: 'error',
    message: '{subject} names another authority than its key: {problem}',
    help: 'have it signed by the authority that it names',
    explanation: `The authority stands in the block \`signature\` and is signed with it. A key speaks for the authority that the trust
store has it under, and for no other.`,
  },
  POL8346: {
    severity: 'error',
    message: 'the key `{key}` does not count: {problem}',
    help: 'sign again with a key that counts, or correct the trust store `{trust}`',
    explanation: `The trust store says from when to when a key counts, what for, and whether it is revoked. It has to count both at the
time of signing and now: whoever finds an old key can write any time into a signature.`,
  },
  POL8347: {
    severity: 'error',
    message: '{subject} was changed after it was signed, or the signature is of something else',
    help: 'see what has changed, and sign it again if that is right',
    explanation: `The signature is not one of this content by this key. Of a template everything is signed except comments, white space
and the ways in which YAML can write the same value; what it inherits is signed with it. Of an image its metadata, id, region and
owner are, so that a copy in another region needs a signature of its own.`,
  },
  POL8348: {
    severity: 'error',
    message: 'the signature of {subject} has no time that can be right: {problem}',
    help: 'set the clock, or sign again',
    explanation: `A time of signing that lies more than five minutes ahead means that one of the two clocks is wrong. Then nobody can tell
whether the key counts, and nothing that depends on the signature is launched.`,
  },
  POL8349: {
    severity: 'error',
    message: '{subject} is not signed',
    help: 'sign it with `polc template sign`',
    explanation: `There is no signature. An institution with \`required_signature\` launches nothing that has none.`,
  },
  POL8350: {
    severity: 'error',
    message: 'the key `{key}` stands under `{one}` and under `{other}`',
    help: 'give each key an id of its own',
    explanation: `A signature names its key by the id alone, and so an id belongs to one key of one authority.`,
  },
  POL8353: {
    severity: 'error',
    message: 'the audit log `{path}` is not whole: line {line}: {problem}',
    help: 'compare it and the line before with a copy; what stands before both is as it was written',
    explanation: `Every record names the digest of the one before it. Where they do not fit, a record was changed, taken out or put in
there, or the file was damaged. It may be the record before that line that was changed. Those before both are as they were written; nothing
is known of those behind the line, and nothing is added to such a log.`,
  },
  POL8354: {
    severity: 'error',
    message: 'the audit log `{path}` has lost the record `{head}`',
    help: 'look for a copy of the log: records were removed from its end, or all of it was written anew',
    explanation: `What is missing at the end of a chain cannot be seen from the chain. A head that was kept elsewhere, such as the output of
an earlier \`polc audit verify\`, has to be among the digests of the log.`,
  },
  POL8355: {
    severity: 'warning',
    message: 'the last record of `{path}` was cut off: {bytes} bytes of it are there',
    help: 'nothing is to be done: the next record continues the log, and what is left stays in it',
    explanation: `A machine went down, or a process was killed, while it wrote the record. What it decided was not done, since decisions are
written before anything is done. The bytes stay as a line of their own.`,
  },
  POL8356: {
    severity: 'error',
    message: 'the public key of `{key}` is no ed25519 key',
    help: 'copy it from the output of `polc keys list`: 32 bytes in base64, 44 characters',
    explanation: `A public key is 32 bytes, written in base64 with its padding. Another spelling of the same bytes is refused as well.`,
  },
  POL8357: {
    severity: 'error',
    message: 'the calendar has no `{time}`',
    help: 'write a date such as `2027-01-31`, or an instant such as `2027-01-31T12:00:00Z`',
    explanation: `The month has fewer days, or the day fewer hours. Times in a trust store are in UTC.`,
  },
});
