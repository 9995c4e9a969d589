import type { AwsFailure } from '../../aws/failure.ts';

/** What to do about a call that failed; undefined where nothing more is known than what AWS says. */
export function nextStep({
  action,
  code,
  message,
  transient,
}: Pick<AwsFailure, 'action' | 'code' | 'message' | 'transient'>): string | undefined {
  if (/^AccessDenied|^UnauthorizedOperation/.test(code)) {
    return `allow \`${action}\` to the role that polc runs as; “What AWS has to allow” in docs/guardrails.md lists what it needs`;
  }
  if (/ExpiredToken|InvalidClientTokenId|CredentialsProviderError|SignatureDoesNotMatch/.test(code)) {
    return 'give polc credentials that are valid, in the way that the AWS SDKs read them';
  }
  // The SDK finds out before any call: a plain Error without a code of AWS.
  if (/^Region (is missing|not accepted)/.test(message))
    return 'set `AWS_REGION` to the region of the guardrails, always the same one';
  return transient ? 'try again: it was tried several times, and AWS was busy or not to be reached' : undefined;
}
