import { AuditFailure } from '../audit/log.ts';
import { AwsFailure } from '../aws/failure.ts';
import { type Answer, answerRequest } from './answer.ts';
import { type Choice, openApproval } from './approval/decide.ts';
import { confirmationPage, messagePage } from './pages.ts';
import type { Guardrails, ResponseWorld } from './world.ts';

export interface HttpRequest {
  readonly method: string;
  /** Without the query: `/approve`. */
  readonly path: string;
  /** As in a URL, without `?`. */
  readonly query: string;
  /** Of a form: `application/x-www-form-urlencoded`. */
  readonly body: string;
  /** Who asks, where the server knows it. */
  readonly user?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** HTML in UTF-8. */
  readonly body: string;
}

/** A token and a name of a form have no more. */
const longestBody = 8192;

const choices: Readonly<Record<string, Choice>> = { '/approve': 'approve', '/reject': 'reject' };

/**
 * The page behind the links of a request. Getting it only shows what would happen, since chat programs fetch links; its
 * button posts, and that decides. Never throws.
 */
export async function handleApproval(
  request: HttpRequest,
  guardrails: Guardrails,
  world: ResponseWorld,
): Promise<HttpResponse> {
  const { path, method, query, body } = request;
  const choice = Object.hasOwn(choices, path) ? choices[path] : undefined;
  if (choice === undefined) return page(404, messagePage('There is nothing here.', []));
  if (method !== 'GET' && method !== 'POST') {
    const refused = page(405, messagePage('This page is read with GET and answered with POST.', []));
    return { ...refused, headers: { ...refused.headers, allow: 'GET, POST' } };
  }
  if (body.length > longestBody || query.length > longestBody) return page(413, messagePage('That is too long.', []));
  const token = new URLSearchParams(method === 'GET' ? query : body).get('token') ?? '';
  try {
    if (method === 'GET') return await show(choice, token, guardrails, world);
    // A link is held by whoever has the message; a name is known only where the server asks for it.
    const answer = await answerRequest(choice, token, guardrails, request.user ?? 'the link of the message', world);
    return answered(answer);
  } catch (error) {
    if (error instanceof AwsFailure) return page(503, messagePage('AWS could not be asked; nothing was done.', []));
    if (error instanceof AuditFailure) {
      return page(
        503,
        messagePage('The audit log cannot be written.', [
          'What was done by then stands in `polc guardrail status`; the same link goes on with an approval that was begun.',
        ]),
      );
    }
    throw error;
  }
}

async function show(
  choice: Choice,
  token: string,
  guardrails: Guardrails,
  world: ResponseWorld,
): Promise<HttpResponse> {
  const opening = await openApproval(token, choice === 'approve' ? guardrails : undefined, world.port, world.now());
  if (!opening.ok) {
    const { message, help } = opening.diagnostic;
    return page(403, messagePage(message, [help]));
  }
  return page(200, confirmationPage(choice, token, opening.open));
}

function answered({ result, policy, outcome, diagnostics }: Answer): HttpResponse {
  const notes = diagnostics.flatMap(({ message, help }) => [message, help]);
  switch (result) {
    case 'approved': {
      if (outcome?.result === 'ended') {
        return page(200, messagePage(`${policy} has responded to this before, and that has ended.`, notes));
      }
      const until = outcome?.expires;
      const end = until === undefined || until === 'never' ? 'A person ends it.' : `It ends at ${until}.`;
      return page(200, messagePage(`Approved: ${policy} has responded.`, [end, ...notes]));
    }
    case 'rejected':
      return page(200, messagePage(`Rejected: ${policy} does nothing.`, notes));
    case 'refused':
      return page(403, messagePage(notes[0] ?? 'The approval does not count.', notes.slice(1)));
    case 'failed':
      return page(502, messagePage('The response could not be carried out.', notes));
    default: {
      const unreachable: never = result;
      return unreachable;
    }
  }
}

function page(status: number, body: string): HttpResponse {
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      // No script, no style, no frame; the form goes back to where it came from.
      'content-security-policy': "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      // The address holds the token.
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    },
    body,
  };
}
