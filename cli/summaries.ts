/**
 * What the help says of each verb, in its order: one line, lower case, no full stop. Apart from the commands, so that the
 * help loads none of them.
 */
export const summaries = {
  build: 'compile policies and write what enforces them',
  check: 'find what is wrong with policies, and correct it where that is certain',
  test: 'ask policies the questions that they have under `tests`, and compare the answers with what is expected',
  explain: 'say which rule decides, which backend and instruction enforce it, and what is lost',
  fmt: 'format policies; comments and meaning stay',
  import: 'read a Docker or OCI seccomp profile and write the policy that means the same',
  migrate: "rewrite Kuadrant's resources of older versions to today's; comments and layout stay",
  run: 'run a command under a sandbox policy on this machine',
  sandbox: 'put what a policy decides at hooks in force for a control group, see what is, and take it back',
  trace: 'run a command, and write the policy that allows what it was seen to do, or what a policy lacks of it',
  simulate: 'say which guardrails a cost event would trigger, what they would do, and why others would not',
  guardrail: 'evaluate cost events, respond to them, and take responses back',
  apply: 'make a cluster with Kuadrant what a tenancy says, or leave it as it was',
  tenancy: 'apply tiers and teams to a cluster with Kuadrant, and see what is in force there',
  launch: 'decide a launch of a template or an image by every policy, and start it',
  profile: 'make profiles that limit launches, invite people to them, and accept invitations',
  template: 'list, build and sign machine templates, and approve their launches',
  keys: 'make the keys that templates, images, approvals and invitations are signed with',
  audit: 'check that nobody changed the record of decisions, and say what was refused to whom',
  wasm: 'compile policies into WebAssembly programs',
  schema: 'print the JSON Schema of a dialect, for editors',
  lsp: 'serve editors: errors as you type, corrections, completion, and what a policy becomes',
  init: 'write a commented policy to start from',
  docs: 'explain diagnostics, groups of system calls, dialects, the configuration, and how policies are held',
  doctor: 'show what this machine can enforce',
  completion: 'print the completion script of a shell',
} as const;

/** The same of the verbs of `polc guardrail`. */
export const guardrailSummaries = {
  simulate: summaries.simulate,
  respond: 'let guardrails respond to a cost event: tell, ask for approval, or act, each by its mode',
  approve: 'approve a response that a guardrail asks for, and carry it out',
  reject: 'reject a response that a guardrail asks for',
  renew: 'ask again for approvals that wait, by new links; those before count no more',
  status:
    'show the responses that are in force, what was changed by hand, and which policies are due for the next mode',
  rollback: 'take responses back: those that have expired, those of a policy, or all',
} as const;

/** The same of the verbs of `polc tenancy`. */
export const tenancySummaries = {
  plan: 'say what applying a policy would change in the cluster, and what that means for tiers and teams',
  apply: summaries.apply,
  status: 'show what the operator says of each policy, and which limits are in force',
  drift: 'say how the cluster differs from the policy, field by field, and who changed it',
  delete: 'delete what polc wrote for a policy',
  serve: 'answer calls that make, change and delete teams, API keys and tiers, over HTTP',
} as const;

/** The same of the verbs of `polc profile`. */
export const profileSummaries = {
  create: 'write a profile: what people may launch under it',
  invite: 'make the signed token of an invitation, which narrows what a profile may',
  accept: 'accept an invitation on this machine, and have its profile',
  show: 'print the limits of a profile, each with where it comes from',
  list: 'list your profiles, and which one is in use',
  use: 'decide launches under this profile from now on',
} as const;

/** The same of the verbs of `polc template`. */
export const templateSummaries = {
  list: 'list templates: where they are from, whether images of them are built, how long launches take',
  info: 'say of a template what images there are, what its policy restricts, and whose signature it has',
  build: 'build the images of templates, each with its policy in its tags; go on with a build, or take it back',
  status: 'say how far builds are, and which images are to be built again',
  sign: 'sign templates, with all that they inherit',
  verify: 'say whose signature templates have, and whether it counts',
  launch: summaries.launch,
  approve: 'approve launches of a template as it is now, or of an image, for some time',
  scan: 'sign the verdict of a vulnerability scan, and write it on the image',
} as const;

/** The same of the verbs of `polc keys`. */
export const keysSummaries = {
  generate: 'make a key, and put its public half into the trust store',
  list: 'show whose signatures count here, and which keys are yours',
} as const;

/** The same of the verbs of `polc audit`. */
export const auditSummaries = {
  verify: 'say whether an audit log is whole: no record changed, taken out or put in',
  report: 'count what was refused, by policy, person and template',
} as const;

/** The same of the verbs of `polc sandbox`. */
export const sandboxSummaries = {
  load: 'load the programs of a policy into the kernel, and attach them to a control group',
  unload: 'detach programs that were pinned, and remove what was made for them',
  status: 'show which programs are in force, for which group, and what they record',
  zygotes: 'show the fork servers that `polc run` has started, or end them',
} as const;

/** The same of the verbs of `polc wasm`. */
export const wasmSummaries = {
  harden: 'put a policy into a program for WASI, which then holds on any engine',
  join: 'make one module of what many policies decide, which is asked once for all of them',
} as const;
