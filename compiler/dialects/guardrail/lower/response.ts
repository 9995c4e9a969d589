import { report } from '../../../diagnostics/report.ts';
import { type ResponseMode, usualEventAge } from '../../../ir/obligation.ts';
import type { Obligation } from '../../../ir/policy.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Span } from '../../../source/span.ts';
import { readActions } from './actions.ts';
import { type Lowering, originOf } from './lowering.ts';
import { lowerNotify } from './notify.ts';
import { restrictedPrincipals } from './principals.ts';

const modes: Readonly<Record<'dry_run' | 'manual' | 'auto', ResponseMode>> = {
  dry_run: 'dry-run',
  manual: 'manual',
  auto: 'auto',
};

/** The obligations: how far the response goes by itself, whom it restricts and how, who is told, and when it ends. */
export function lowerResponse(lowering: Lowering): readonly Obligation[] {
  const { document, diagnostics } = lowering;
  const { mode, ttl_minutes: ttl } = document;
  const principals = restrictedPrincipals(lowering);
  const { denies, boundary, topics } = readActions(lowering);
  const obligations: Obligation[] = [];
  const from = (id: string, topic: string, span: Span) => ({ id, topic, origin: originOf(span, lowering) });

  if (mode !== undefined) {
    obligations.push({
      ...from('respond', 'mode', mode.span),
      kind: 'respond',
      mode: modes[mode.value],
      withinMinutes: document.max_event_age?.value ?? usualEventAge,
    });
  }
  if (denies !== undefined) {
    for (const { value, span } of principals) {
      const node = from(`attach-deny/${value.index}`, `scope.principals[${value.index}]`, span);
      obligations.push({ ...node, kind: 'attach-deny', principal: value.arn.text });
    }
  }
  if (boundary !== undefined) {
    const { index, arn } = boundary.value;
    for (const { value, span } of principals) {
      if (arn.account !== 'aws' && arn.account !== value.arn.account) {
        const related = [{ span, label: 'the principal' }];
        diagnostics.push(report('POL5057', boundary.span, { account: value.arn.account }, { related }));
      }
      const node = from(`set-boundary/${value.index}`, `actions[${index}].boundary_arn`, boundary.span);
      obligations.push({ ...node, kind: 'set-boundary', principal: value.arn.text, boundary: arn.text });
    }
  }
  for (const { value, span } of topics) {
    const node = from(`publish/${value.index}`, `actions[${value.index}].topic_arn`, span);
    obligations.push({ ...node, kind: 'publish', topicArn: value.arn.text });
  }
  obligations.push(...lowerNotify(lowering));
  if (ttl !== undefined && ttl.value > 0) {
    obligations.push({ ...from('expire', 'ttl_minutes', ttl.span), kind: 'expire', afterMinutes: ttl.value });
  }
  if (ttl?.value === 0 && mode !== undefined && mode.value !== 'dry_run') checkEndless(ttl);
  return obligations;

  function checkEndless({ span }: Located<number>): void {
    const restricts = denies ?? boundary;
    if (restricts === undefined) return;
    const related = [{ span: restricts.span, label: 'stays in force' }];
    diagnostics.push(report('POL5044', span, {}, { related }));
  }
}
