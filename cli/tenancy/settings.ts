/** What a run is about besides the policy, and where each was said: `--gateway`, `GATEWAY_NAME` or `the policy`. */
export interface TenancySettings {
  readonly gateway: Said | undefined;
  readonly namespace: Said | undefined;
  /** The ConfigMap that holds the tiers where no policy is named. */
  readonly configMap: Said | undefined;
  /** False where ENABLE_POLICY_MANAGEMENT switches applying and deleting off. */
  readonly enabled: boolean;
}

export interface Said {
  readonly value: string;
  readonly by: string;
}

/** The options of every verb that stand for the environment variables of the platform. */
export const settingOptions = {
  gateway: { type: 'text', value: 'NAME', doc: 'the gateway, instead of GATEWAY_NAME and of the policy' },
  'gateway-namespace': {
    type: 'text',
    value: 'NAME',
    doc: 'its namespace, instead of GATEWAY_NAMESPACE and of the policy',
  },
  'template-configmap': {
    type: 'text',
    value: 'NAME',
    doc: 'the ConfigMap with the tiers where no policy is named, instead of POLICY_TEMPLATE_CONFIGMAP',
  },
} as const;

type Options = Readonly<Partial<Record<keyof typeof settingOptions, string>>>;

/** The option counts most, then the environment, then the policy. A text says what is wrong. */
export function readSettings(options: Options, env: NodeJS.ProcessEnv = process.env): TenancySettings | string {
  const said = (option: keyof Options, variable: string): Said | undefined => {
    const written = options[option];
    if (written !== undefined) return { value: written, by: `--${option}` };
    const value = env[variable];
    return value === undefined || value === '' ? undefined : { value, by: variable };
  };
  const enabled = readSwitch(env.ENABLE_POLICY_MANAGEMENT);
  if (enabled === undefined) {
    return `ENABLE_POLICY_MANAGEMENT is \`${env.ENABLE_POLICY_MANAGEMENT}\`\n  = help: set it to true or false`;
  }
  return {
    gateway: said('gateway', 'GATEWAY_NAME'),
    namespace: said('gateway-namespace', 'GATEWAY_NAMESPACE'),
    configMap: said('template-configmap', 'POLICY_TEMPLATE_CONFIGMAP'),
    enabled,
  };
}

function readSwitch(text: string | undefined): boolean | undefined {
  switch (text?.toLowerCase()) {
    case undefined:
    case '':
    case 'true':
    case 't':
    case '1':
      return true;
    case 'false':
    case 'f':
    case '0':
      return false;
    default:
      return undefined;
  }
}
