import { AwsFailure } from '../../aws/failure.ts';
import type { AwsPort } from '../aws/port.ts';
import { type News, slackMessage } from './message.ts';
import { type Delivery, postWebhook } from './webhook.ts';

/** Sends one message to the webhook whose URL a parameter holds. Never throws. */
export type Teller = (parameter: string, news: News) => Promise<Delivery>;

/** Tells people through Slack; the URL is read each time, so that a new one counts at once. */
export function slackTeller(port: Pick<AwsPort, 'parameter'>, post = postWebhook): Teller {
  return async (parameter, news) => {
    let url: string | undefined;
    try {
      url = await port.parameter(parameter);
    } catch (error) {
      if (!(error instanceof AwsFailure)) throw error;
      return { ok: false, reason: `the parameter cannot be read (${error.code})` };
    }
    if (url === undefined) return { ok: false, reason: 'there is no such parameter' };
    return post(url, slackMessage(news));
  };
}
