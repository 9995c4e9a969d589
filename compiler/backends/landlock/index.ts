import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import { decisionAt, type Policy } from '../../ir/policy.ts';
import {
  fileSystemRights,
  kernelOfLandlockAbi,
  type LandlockRight,
  landlockScopes,
  networkRights,
} from '../../tables/landlock.ts';
import type { Target } from '../../target.ts';
import { validateLandlock } from '../../verify/landlock.ts';
import type { Artifact, Backend, Coverage, SourceMapEntry } from '../backend.ts';
import { heldDecision } from '../bpf-lsm/paths/lower.ts';
import { networkIsolation } from '../network-isolation.ts';
import { partOf } from '../part.ts';
import { landlockAnswers } from './coverage.ts';
import { type AbiEntry, type Masks, mostPortRules, newestListedAbi, type RulesetFile } from './format.ts';
import { pathGrants } from './path-grants.ts';
import { portDemand } from './port-access.ts';
import { type LandlockMasks, type LandlockRuleset, landlockMasks, landlockRuleset, portRights } from './ruleset.ts';

/** Paths, TCP ports and scopes, enforced by the kernel for a process and all that it starts (landlock(7)). */
export const landlock: Backend = {
  name: 'landlock',
  summary: 'Landlock ruleset as JSON, and what each ABI loses',
  byDefault: true,
  applies: (policy) => (['path', 'socket', 'signal'] as const).some((point) => decisionAt(policy, point) !== undefined),
  // What is refused elsewhere says what goes past the rules for ports.
  part: (policy) => partOf(policy, { points: ['path', 'socket', 'signal', 'syscall', 'capability'] }),
  emit(policy, target) {
    const ruleset = landlockRuleset(policy, target.landlock);
    const coverageOf = landlockAnswers(policy, target.architectures);
    return {
      artifacts: [rulesetArtifact(ruleset), byAbiArtifact(policy, coverageOf)],
      coverage: coverageOf(ruleset),
      diagnostics: diagnostics(policy, target),
      summary: summary(ruleset),
    };
  },
  validate: (policy, target, artifacts) => validateLandlock(policy, target.landlock, artifacts),
};

function rulesetArtifact(ruleset: LandlockRuleset): Artifact {
  const file: RulesetFile = {
    abi: ruleset.abi,
    handled: {
      access_fs: namesOf(fileSystemRights(), ruleset.handledPaths),
      access_net: namesOf(networkRights(), ruleset.handledPorts),
      scoped: namesOf(landlockScopes(), ruleset.scoped),
    },
    masks: masksOf(ruleset),
    path_beneath: ruleset.paths.map(({ path, glob, optional, access, fileAccess }) => ({
      path,
      glob,
      optional,
      rights: namesOf(fileSystemRights(), access),
      allowed_access: Number(access),
      file_allowed_access: Number(fileAccess),
    })),
    net_port: ruleset.ports.map(({ port, access }) => ({
      port,
      rights: namesOf(networkRights(), access),
      allowed_access: Number(access),
    })),
  };
  const sourceMap: SourceMapEntry[] = [];
  ruleset.paths.forEach(({ rules }, index) => {
    for (const rule of rules) sourceMap.push({ at: `/path_beneath/${index}`, rule: rule.id, span: rule.origin.span });
  });
  ruleset.ports.forEach(({ rules }, index) => {
    for (const rule of rules) sourceMap.push({ at: `/net_port/${index}`, rule: rule.id, span: rule.origin.span });
  });
  return { path: 'ruleset.json', content: `${JSON.stringify(file, undefined, 2)}\n`, sourceMap };
}

function byAbiArtifact(policy: Policy, coverageOf: (masks: LandlockMasks) => readonly Coverage[]): Artifact {
  const entries: AbiEntry[] = [];
  const masksAt = landlockMasks(policy);
  for (let abi = 1; abi <= newestListedAbi; abi += 1) {
    const masks = masksAt(abi);
    const { major, minor } = kernelOfLandlockAbi(abi)!;
    const lost: string[] = [];
    for (const answer of coverageOf(masks)) {
      if (answer.lost !== undefined) lost.push(`${answer.rule}: ${answer.lost}`);
    }
    entries.push({ abi, kernel: `${major}.${minor}`, masks: masksOf(masks), lost });
  }
  return { path: 'by-abi.json', content: `${JSON.stringify(entries, undefined, 2)}\n`, sourceMap: [] };
}

function masksOf(ruleset: LandlockMasks): Masks {
  return {
    handled_access_fs: Number(ruleset.handledPaths),
    handled_access_net: Number(ruleset.handledPorts),
    scoped: Number(ruleset.scoped),
  };
}

function namesOf(rights: readonly LandlockRight[], mask: bigint): readonly string[] {
  return rights.filter((right) => (right.bit & mask) !== 0n).map((right) => right.name);
}

const withPrograms =
  'let programs of the kernel hold it beside Landlock, on a target that takes them (`--target bpf-lsm=yes`, or `target: { bpf-lsm: true }` in polc.config.yaml), or write what is allowed as rights beneath paths';

function diagnostics(policy: Policy, target: Target): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const rule of decisionAt(policy, 'path')?.rules ?? []) {
    const grants = pathGrants(rule.when);
    if (rule.effect.kind === 'allow' && grants !== undefined) continue;
    // Programs of the kernel take back what Landlock cannot.
    const denies = rule.effect.kind === 'deny' && grants !== undefined;
    if (denies && heldDecision(policy, target) !== undefined) continue;
    const holdable = denies && heldDecision(policy, { ...target, bpfLsm: true }) !== undefined;
    found.push(report('POL6040', rule.origin.span, { topic: rule.topic }, holdable ? { help: withPrograms } : {}));
  }
  const socket = decisionAt(policy, 'socket');
  // A network namespace refuses what Landlock leaves alone, and coverage says which.
  if (socket !== undefined && target.landlock >= 4 && networkIsolation(socket) === 'shared') {
    for (const [operation] of portRights) {
      if (portDemand(socket, operation).plan !== 'too-many') continue;
      found.push(report('POL6041', socket.otherwise.origin.span, { operation, most: mostPortRules }));
    }
  }
  return found;
}

function summary({ abi, paths, ports }: LandlockRuleset): string {
  const parts = [`ABI ${abi}`];
  if (paths.length > 0) parts.push(`${paths.length} path${paths.length === 1 ? '' : 's'}`);
  if (ports.length > 0) parts.push(`${ports.length} port${ports.length === 1 ? '' : 's'}`);
  return parts.join(' · ');
}
