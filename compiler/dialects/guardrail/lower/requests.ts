import { report } from '../../../diagnostics/report.ts';
import { matchesGlob } from '../../../expressions/glob.ts';
import { and, attribute, inSet, type Predicate } from '../../../expressions/predicate.ts';
import type { Decision, Rule } from '../../../ir/policy.ts';
import type { Located } from '../../../schema/shape.ts';
import { siblingsOf } from '../../../tables/cost-siblings.ts';
import { destructiveActions } from '../../../tables/destructive-actions.ts';
import { isGlobalAction } from '../../../tables/global-services.ts';
import type { AwsPartition } from '../../../target.ts';
import type { ActionPattern } from '../action-pattern.ts';
import { addItems } from './add-items.ts';
import { checkRegions, distinct, type Lowering, listed, originOf, refuseEmpty } from './lowering.ts';

/** An entry of a deny list, by its place in the policy: `actions[0].deny[1]`. */
interface Denied extends ActionPattern {
  readonly topic: string;
  /** The list that it stands in. */
  readonly list: Located<readonly Located<ActionPattern>[]>;
}

/**
 * The decision at `aws-request`: what the deny lists of all actions deny together, in the regions of the scope.
 * Undefined where nothing is denied.
 */
export function lowerRequests(lowering: Lowering): Decision | undefined {
  const { document, diagnostics } = lowering;
  const regions = document.scope?.value.regions;
  refuseEmpty(regions, 'scope.regions', lowering);
  if (regions !== undefined) checkRegions(regions.value, lowering);
  const within = regions === undefined ? [] : distinct(regions.value, (region) => region, lowering);
  const entries = denyLists(lowering);
  if (regions !== undefined && entries.length === 0 && document.actions !== undefined) {
    diagnostics.push(report('POL5063', regions.key ?? regions.span, {}));
  }
  const safe = entries.filter((entry) => !isDangerous(entry, lowering));
  checkGlobal(safe, within, lowering);
  checkSiblings(safe, lowering);
  if (entries.length === 0) return undefined;
  const inRegions =
    within.length === 0
      ? []
      : [
          inSet(
            attribute('region'),
            within.map(({ value }) => value),
          ),
        ];
  const rules = entries.map(
    ({ value, span }, index): Rule => ({
      id: `aws-request/${index}`,
      topic: value.topic,
      origin: originOf(span, lowering),
      when: and(isAction(value), ...inRegions),
      effect: { kind: 'deny' },
    }),
  );
  const actions = document.actions!;
  return {
    point: 'aws-request',
    combine: 'deny-overrides',
    rules,
    otherwise: {
      id: 'aws-request/otherwise',
      topic: 'actions',
      origin: originOf(actions.key ?? actions.span, lowering),
      effect: { kind: 'allow' },
    },
  };
}

function isAction({ pattern, wildcard }: ActionPattern): Predicate {
  const action = attribute('action');
  return wildcard ? { kind: 'glob', term: action, pattern } : inSet(action, [pattern]);
}

function denyLists(lowering: Lowering): readonly Located<Denied>[] {
  const all = (lowering.document.actions?.value ?? []).flatMap(({ value: { type, deny } }, index) => {
    if (type?.value !== 'attach_deny_policy' || deny === undefined) return [];
    refuseEmpty(deny, `actions[${index}].deny`, lowering);
    return deny.value.map((entry, at) => ({
      ...entry,
      value: { ...entry.value, topic: `actions[${index}].deny[${at}]`, list: deny },
    }));
  });
  return withoutCovered(
    distinct(all, ({ pattern }) => pattern, lowering),
    lowering,
  );
}

/** The entries without those that a wildcard of another one stands for, which are reported. */
function withoutCovered(entries: readonly Located<Denied>[], { diagnostics }: Lowering): readonly Located<Denied>[] {
  return entries.filter((entry) => {
    const wider = entries.find((other) => other !== entry && isWithin(entry.value, other.value));
    if (wider === undefined) return true;
    const related = [{ span: wider.span, label: 'denies it already' }];
    diagnostics.push(report('POL5050', entry.span, {}, { related }));
    return false;
  });
}

/** Whether the second stands for all that the first does; between two with wildcards, where that is plain to see. */
function isWithin(inner: Denied, outer: Denied): boolean {
  if (!outer.wildcard || (inner.wildcard && outer.pattern.includes('?'))) return false;
  return matchesGlob(inner.pattern, outer.pattern);
}

/** Reports what would keep people from deleting data, by what the entry means rather than how it is spelled. */
function isDangerous({ value, span }: Located<Denied>, { diagnostics }: Lowering): boolean {
  const found = destructiveActions().filter((action) =>
    value.wildcard ? matchesGlob(action.toLowerCase(), value.pattern) : action.toLowerCase() === value.pattern,
  );
  const [first] = found;
  if (first === undefined) return false;
  const label = found.length === 1 ? 'stands for it' : `stands for ${listed(found)}`;
  diagnostics.push(report('POL5035', span, { action: first }, value.wildcard ? { label } : {}));
  return true;
}

/** Where the endpoint of a global service stands, which is the region that its requests name. Source: IAM endpoints. */
const globalRegion: Readonly<Record<AwsPartition, string>> = {
  aws: 'us-east-1',
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
};

function checkGlobal(
  entries: readonly Located<Denied>[],
  regions: readonly Located<string>[],
  { document, target, diagnostics }: Lowering,
): void {
  const home = globalRegion[target.aws.partition];
  const place = document.scope?.value.regions;
  if (place === undefined || regions.length === 0) return;
  const effect = regions.some(({ value }) => value === home) ? 'denied in every region' : 'denied nowhere';
  for (const { value, span } of entries) {
    const global = value.actions.filter(isGlobalAction);
    if (global.length === 0) continue;
    const related = [{ span: place.span, label: 'the regions that are meant' }];
    diagnostics.push(report('POL5036', span, { actions: listed(global), region: home, effect }, { related }));
  }
}

/**
 * Says which actions reach the same spending and stay allowed; each is named once. An entry that reaches what an earlier
 * one does is there for its sake: its own siblings are not asked for, or there would be no end to them.
 */
function checkSiblings(entries: readonly Located<Denied>[], lowering: Lowering): void {
  const reached = new Set<string>();
  const isDenied = (action: string) => entries.some(({ value }) => matchesGlob(action.toLowerCase(), value.pattern));
  for (const { value, span } of entries) {
    const siblings = [...new Set(value.actions.flatMap(siblingsOf))];
    const forEarlier = value.actions.some((action) => reached.has(action));
    const open = forEarlier ? [] : siblings.filter((action) => !reached.has(action) && !isDenied(action));
    for (const action of siblings) reached.add(action);
    if (open.length === 0) continue;
    const fix = addItems(value.list.node, open, lowering.sources);
    lowering.diagnostics.push(
      report(
        'POL5037',
        span,
        { action: value.written, siblings: listed(open) },
        {
          notes: open.length > 3 ? [`still pass: ${open.join(', ')}`] : [],
          fixes: fix === undefined ? [] : [{ title: `deny ${listed(open)} too`, certain: false, edits: [fix] }],
        },
      ),
    );
  }
}
