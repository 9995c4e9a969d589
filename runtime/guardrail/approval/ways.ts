import type { ApprovalWays } from '../notify/message.ts';
import { urlProblem } from '../notify/webhook.ts';

/**
 * How whoever holds a token answers: by links to the page at a base URL, or by commands where there is none.
 *
 * @param base such as a function URL of Lambda; what is no URL of https counts as none
 */
export function approvalWays(base: string | undefined): (token: string) => ApprovalWays {
  if (base !== undefined && base !== '' && urlProblem(base) === undefined) {
    const { origin, pathname } = new URL(base);
    const folder = `${origin}${pathname.replace(/\/+$/, '')}`;
    // What could end the link in a message is written in its escaped form by URL already.
    return (token) => ({
      kind: 'links',
      approve: `${folder}/approve?token=${token}`,
      reject: `${folder}/reject?token=${token}`,
    });
  }
  return (token) => ({
    kind: 'commands',
    approve: `polc guardrail approve ${token}`,
    reject: `polc guardrail reject ${token}`,
  });
}
