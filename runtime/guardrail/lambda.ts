import { AuditFailure, auditStream } from '../audit/log.ts';
import { approvalWays } from './approval/ways.ts';
import type { AwsPort } from './aws/port.ts';
import { endResponses } from './end-responses.ts';
import type { EvaluationOptions } from './evaluate.ts';
import { type HttpResponse, handleApproval } from './http.ts';
import { slackTeller } from './notify/tell.ts';
import { respondTo } from './respond.ts';
import { type Guardrails, type ResponseWorld, rememberedActions } from './world.ts';

/** What the handler is made of. */
export interface LambdaSettings {
  readonly guardrails: Guardrails;
  /** What budgets count and what was spent before, as far as the build was told. */
  readonly known?: Pick<EvaluationOptions, 'budgetMap' | 'history'>;
  readonly port: AwsPort;
  /** Where the function URL leads, for links; commands stand in messages without it. */
  readonly approvalUrl: string | undefined;
  /** Writes lines of the audit log to where Lambda keeps logs. */
  readonly write: (text: string) => void;
  readonly now: () => number;
  /** The function's name, which acts. */
  readonly actor: string;
}

/** What a function URL gets back (payload format 2.0). */
export interface FunctionUrlResponse {
  readonly statusCode: number;
  readonly headers: HttpResponse['headers'];
  readonly body: string;
}

/**
 * The handler for AWS Lambda: requests to its function URL, the schedule that ends responses, and whatever else comes is a
 * cost event. It rejects where something could not be done, so that Lambda tries the event again and then keeps it in the
 * queue for failures; all that it does can be done again.
 *
 * Sources: "Invoking Lambda function URLs" and "Asynchronous invocation", AWS Lambda developer guide; "Scheduled events",
 * Amazon EventBridge user guide.
 */
export function lambdaHandler(settings: LambdaSettings): (event: unknown) => Promise<FunctionUrlResponse | undefined> {
  const { guardrails, known = {}, port, approvalUrl, write, now, actor } = settings;
  const world: ResponseWorld = {
    port,
    audit: auditStream(write, rememberedActions),
    tell: slackTeller(port),
    now,
    actor,
    dryRun: false,
    ways: approvalWays(approvalUrl),
  };
  return async (event) => {
    const http = functionUrlRequest(event);
    if (http !== undefined) {
      const { status, headers, body } = await handleApproval(http, guardrails, world);
      return { statusCode: status, headers, body };
    }
    const problems = isSchedule(event)
      ? await endExpired(guardrails, world)
      : await respond(event, guardrails, world, known);
    if (problems.length > 0) throw new Error(`cost guardrails: ${problems.join('; ')}`);
    return undefined;
  };
}

async function endExpired(guardrails: Guardrails, world: ResponseWorld): Promise<readonly string[]> {
  const { ended, diagnostics } = await endResponses({ expired: true }, guardrails, world);
  const found = [...diagnostics, ...ended.flatMap((each) => each.diagnostics)];
  const incomplete = ended.filter(({ complete }) => !complete).map(({ policy }) => `${policy} is not wholly ended`);
  return [...errorsOf(found), ...incomplete];
}

async function respond(
  event: unknown,
  guardrails: Guardrails,
  world: ResponseWorld,
  known: NonNullable<LambdaSettings['known']>,
): Promise<readonly string[]> {
  try {
    const { events, diagnostics } = await respondTo(JSON.stringify(event) ?? '', 'event', guardrails, world, known);
    return errorsOf([
      ...diagnostics,
      ...events.flatMap(({ policies }) => policies.flatMap((each) => each.diagnostics)),
    ]);
  } catch (error) {
    if (!(error instanceof AuditFailure)) throw error;
    return [`the audit log cannot be written: ${error.message}`];
  }
}

function errorsOf(
  diagnostics: readonly { readonly severity: string; readonly code: string; readonly message: string }[],
) {
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ code, message }) => `${code} ${message}`);
}

/** EventBridge's own schedules, and those of EventBridge Scheduler, which send what they were told to. */
function isSchedule(event: unknown): boolean {
  const fields = fieldsOf(event);
  return (
    (fields.source === 'aws.events' && fields['detail-type'] === 'Scheduled Event') ||
    fields.polc === 'rollback-expired'
  );
}

function functionUrlRequest(event: unknown) {
  const { requestContext, rawPath, rawQueryString, body, isBase64Encoded } = fieldsOf(event);
  const context = fieldsOf(requestContext);
  const { method } = fieldsOf(context.http);
  if (typeof method !== 'string' || typeof rawPath !== 'string') return undefined;
  const text = typeof body === 'string' ? body : '';
  // Only where the function URL asks for IAM's authorisation is there anybody to name.
  const { userArn } = fieldsOf(fieldsOf(context.authorizer).iam);
  return {
    method,
    path: rawPath,
    query: typeof rawQueryString === 'string' ? rawQueryString : '',
    body: isBase64Encoded === true ? Buffer.from(text, 'base64').toString('utf8') : text,
    ...(typeof userArn === 'string' ? { user: userArn } : {}),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
