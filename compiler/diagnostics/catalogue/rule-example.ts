/** A whole policy with one rule on a call, for examples of the catalogue; `when` is its condition as YAML. */
export function ruleExample(when: string, call = 'socket'): string {
  return `profile: web
mode: sandbox
security:
  seccomp:
    default: errno(EPERM)
    allow: ["@basic-start"]
    rules:
      - syscalls: [${call}]
        when: ${when}
`;
}
