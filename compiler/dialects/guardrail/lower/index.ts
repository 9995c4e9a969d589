import { report } from '../../../diagnostics/report.ts';
import type { Decision, Policy } from '../../../ir/policy.ts';
import type { Span } from '../../../source/span.ts';
import { lowerExemptions } from './exemptions.ts';
import { type Lowering, originOf } from './lowering.ts';
import { lowerMatch } from './match.ts';
import { lowerRequests } from './requests.ts';
import { lowerResponse } from './response.ts';
import { checkSources } from './sources.ts';

/**
 * The meaning of a guardrail: the decision at `cost-event` lets an event pass where an exemption holds or a condition of
 * `match` does not, and else calls for the response, which is the obligations and what the decision at `aws-request`
 * denies.
 */
export function lowerGuardrail(lowering: Lowering): Policy {
  const { document, path, diagnostics } = lowering;
  const name = checkName(lowering);
  const rules = [...lowerExemptions(lowering), ...lowerMatch(lowering)].map((rule, index) => ({
    id: `cost-event/${index}`,
    ...rule,
  }));
  checkSources(lowering);
  const requests = lowerRequests(lowering);
  const obligations = lowerResponse(lowering);
  const off = switchedOff(lowering);
  if (off !== undefined) {
    diagnostics.push(report('POL5046', off, {}));
    return { name, decisions: [costEvent([], 'allow', 'enabled', off)], limits: [], obligations: [] };
  }
  const whole = { file: path, start: 0, end: 0 };
  const respond = costEvent(rules, 'deny', 'match', document.match?.key ?? whole);
  return { name, decisions: requests === undefined ? [respond] : [respond, requests], limits: [], obligations };

  function costEvent(of: Decision['rules'], effect: 'allow' | 'deny', topic: string, span: Span): Decision {
    return {
      point: 'cost-event',
      combine: 'union-of-allows',
      rules: of,
      otherwise: { id: 'cost-event/otherwise', topic, origin: originOf(span, lowering), effect: { kind: effect } },
    };
  }
}

/** The policy's id, after which its file should be named: the runtime and people look for it there. */
function checkName({ document, path, diagnostics }: Lowering): string {
  const stem = (path.split('/').at(-1) ?? path).replace(/\.[^.]*$/, '');
  const id = document.policy_id;
  if (id === undefined) return /^[A-Za-z0-9._-]+$/.test(stem) ? stem : 'policy';
  if (stem !== id.value) diagnostics.push(report('POL5045', id.span, { id: id.value, file: `${id.value}.yaml` }));
  return id.value;
}

/** What switches the policy off: `enabled: false`, or the folder that it lies in. */
function switchedOff({ document, path }: Lowering): Span | undefined {
  const { enabled, policy_id: id } = document;
  if (enabled?.value === false) return enabled.span;
  if (path.split('/').at(-2) !== 'disabled') return undefined;
  return id?.span ?? { file: path, start: 0, end: 0 };
}
