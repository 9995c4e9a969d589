import type { SNSClient } from '@aws-sdk/client-sns';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Pace } from '../../aws/retry.ts';
import { attempt, type ClientSettings, optional, orUndefined, pages } from '../../aws/sdk-calls.ts';
import type { AwsPort } from './port.ts';
import { iamCalls } from './sdk-iam.ts';

type Ssm = typeof import('@aws-sdk/client-ssm');
type Sns = typeof import('@aws-sdk/client-sns');

export interface SdkOptions {
  /** Milliseconds for one attempt of a call. */
  readonly timeout?: number;
  /** How often a call is tried that AWS throttled or that did not reach it. */
  readonly attempts?: number;
  /** How long the calls wait that have to be tried again until IAM has caught up with itself. */
  readonly pace?: Pace;
}

const connectionTimeout = 3000;

/** The AWS CLI and the SDKs of other languages read AWS_DEFAULT_REGION too; that for JavaScript reads AWS_REGION only. */
function commandLineRegion({ AWS_REGION, AWS_DEFAULT_REGION: region }: NodeJS.ProcessEnv): {
  readonly region?: string;
} {
  return AWS_REGION || !region ? {} : { region };
}

/**
 * AWS through its SDK, whose clients are loaded at the first call that needs them: 0.3 s and more. Credentials, region
 * and endpoints come from where the SDK takes them: the environment, its files, the instance.
 */
export function connectAws({ timeout = 15_000, attempts = 5, pace }: SdkOptions = {}): AwsPort {
  // On Node 20 the SDK prints that it will stop supporting it, when it is imported.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const settings: ClientSettings = {
    ...commandLineRegion(process.env),
    maxAttempts: attempts,
    requestHandler: { connectionTimeout, requestTimeout: timeout, throwOnRequestTimeout: true },
  };
  let ssmLoading: Promise<readonly [Ssm, SSMClient]> | undefined;
  let snsLoading: Promise<Sns> | undefined;
  const topicClients = new Map<string, SNSClient>();

  const loadSsm = async (): Promise<readonly [Ssm, SSMClient]> => {
    const sdk = await import('@aws-sdk/client-ssm');
    return [sdk, new sdk.SSMClient(settings)];
  };

  async function ssm<T>(action: string, call: (sdk: Ssm, client: SSMClient) => Promise<T>): Promise<T> {
    ssmLoading ??= loadSsm();
    const [sdk, client] = await ssmLoading;
    return attempt(`ssm:${action}`, () => call(sdk, client));
  }

  return {
    ...iamCalls(settings, pace),
    parameter: (name) =>
      orUndefined(
        ssm('GetParameter', async (sdk, client) => {
          const command = new sdk.GetParameterCommand({ Name: name, WithDecryption: true });
          return (await client.send(command)).Parameter?.Value;
        }),
      ),
    async parametersBelow(path) {
      const parameters = await pages((NextToken) =>
        ssm('GetParametersByPath', async (sdk, client) => {
          const input = { Path: path, Recursive: true, WithDecryption: true, ...optional({ NextToken }) };
          const page = await client.send(new sdk.GetParametersByPathCommand(input));
          return { items: page.Parameters ?? [], next: page.NextToken };
        }),
      );
      return parameters.map(({ Name: name = '', Value: value = '' }) => ({ name, value }));
    },
    async putParameter(name, value, { overwrite, secret }) {
      await ssm('PutParameter', (sdk, client) => {
        const input = {
          Name: name,
          Value: value,
          Overwrite: overwrite,
          Type: secret ? 'SecureString' : 'String',
        } as const;
        return client.send(new sdk.PutParameterCommand(input));
      });
    },
    async deleteParameter(name) {
      await orUndefined(
        ssm('DeleteParameter', (sdk, client) => client.send(new sdk.DeleteParameterCommand({ Name: name }))),
      );
    },
    async publish(topicArn, subject, message) {
      snsLoading ??= import('@aws-sdk/client-sns');
      const sdk = await snsLoading;
      // A topic is reached in its own region only.
      const region = topicArn.split(':')[3] ?? '';
      const client = topicClients.get(region) ?? new sdk.SNSClient({ ...settings, region });
      topicClients.set(region, client);
      const command = new sdk.PublishCommand({ TopicArn: topicArn, Subject: subject, Message: message });
      await attempt('sns:Publish', () => client.send(command));
    },
  };
}
