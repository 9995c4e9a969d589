/** What became of a message. A reason never holds the URL, which is a secret. */
export type Delivery = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export interface DeliverySettings {
  readonly attempts: number;
  /** Milliseconds that one attempt may take. */
  readonly timeout: number;
  /** Milliseconds before the second attempt; twice as long before each further one. */
  readonly pause: number;
}

const usualDelivery: DeliverySettings = { attempts: 3, timeout: 5000, pause: 300 };

/** The longest that a server may ask to wait (Retry-After), in milliseconds. */
const longestPause = 5000;

/** Posts JSON to a webhook: again where that may help, a bounded number of times. Never throws. */
export async function postWebhook(
  url: string,
  body: unknown,
  { attempts, timeout, pause }: DeliverySettings = usualDelivery,
): Promise<Delivery> {
  const problem = urlProblem(url);
  if (problem !== undefined) return { ok: false, reason: problem };
  let reason = '';
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const answer = await post(url.trim(), JSON.stringify(body), timeout);
    if (answer.ok) return { ok: true };
    reason = answer.reason;
    if (!answer.again || attempt + 1 === attempts) break;
    const wait = Math.min(answer.after ?? pause * 2 ** attempt, longestPause);
    await new Promise((resolve) => setTimeout(resolve, wait * (0.75 + Math.random() / 4)));
  }
  return { ok: false, reason };
}

/** What is wrong with a webhook's URL; plain HTTP is for tests on this machine only. */
export function urlProblem(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    return 'the parameter holds no URL';
  }
  if (url.username !== '' || url.password !== '') return 'the URL holds a user name or password';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol === 'http:' && isLoopback(url.hostname)) return undefined;
  return `the URL is of ${url.protocol.slice(0, -1)}, not of https`;
}

/** URL has made `127.1` and `0x7f.1` of IPv4 one form, and of IPv6 another. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

type Answer =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly again: boolean; readonly after?: number };

async function post(url: string, body: string, timeout: number): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body,
      // Another place would be told what is meant for this one.
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    });
    await response.body?.cancel();
    if (response.ok) return { ok: true };
    const again = response.status === 429 || response.status >= 500;
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    const reason = `it answered ${response.status}`;
    return { ok: false, reason, again, ...(seconds >= 0 ? { after: seconds * 1000 } : {}) };
  } catch (error) {
    return { ok: false, reason: failureReason(error), again: true };
  }
}

/** Of an error only its name: the message of fetch may hold the address. */
function failureReason(error: unknown): string {
  if (!(error instanceof Error)) return 'it could not be reached';
  if (error.name === 'TimeoutError') return 'it did not answer in time';
  const { cause } = error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z_0-9]+$/.test(code)
    ? `it could not be reached (${code})`
    : 'it could not be reached';
}
