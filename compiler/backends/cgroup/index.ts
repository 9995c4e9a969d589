import type { Limit, Policy } from '../../ir/policy.ts';
import type { Target } from '../../target.ts';
import { validateCgroup } from '../../verify/cgroup.ts';
import type { Artifact, Backend, Coverage } from '../backend.ts';
import { landlockRuleset } from '../landlock/ruleset.ts';
import { limitsLoss } from '../ways-out.ts';
import { directives } from './drop-in.ts';
import { type ControlFile, filesV1, filesV2 } from './files.ts';

/** Ceilings on memory, processor time and processes: control group files of both versions and a systemd drop-in. */
export const cgroup: Backend = {
  name: 'cgroup',
  summary: 'control group files, v2 and v1, and a systemd drop-in',
  byDefault: true,
  applies: (policy) => policy.limits.length > 0,
  emit(policy, target) {
    const ruleset = landlockRuleset(policy, target.landlock);
    const leaving = limitsLoss(policy, target.architectures, { version: target.cgroup, ruleset, separate: false });
    return {
      artifacts: [...folder(policy, 'v2', filesV2), ...folder(policy, 'v1', filesV1), dropIn(policy)],
      coverage: policy.limits.map((limit) => coverageOf(limit, target, leaving)),
      diagnostics: [],
      summary: target.cgroup,
    };
  },
  validate: (policy, _target, artifacts) => validateCgroup(policy, artifacts),
};

function folder(policy: Policy, version: string, files: (limit: Limit) => readonly ControlFile[]): readonly Artifact[] {
  return policy.limits.flatMap((limit) =>
    files(limit).map(({ name, text }) => ({
      path: `${version}/${name}`,
      content: `${text}\n`,
      sourceMap: [{ at: 1, rule: limit.id, span: limit.origin.span }],
    })),
  );
}

function dropIn(policy: Policy): Artifact {
  const lines = directives(policy.limits);
  return {
    path: 'polc.conf',
    content: ['[Service]', ...lines.map(({ line }) => line), ''].join('\n'),
    sourceMap: lines.map(({ limit }, index) => ({ at: index + 2, rule: limit.id, span: limit.origin.span })),
  };
}

/** A built launcher joins no group: the folder of a group is known only where it is made. */
const byWhom = 'joined by `polc run` or systemd, not by the built launcher alone';

function coverageOf(limit: Limit, target: Target, leaving: string | undefined): Coverage {
  const rule = limit.id;
  const held = (enforced: string): Coverage =>
    leaving === undefined ? { rule, status: 'full', enforced } : { rule, status: 'partial', enforced, lost: leaving };
  switch (limit.resource) {
    case 'memory':
      return held(`memory and swap together, cgroup ${target.cgroup}, ${byWhom}`);
    case 'cpu':
      return held(`processor bandwidth, cgroup ${target.cgroup}, ${byWhom}`);
    case 'pids':
      return held(`processes and threads, cgroup ${target.cgroup}, ${byWhom}`);
    case 'timeout':
      return {
        rule,
        status: 'partial',
        enforced: '`RuntimeMaxSec=` in the systemd drop-in',
        lost: 'a control group without systemd has no clock',
      };
    case 'disk':
      return { rule, status: 'none', lost: 'no cgroup controller limits disk space' };
    default:
      return {
        rule,
        status: 'partial',
        enforced: 'the systemd drop-in',
        lost: 'a control group without systemd has no limits per process',
      };
  }
}
