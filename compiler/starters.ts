/** Starter policies by dialect: each compiles as it is, and its comments say what to change. */
export const starters: Readonly<Record<string, (name: string) => string>> = {
  sandbox: (name) => `# A sandbox policy: what a program may ask of the kernel. All else is refused.
# \`polc build\` compiles it; \`polc run FILE -- command\` runs a command under it.
profile: ${name}

# sandbox enforces, hardened enforces the strictest preset, direct only audits.
mode: sandbox

security:
  # A preset of refused system calls: low, medium or high. It comes after \`rules\`, and no group in \`allow\` undoes it.
  level: medium

  # The capabilities that the program keeps, such as CAP_NET_BIND_SERVICE.
  capabilities: []

  seccomp:
    # What a system call that nothing below speaks of gets. \`errno(EPERM)\` lets the program notice; \`deny\` kills it.
    default: errno(EPERM)
    rules:
      # Local and Internet sockets, but no raw packets.
      - syscalls: [socket]
        when: arg0 in [AF_UNIX, AF_INET, AF_INET6]
    allow:
      # What a program needs to start, and then to work with files, pipes, signals and time.
      - "@basic-start"
      - "@default"
      - "@basic-io"
      - "@file-system"
      - "@io-event"
      - "@ipc"
      - "@signal"
      - "@sync"
      - "@timer"
      # Processes and threads; the level refuses new namespaces.
      - clone
      - madvise
      - uname
      - vfork
      - wait4

  landlock:
    # What it may do with files, everything beneath a path included.
    paths:
      - path: /usr
        access: execute
      - path: /lib
        access: execute
        optional: true
      - path: /lib64
        access: execute
        optional: true
      - path: /etc
        access: read-only
      - path: /dev
        access: [read_file, write_file]
      - path: /tmp
        access: read-write

resources:
  memory: 512MiB
  cpu: 1.0
  pids: 64
  timeout: 300s

network:
  # none, loopback-only or host.
  mode: none
`,
  guardrail: (name) => `# A guardrail: what a cost event calls for. \`polc check\` says what is wrong with it.
# The file is named after the policy: ${name}.yaml.
policy_id: ${name}

# dry_run only tells what it would do; manual asks a person first; auto acts, and then tells. Begin with dry_run.
mode: dry_run

# The minutes after which the response is taken back; 0 leaves that to a person.
ttl_minutes: 180

# Which events call for a response: all of this must hold.
match:
  # budgets, anomaly, or both. A budget's alert names no service and no region.
  source: [budgets, anomaly]
  # In quotes, since an id may begin with 0.
  account_ids: ["123456789012"]
  # From this amount on, in US dollars.
  min_amount_usd: 200

# Whom the response restricts, each by its whole ARN.
scope:
  principals:
    - type: iam_role
      arn: arn:aws:iam::123456789012:role/ci-deployer

# What it does: attach_deny_policy, set_permission_boundary, send_sns, or notify_only.
actions:
  - type: attach_deny_policy
    # What exists stays; nothing new of this is made. \`*\` stands for any characters of a name.
    deny:
      - ec2:CreateNatGateway
      - ec2:AllocateAddress
      - elasticloadbalancing:CreateLoadBalancer

notify:
  # The SSM parameter (a SecureString) that holds the URL of Slack's incoming webhook.
  slack_webhook_ssm_param: /guardrails/slack_webhook
  channel_hint: "#cost-alerts"

# When nothing is done, and for whom.
exceptions:
  time_windows:
    - start: "09:00"
      end: "17:00"
      timezone: UTC
      days: [mon, tue, wed, thu, fri]
`,
  tenancy: (name) => `# The tiers and teams of a platform: who may use which model, and how much of it.
# \`polc build\` writes the policies for Kuadrant; \`polc check\` says what is wrong with this file.
platform: ${name}

# The gateways, or routes, at which requests are decided and counted.
targets:
  - gateway: { namespace: llm, name: inference-gateway }

# The models that are served; \`models_allowed\` below is looked up here.
models: [simulator-model, qwen3-0-6b-instruct]

# What holds where a tier says nothing.
platform_default:
  models_allowed: [simulator-model]
  rate_limit_window: 1m
  burst_limit: 20

# A team has what its tier has, counted for the whole team.
tiers:
  standard:
    token_limit_per_hour: 50000
  premium:
    extends: standard
    token_limit_per_hour: 200000
    models_allowed: [simulator-model, qwen3-0-6b-instruct]

# Only teams with something of their own need to stand here: the label \`maas/tier\` of a team's keys names its tier.
teams:
  data-science:
    tier: premium
    overrides:
      burst_limit: 100

accept:
  # Models are told from the body of a request, which the rate limiter decides on, not the authoriser.
  - loss: models_allowed
    because: the operator runs with RATELIMIT_SERVICE_FAILURE_MODE=deny
`,
  governance: (
    name,
  ) => `# What people may launch: an institution, a profile and an invitation to it, each in this file or in one of its own.
# \`polc explain --profile FILE --template FILE\` prints the limits that are left, each with where it comes from.

# What holds for everybody. \`institution: FILE\` names the file that has it.
institution:
  name: My University

  # Where templates are from: institutional, departmental, pi_lab, community, external or personal.
  allowed_sources: [institutional, departmental, pi_lab]

  # Templates and images without a valid signature are not launched.
  required_signature: false

  # The highest classification that is launched: public, internal, confidential or restricted.
  security_classification: confidential

  # Each launch is recorded with every step of its decision.
  audit_logging: { enabled: true, retention_days: 365 }

profile:
  name: ${name}

  # What people are cleared for.
  clearance: internal

  # What they may launch, by the template's name or the image's.
  # allowed_templates: [python-ml]
  allowed_instance_types: ["t3.*", "t4g.*"]

  # US dollars: an hour of one instance, and all of a day and a month.
  max_hourly_cost: 0.20
  max_daily_budget: 5
  max_monthly_budget: 100

  # Every launch names these tags.
  required_tags: [Project]
`,
  template: (name) => `# A machine template: what a machine is made of, and who may launch it where.
# \`polc build\` writes the tags of its images and what AWS enforces of it; \`polc check\` says what is wrong with it.
name: ${name}
slug: ${name}

# The image that everything begins with; with \`inherits: [other-template]\` that of another template.
base: ubuntu-24.04

packages:
  # By the distribution, from conda-forge, and from Python's index.
  system: [git, htop]
  conda: ["python=3.12", numpy, jupyterlab]

# What runs when all is installed.
post_install: |
  echo "set up on $(date)"

# Instances that nobody uses stop themselves.
idle_detection:
  enabled: true
  hibernate_threshold_minutes: 60

# One image for each region and architecture; without images a launch takes as long as the installation.
compile_to_ami:
  enabled: true
  regions: [us-east-1]
  architectures: [x86_64, arm64]
  encrypted: true

# What a launch may be. What an institution, a profile and an invitation say holds besides.
policy_metadata:
  # public, internal, confidential or restricted: a person needs a clearance as high.
  data_classification: internal
  resource_limits:
    max_instance_types: [t3.medium, t3.large, t4g.medium, t4g.large]
    # In US dollars an hour. A price that nobody knows is refused.
    max_hourly_cost: 0.10

instance_defaults:
  type: t3.medium
  ports: [22]
  estimated_cost_per_hour:
    x86_64: 0.0416
    arm64: 0.0336
`,
};
