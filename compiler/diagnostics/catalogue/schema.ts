import { entries } from '../entry.ts';

const good = 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n';

export const schema = entries({
  POL2001: {
    severity: 'error',
    message: 'unknown key `{key}`',
    help: 'the keys here are {known}',
    explanation:
      'Every key of a policy means something. A key that no reader knows would be ignored in silence, and the rule that you thought you wrote would not exist, so it is an error, with the nearest key that does exist.',
    bad: 'profile: web\nmode: sandbox\nsecurty:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
    good,
  },
  POL2002: {
    severity: 'error',
    message: 'the required key `{key}` is missing',
    help: 'add a line such as `{example}`',
    explanation: 'The policy has no meaning without this key, and polc does not choose one for you.',
    bad: 'profile: web\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
    good,
  },
  POL2004: {
    severity: 'error',
    message: 'expected {expected}, found {found}',
    help: 'write {expected} here',
    explanation:
      'The value has another YAML type than the key takes. YAML decides the type from the spelling: `1.0` is a number, `true` is a boolean, `"1.0"` is text.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: ptrace\n',
    good,
  },
  POL2005: {
    severity: 'error',
    message: 'expected {expected}, found nothing',
    help: 'give the key a value, or remove the key',
    explanation: 'A key with nothing after it is `null` in YAML. Often the lines below it lost their indentation.',
    bad: 'profile: web\nmode: sandbox\nsecurity:\n',
    good,
  },
  POL2006: {
    severity: 'error',
    message: '`{value}` is not {noun}',
    help: 'write {expected}',
    explanation: 'The text does not have the form that this key takes.',
    bad: 'profile: "my web server!"\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
    good,
  },
  POL2007: {
    severity: 'error',
    message: '`{value}` is not {noun}: {why}',
    help: 'write it like `{example}`',
    explanation: 'Quantities carry their unit, so that nobody has to guess whether 512 means bytes or megabytes.',
    bad: 'profile: web\nmode: sandbox\nresources:\n  timeout: 300\n',
    good: 'profile: web\nmode: sandbox\nresources:\n  timeout: 300s\n',
  },
  POL2010: {
    severity: 'error',
    message: 'no dialect has these top-level keys together',
    help: 'a sandbox policy starts with `profile:` and `mode:`, a guardrail with `policy_id:`; a comment `# polc: sandbox` in the first lines names the dialect',
    explanation:
      'polc recognises a dialect by its top-level keys, by a `# polc: DIALECT` comment in the first lines, or by a glob in `polc.config.yaml`. A file that fits none is not guessed at.',
    bad: 'name: web\n',
    good,
  },
  POL2011: {
    severity: 'error',
    message: 'there is no dialect `{name}`',
    help: 'the dialects are {known}',
    explanation: 'The comment `# polc: DIALECT` names a dialect that this version of polc does not have.',
    bad: '# polc: sandbx\nprofile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
    good: '# polc: sandbox\nprofile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: allow\n    deny: [ptrace]\n',
  },
});
