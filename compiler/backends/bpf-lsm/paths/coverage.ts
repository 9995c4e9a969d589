import type { Policy, Rule } from '../../../ir/policy.ts';
import { fileSystemRights, landlockRight } from '../../../tables/landlock.ts';
import type { Target } from '../../../target.ts';
import type { Coverage } from '../../backend.ts';
import { newestListedAbi } from '../../landlock/format.ts';
import { pathGrants } from '../../landlock/path-grants.ts';
import { denialsOf, heldDecision, pathHooks } from './lower.ts';

/** Rights that programs hold where the ABI of the target has them not. */
const held: ReadonlySet<string> = new Set(['truncate']);

/**
 * What programs hold of the decision about paths beside Landlock. Of what Landlock holds they say nothing.
 *
 * @param without the hooks for which there is no program, and why
 * @param once until when they hold nothing
 */
export function pathCoverage(
  policy: Policy,
  target: Target,
  without: ReadonlyMap<string, string>,
  once: string,
): readonly Coverage[] {
  const decision = heldDecision(policy, target);
  if (decision === undefined) return [];
  const hooks = pathHooks(policy, target, 'beside-landlock');
  const missing = (some: readonly string[]) =>
    some.flatMap((hook) => (without.has(hook) ? [`${hook}: ${without.get(hook)}`] : []));
  const answer = (rule: string, enforced: string, losses: readonly string[]): Coverage =>
    losses.length === 0
      ? { rule, status: 'full', enforced: `${enforced}, ${once}` }
      : { rule, status: 'partial', enforced: `${enforced}, ${once}`, lost: losses.join('; ') };
  const answers: Coverage[] = [];
  const truncating = hooks.filter((hook) => hook.endsWith('_truncate'));
  for (const rule of decision.rules) {
    if (rule.effect.kind !== 'allow') {
      if (denialsOf(rule) === undefined) {
        answers.push({ rule: rule.id, status: 'none', lost: 'programs deny beneath paths only' });
      } else answers.push(answer(rule.id, `programs at ${hooks.join(', ')}`, missing(hooks)));
      continue;
    }
    const lacking = lackedBy(rule, target.landlock);
    if (lacking.length > 0 && lacking.every((right) => held.has(right)) && missing(truncating).length === 0) {
      answers.push(answer(rule.id, `Landlock, and programs at ${truncating.join(', ')}`, []));
    }
  }
  const metadata = hooks.filter((hook) => hook === 'path_chmod' || hook === 'path_chown');
  const lacking = fileSystemRights()
    .filter(({ name, abi }) => abi > target.landlock && abi <= newestListedAbi && name !== 'refer')
    .map(({ name }) => name);
  const losses = lacking.filter((right) => !held.has(right)).map((right) => `\`${right}\``);
  const programs = [...(lacking.some((right) => held.has(right)) ? truncating : []), ...metadata].join(', ');
  answers.push(
    answer(
      decision.otherwise.id,
      `Landlock, and programs at ${programs}: a change of mode or owner needs \`write_file\`; times, xattr, stat and chdir nobody asks for`,
      [...losses, ...missing([...truncating, ...metadata])],
    ),
  );
  return answers;
}

/** The rights that a rule grants and the ABI has not. */
function lackedBy({ when }: Rule, abi: number): readonly string[] {
  const named = (pathGrants(when) ?? []).flatMap(
    ({ rights }) =>
      rights ??
      fileSystemRights()
        .filter((right) => right.abi <= newestListedAbi)
        .map(({ name }) => name),
  );
  return [...new Set(named)].filter((right) => (landlockRight(right)?.abi ?? 0) > abi);
}
