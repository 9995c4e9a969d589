import type { Sources } from '../../compiler/diagnostics/render/sources.ts';
import { visible } from '../../compiler/diagnostics/render/width.ts';
import { shorten } from '../../compiler/schema/scalars.ts';
import type { Span } from '../../compiler/source/span.ts';
import { positionAt } from '../../compiler/source/text.ts';
import type { CostEvent } from '../../runtime/guardrail/cost-event.ts';
import type { PlannedResponse } from '../../runtime/guardrail/plan.ts';
import { type PlannedAction, plannedActions } from './plan-fields.ts';
import type { Reason, SimulatedEvent, SimulatedPolicy } from './simulation.ts';

/** What `polc simulate` prints for people. */
export function simulationText(simulated: readonly SimulatedEvent[], at: string, sources: Sources): string {
  const lines = simulated.flatMap(({ event, policies }, index) => {
    const title = `event ${index + 1} of ${simulated.length}: ${event.source}, ${event.subject}, ${event.period}`;
    const head = simulated.length === 1 ? [] : [...(index === 0 ? [] : ['']), visible(title)];
    return [...head, ...policies.flatMap((policy) => policyLines(policy, event, at, sources))];
  });
  return `${lines.join('\n')}\n`;
}

function policyLines(simulated: SimulatedPolicy, event: CostEvent, at: string, sources: Sources): readonly string[] {
  const { policy, outcome, plan, reasons } = simulated;
  const lines = reasons.flatMap((reason) => reasonLines(reason, at, sources));
  switch (outcome) {
    case 'matches':
      return [`✔ ${policy.name} matches`, ...(plan === undefined ? [] : planLines(plan, simulated))];
    case 'held': {
      const place = placeText(event.places.get('date'), sources);
      const why = visible(`    ${place}   the event is ${simulated.held ?? ''}`);
      return [
        `✘ ${policy.name} matches, and does not act`,
        why,
        ...(plan === undefined ? [] : planLines(plan, simulated)),
      ];
    }
    case 'passes':
      return [`✘ ${policy.name} does not match`, ...lines];
    case 'exempt':
      return [`✘ ${policy.name} does not respond: the event is exempt`, ...lines];
    case 'unknown':
      return [`? ${policy.name} cannot be decided`, ...lines];
    case 'disabled':
      return [`- ${policy.name} is switched off`];
    default: {
      const unreachable: never = outcome;
      return unreachable;
    }
  }
}

function planLines(plan: PlannedResponse, { policy }: SimulatedPolicy): readonly string[] {
  const actions = plannedActions(plan, policy.policy);
  return [...actions.flatMap(actionLines), `    ${modeText(plan)}${expiryText(plan)}`].map(visible);
}

function actionLines(action: PlannedAction): readonly string[] {
  switch (action.type) {
    case 'attach_deny_policy': {
      const where = action.regions === undefined ? '' : ` in ${action.regions.join(', ')}`;
      const targets = action.principals.map((principal) => `    attach_deny_policy → ${principal}`);
      return [...targets, `      deny ${action.deny.join(', ')}${where}`];
    }
    case 'set_permission_boundary':
      return [
        ...action.principals.map((principal) => `    set_permission_boundary → ${principal}`),
        `      boundary ${action.boundary_arn}`,
      ];
    case 'send_sns':
      return [`    send_sns → ${action.topic_arn}`];
    case 'notify_only':
      return ['    notify_only'];
    default: {
      const unreachable: never = action;
      return unreachable;
    }
  }
}

function modeText({ mode }: PlannedResponse): string {
  switch (mode) {
    case 'dry-run':
      return 'mode dry_run (only tells)';
    case 'manual':
      return 'mode manual (asks for approval, expires in 1 h)';
    case 'auto':
      return 'mode auto (acts at once)';
    default: {
      const unreachable: never = mode;
      return unreachable;
    }
  }
}

function expiryText({ ttlMinutes, denied, boundaries }: PlannedResponse): string {
  if (denied.length + boundaries.length === 0) return '';
  return ttlMinutes === 0 ? ' · stays until a person rolls it back' : ` · rolled back after ${ttlMinutes} min`;
}

function reasonLines({ condition, eventSpan, eventText }: Reason, at: string, sources: Sources): readonly string[] {
  const { file, line, column, start, end } = condition.at;
  const field = condition.topic.slice(condition.topic.lastIndexOf('.') + 1);
  const written = sources(file)?.text.slice(start, end) ?? '';
  const isTime = condition.topic.startsWith('exceptions.time_windows');
  const rows = [
    [`${file}:${line}:${column}`, written === '' ? field : `${field}: ${shorten(written)}`],
    [isTime ? at : placeText(eventSpan, sources), eventText],
  ] as const;
  const width = Math.max(...rows.map(([place]) => place.length));
  return rows.map(([place, text]) => visible(`    ${place.padEnd(width)}   ${text}`));
}

function placeText(span: Span | undefined, sources: Sources): string {
  if (span === undefined) return 'the event';
  const source = sources(span.file);
  const name = span.file === '-' ? 'standard input' : span.file;
  if (source === undefined) return name;
  const { line, column } = positionAt(source, span.start);
  return `${name}:${line + 1}:${column + 1}`;
}
