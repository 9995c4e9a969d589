import type { Artifact, Validation } from '../backends/backend.ts';
import { newestListedAbi } from '../backends/landlock/format.ts';
import { decide } from '../ir/evaluate.ts';
import { decisionAt, type Policy } from '../ir/policy.ts';
import { landlockMask, landlockScopes } from '../tables/landlock.ts';
import { Comparison, LandlockDifference } from './landlock-comparison.ts';
import { comparePaths } from './landlock-paths.ts';
import { comparePorts } from './landlock-ports.ts';
import { list, parseLandlock, type ReadRuleset, readMasks, readRuleset, record } from './landlock-reader.ts';

/**
 * Reads the ruleset back and asks it and the policy the same questions: every right at every path that either names,
 * above, below and beside it; every TCP port on either side of every boundary; and both scopes. With literal paths
 * that is every path: whatever lies between two named paths gets the answer of the upper one.
 */
export function validateLandlock(policy: Policy, abi: number, artifacts: readonly Artifact[]): Validation {
  const method = 'every right at every named path and its neighbours, every TCP port boundary, both scopes';
  const comparison = new Comparison();
  try {
    const ruleset = readRuleset(parseLandlock(artifacts, 'ruleset.json'));
    comparison.same('abi', ruleset.abi, abi);
    comparePaths(decisionAt(policy, 'path'), ruleset, abi, comparison);
    comparePorts(decisionAt(policy, 'socket'), ruleset, abi, comparison);
    compareScopes(policy, ruleset.scoped, abi, comparison);
    compareByAbi(policy, parseLandlock(artifacts, 'by-abi.json'), ruleset, abi, comparison);
    const patterns = ruleset.paths.some((entry) => entry.glob);
    return { status: patterns ? 'tested' : 'proven', method, compared: comparison.count };
  } catch (problem) {
    if (!(problem instanceof LandlockDifference)) throw problem;
    return { status: 'refused', method, compared: comparison.count, counterexample: problem.message };
  }
}

function compareScopes(policy: Policy, found: bigint, abi: number, comparison: Comparison): void {
  for (const scope of landlockScopes()) {
    const decision = decisionAt(policy, scope.name === 'signal' ? 'signal' : 'socket');
    const known: Readonly<Record<string, string | boolean>> = {
      ...(scope.name === 'signal' ? {} : { operation: 'connect', protocol: 'unix-abstract' }),
      outside: true,
    };
    const verdict =
      decision && decide(decision, { attribute: (name) => known[name], parameter: () => undefined })?.effect.kind;
    comparison.same(`scope ${scope.name}`, (found & scope.bit) !== 0n, verdict === 'deny' && scope.abi <= abi);
  }
}

/** Each ABI must handle what the newest one handles, cut to the rights that it has. */
function compareByAbi(policy: Policy, value: unknown, ruleset: ReadRuleset, abi: number, comparison: Comparison): void {
  const entries = list(value, 'by-abi.json').map((entry) => record(entry, 'by-abi.json'));
  comparison.same('ABIs listed', entries.length, newestListedAbi);
  const newest = readMasks(entries.at(-1)!.masks);
  const everyPath = decisionAt(policy, 'path')?.otherwise.effect.kind === 'deny';
  comparison.same('the newest path mask', newest.paths, everyPath ? landlockMask('fs', newestListedAbi) : 0n);
  entries.forEach((entry, index) => {
    const masks = readMasks(entry.masks);
    comparison.same(`ABI in place ${index}`, entry.abi, index + 1);
    comparison.same(`path mask of ABI ${index + 1}`, masks.paths, newest.paths & landlockMask('fs', index + 1));
    comparison.same(`port mask of ABI ${index + 1}`, masks.ports, newest.ports & landlockMask('net', index + 1));
    comparison.same(`scopes of ABI ${index + 1}`, masks.scoped, newest.scoped & landlockMask('scope', index + 1));
    if (index + 1 !== abi) return;
    comparison.same('port mask', masks.ports, ruleset.handledPorts);
    comparison.same('scopes', masks.scoped, ruleset.scoped);
  });
}
