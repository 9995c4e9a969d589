import type { ApplyOutcome, ChangingCall } from '../../runtime/guardrail/outcome.ts';
import type { Plan } from '../../runtime/guardrail/plan.ts';
import type { PolicyResponse } from '../../runtime/guardrail/respond.ts';

/** What a policy did, in one line for people. */
export function responseText({ policy, result, missing, why, outcome, plan }: PolicyResponse): string {
  switch (result) {
    case 'undecided':
      return `? ${policy} cannot be decided: ${(missing ?? []).join(', ')} is not known`;
    case 'held':
      return `✘ ${policy} does not act by itself: the event is ${why}`;
    case 'would_respond':
      return `· ${policy} ${wouldText(plan?.mode, outcome)}`;
    case 'asked':
      return `✔ ${policy} asks for approval`;
    case 'waiting':
      return `✔ ${policy} waits for the approval that it asked for before`;
    case 'answered':
      return `✔ ${policy} does nothing: the breach was acted on, approved or rejected before`;
    case 'acted':
      return `✔ ${policy} ${outcome === undefined ? 'has responded' : outcomeText(outcome)}`;
    case 'failed':
      return `✘ ${policy} could not respond`;
    default: {
      const unreachable: never = result;
      return unreachable;
    }
  }
}

/** How many policies let an event pass, in one line for people; empty where none does. */
export function passedText(passed: number): string {
  if (passed === 0) return '';
  return passed === 1 ? '✘ 1 policy lets the event pass\n' : `✘ ${passed} policies let the event pass\n`;
}

function wouldText(mode: Plan['mode'] | undefined, outcome: ApplyOutcome | undefined): string {
  if (mode === 'manual') return 'would ask for approval';
  if (outcome === undefined) return `would respond${mode === 'dry-run' ? ' (dry_run)' : ''}`;
  return outcomeText(outcome);
}

export function outcomeText({ result, expires, dryRun }: ApplyOutcome): string {
  const until = expires === undefined ? '' : expires === 'never' ? ', until a person ends it' : `, until ${expires}`;
  const would = dryRun ? 'would ' : '';
  switch (result) {
    case 'applied':
      return `${dryRun ? 'would respond' : 'has responded'}${until}`;
    case 'extended':
      return `${would}${dryRun ? 'extend' : 'has extended'} its response${until}`;
    case 'unchanged':
      return `has responded to this breach before${until}`;
    case 'ended':
      return 'has responded to this breach before, and that has ended';
    case 'failed':
      return `${would}fail${dryRun ? '' : 'ed'}, and left nothing behind`;
    default: {
      const unreachable: never = result;
      return unreachable;
    }
  }
}

/** One line a call, indented below what it belongs to. */
export function callLines(calls: readonly ChangingCall[]): string {
  return calls
    .map(({ action, on, with: value }) => `    ${action}  ${on}${value === undefined ? '' : ` → ${value}`}\n`)
    .join('');
}
