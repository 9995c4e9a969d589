import { entries } from '../entry.ts';

/** Images that are built of templates. */
export const builds = entries({
  POL8328: {
    severity: 'error',
    message: '`{template}` does not say in which regions it is built',
    help: 'name regions with `--regions`, or write `compile_to_ami` into the template',
    explanation: `An image lies in one region, and is built there or copied there. Which regions the template is for,
\`compile_to_ami.regions\` says, or \`--regions\` in its place.`,
  },
  POL8329: {
    severity: 'error',
    message: '`{template}` cannot be built for {place}: {reason}',
    help: 'choose other regions and architectures, or change what the template allows',
    explanation: `What the template refuses, no image of it can be launched for: a region that it forbids, an architecture that none of
its instance types runs. A KMS key encrypts in its own region only, unless it is a multi-Region key.`,
  },
  POL8330: {
    severity: 'error',
    message: 'no image came of the builder in {place}: {reason}',
    help: 'correct the template and build it again, or try once more with `polc template build --resume {id}`',
    explanation: `The script of the template failed, the builder was ended from elsewhere, or it took too long. The builder is terminated,
and nothing of the attempt stays. What is resumed begins this place with another builder, and does what was begun: a template that was
changed since is built by a new compilation.`,
  },
  POL8331: {
    severity: 'error',
    message: 'the compilation `{id}` is not finished: {reason}',
    help: 'go on with `polc template build --resume {id}`, or remove what it has made with `--abandon {id}`',
    explanation: `AWS refused a call or could not be reached, or the build was asked to stop. Builders may still run and cost. The journal
says how far each image is; whoever resumes makes nothing twice.`,
  },
  POL8332: {
    severity: 'error',
    message: 'another process works on the compilation `{id}`',
    help: 'follow it with `polc template status {id}`',
    explanation: `Two processes would take each other's builders away. The lock is a file beside the journal; that of a process which is gone
is taken over.`,
  },
  POL8333: {
    severity: 'error',
    message: 'there is no compilation `{id}` in `{folder}`',
    help: 'see `polc template status`; what is left of one whose journal is gone, `--abandon ID --regions REGION,...` removes by its tag',
    explanation: `Each compilation has a folder with its journal: in that of \`--builds\`, of the environment variable \`POLC_BUILDS\`, or in
\`polc/builds\` in the folder of your state. Everything that it made in AWS has the tag \`polc:compilation\` with its id.`,
  },
  POL8334: {
    severity: 'error',
    message: 'the journal `{path}` cannot be used: {reason}',
    help: 'make it writable, or restore it; `--abandon ID --regions REGION,...` removes what was made by its tag',
    explanation: `Before every call that makes something the journal is on the disk. Where it cannot be written nothing more is made, and where
it cannot be read nobody guesses what was.`,
  },
  POL8335: {
    severity: 'warning',
    message: 'the images are not written into `{path}`: {reason}',
    help: 'write below `precompiled_amis`: {images}',
    explanation: `What was built is recorded in the template, with its comments and layout kept. The file is read again before it is
replaced. It stays as it is where it says something else by now than what was built, or is written in a way that leaves no place.`,
  },
  POL8336: {
    severity: 'warning',
    message: 'the signature of `{path}` does not count any more, since its images are signed with it',
    help: 'sign it again with `polc template sign {path}`',
    explanation: `Everything that a template says is signed, \`precompiled_amis\` too: else anybody could put another image there.`,
  },
  POL8337: {
    severity: 'error',
    message: 'something of the compilation `{id}` may still be there: {reason}',
    help: 'run `polc template build --abandon {id}` again',
    explanation: `Abandoning looks for everything with the tag \`polc:compilation\` until twice in a row nothing is left. It can be repeated.`,
  },
  POL8338: {
    severity: 'warning',
    message: '`{image}` in {region} is to be built again: {reason}',
    help: 'build it with `polc template build {template}`',
    explanation: `Images age: their base image has a newer version, they are older than the profile or \`--max-age\` allows, a scan failed, the
template says something else by now, or the image is gone. A launch may refuse them.`,
  },
  POL8339: {
    severity: 'warning',
    message: '`{path}` still names images that are gone: {images}',
    help: 'take them out of `precompiled_amis`, or build the template again',
    explanation: `A compilation that was abandoned takes its images with it. Launches from the template would look for them in vain; its
text is not changed, since it may be signed.`,
  },
  POL8351: {
    severity: 'error',
    message: '`{template}` may not be built under the profile `{profile}`: {reason}',
    help: 'build another template, or under a profile that may use it and all that it builds on',
    explanation: `Policy holds when a template is resolved, and not only at its launch: what a profile may not use, by its name,
source, signature, classification or what it promises, nobody builds under it, and no more what builds on a template that its lists refuse. Nothing is begun then, and the refusal is in the audit log.`,
  },
});
