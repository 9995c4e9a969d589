/** What the reference says besides the keys. */
export function chapters(): readonly string[] {
  return [deciding, inheriting, building, scripts, signing, files];
}

const deciding = `## What decides a launch

Each limit of \`policy_metadata\` refuses a launch that does not keep it. What a limit asks for and a launch does not say is
unknown, and unknown refuses: a price that nobody knows under \`max_hourly_cost\`, a tag of \`required_tags\` that is not
there. No limit is no restriction; an empty list or a cost of 0 is an error.

| step | what is asked |
| --- | --- |
| source | the profile is among \`allowed_profiles\` |
| signature | with \`approval_required\`, a signed approval is there |
| resources | instance type, GPU, region, hourly cost, tags |
| classification | the person's clearance is at least the classification: public < internal < confidential < restricted |
| compliance | with \`encrypted_storage_required\`, every volume and the image are encrypted |

What the institution, the profile and the invitation say holds besides. \`compliance_frameworks\` and \`data_handling\` are what
the template promises; an institution can ask for them.

Prices come from a price file, and else from \`estimated_cost_per_hour\`: of the instance type, or of its architecture.
`;

const inheriting = `## Inheriting

\`inherits\` names templates by \`slug\`, by \`name\`, or by file: beside the template, or anywhere in the workspace by the name
of the file. Those may inherit others. What several inherit is there once.

| what | how it goes together |
| --- | --- |
| limits of \`policy_metadata\` | all of them hold: a template narrows what it inherits, and never widens it |
| classification | the highest |
| \`compliance_frameworks\`, \`data_handling\` | joined |
| packages, users, services, files, ports, tags, parameters, variables | joined; the same package, user, service, path, key or name is that of the template itself |
| \`post_install\`, \`user_data\` | run one after the other, what is inherited first |
| base, default type, volume, idle detection, \`ami_config\` | what the template says, or else the last that it inherits |
| prices | joined; the template's own have precedence |
| name, slug, version, description, \`compile_to_ami\`, \`precompiled_amis\`, \`signature\` | the template's own alone |
`;

const building = `## Images

With \`compile_to_ami\` an image is built in each region for each architecture, on a machine of that architecture. An
architecture that no allowed instance type has is an error, unless \`unusable_architectures: drop\` leaves it out. A region of
another partition than the target's is an error where an image is wanted, and a warning where it is forbidden.

A template without images launches from its base image, with a script as user data that makes the same of it. EC2 takes 16 KB.
`;

const scripts = `## What a machine runs

1. packages of the distribution, by apt or dnf; then conda, pip and Spack
2. users, files and services
3. \`post_install\`, \`user_data\` and \`ami_config.user_data_script\`, each in a file of its own, by the program of its first
   line or else by \`bash -e\`; a builder runs \`compile_to_ami.custom_script\` besides
4. with \`idle_detection\`, a timer that stops the machine when nobody was logged in and nothing ran for
   \`hibernate_threshold_minutes\`. A template whose scripts ask for \`{{HIBERNATE_THRESHOLD_MINUTES}}\` brings its own.

The script stops at the first command that fails. \`{{.name}}\` in scripts and in lines of \`config\` is the default of a
parameter, or a variable; \`{{.WebInterfaceBindIP}}\` is 127.0.0.1. Values are put in as they are: quotes are the script's.
The same template gives the same script.
`;

const signing = `## The signature

It covers what the template says, as canonical JSON (RFC 8785) without the signature's own bytes: comments and white space
are not signed. \`polc template sign\` writes it and \`polc template verify\` checks it; the compiler looks at its form alone.
`;

const files = `## Files

The name of a template in output and on the command line is its \`slug\`, or else that of its file. Lists of allowed templates
know it by that name, or by \`source_template\`, which may name what the template inherits.
`;
