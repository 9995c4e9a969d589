import { entries } from '../entry.ts';

export const gate = entries({
  POL8100: {
    severity: 'error',
    message: 'compilation too slow: {took} ms (target: <{target} ms)',
    help: 'raise the limit with `--max-ms`, or turn the gate off with `--max-ms 0`',
    explanation:
      'A policy is compiled on every keystroke and in every pipeline, so its time is bounded: 50 ms for a file of up to 1,000 lines and 50 ms for each further 1,000. The command line times a policy that seems too slow again, up to twenty times, since the first runs of a process are slow whatever the policy is; time that other processes have the machine for is not counted. The notes say where the time went.',
  },
  POL8002: {
    severity: 'error',
    message: 'cannot read `{path}`: {reason}',
    help: 'check that the file exists and that you may read it',
    explanation: `The operating system refused to read a file that was named on the command line, found by a glob, or pulled in by a policy.`,
  },
  POL8003: {
    severity: 'error',
    message: 'cannot write `{path}`: {reason}',
    help: 'choose another folder with `--out`, or make this one writable; the last good output was left as it was',
    explanation: `The output is written to a temporary folder beside its place and renamed when it is whole. Either step was refused, so
nothing was published and the output of the last successful build is still there.`,
  },
  POL8005: {
    severity: 'warning',
    message: 'the cache cannot be used: {reason}',
    help: 'make `{path}` writable, point `XDG_CACHE_HOME` elsewhere, or build with `--no-cache`',
    explanation: `Finished builds are kept under the user's cache folder so that an unchanged policy is not compiled again. The folder
could not be written; the build went on without it.`,
  },
  POL8006: {
    severity: 'error',
    message: '`{code}` is an error and cannot be made a {severity}',
    help: 'remove the line; a comment in the policy can allow one finding with a reason',
    explanation: `\`severities\` of \`polc.config.yaml\` can raise a warning or a hint, and lower a warning to a hint. An error means that no
artifact can be made that means what the policy says, so there is nothing to lower it to.`,
  },
  POL8009: {
    severity: 'hint',
    message: '{count} more findings are not shown',
    help: 'see to the first of those that are shown: many may be of one mistake; `polc check` names every one',
    explanation:
      'The language server shows the thousand most serious findings of a document: of more an editor would take seconds to draw them, and nobody would read them. What is corrected at once (`source.fixAll.polc`) are all.',
  },
  POL8007: {
    severity: 'warning',
    message: '`{path}` belongs to another user and is ignored',
    help: 'start polc in the folder of the configuration, or make it your own',
    explanation: `Whoever can write to a folder above yours could otherwise decide what your policies may lose. A configuration in a folder
above the current one counts only where it belongs to you or to root. Windows has no such owner, and nothing is ignored there.`,
  },
});
