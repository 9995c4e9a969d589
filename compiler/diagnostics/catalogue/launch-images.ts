import { entries } from '../entry.ts';

/** Scans of images, and calls to AWS that launches and builds make. */
export const launchImages = entries({
  POL8305: {
    severity: 'error',
    message: '`{path}` is no result of a scan: {problem}',
    help: 'have the scanner write SARIF 2.1.0, or CycloneDX with its vulnerabilities, from a scan that ended well',
    explanation: `The verdict of a scan is that nothing was found from a severity on, so what is not the whole result of a scan that ended well
has none: a log whose invocation failed or met an error, a run without results, results in other files, a list of components
for which nobody looked for vulnerabilities. What is settled in the file, as suppressed, resolved or not affected, does not
count; what nobody rated does.`,
  },
  POL8306: {
    severity: 'error',
    message: '`{key}` is too long an id for the tag `polc:scan`',
    help: 'sign with a key whose id has at most 56 characters',
    explanation: `A tag takes 256 characters, and this one holds the verdict, the counts, the digest of the file, the id of the key and the signature.`,
  },
  POL8307: {
    severity: 'error',
    message: '`{action}` failed: {reason}',
    help: 'see that your credentials count for this account and region, and that they allow `{action}`',
    explanation: `AWS refused a call or could not be reached, after it was tried several times where that can help. What cannot be known is never
taken for allowed.`,
  },
  POL8308: {
    severity: 'error',
    message: '{region} has no image `{image}`',
    help: 'look for its id in the region where it is: copies have ids of their own',
    explanation: `An image is in one region. Its copies elsewhere are other images, with ids, tags and signatures of their own. An image that you may
not use is not there either.`,
  },
});
