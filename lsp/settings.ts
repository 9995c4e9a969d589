/** What the client's user sets under `polc`. */
export interface Settings {
  /** False: nothing is reported. Everything else goes on working. */
  readonly diagnostics: boolean;
  /** Whether files that are not open are reported on too, to a client that can show them. */
  readonly workspaceDiagnostics: boolean;
  /** The URI of docs/diagnostics.md where the client can show it; the codes of findings then link to their chapters. */
  readonly reference: string | undefined;
}

export const defaultSettings: Settings = {
  diagnostics: true,
  workspaceDiagnostics: true,
  reference: undefined,
};

/** Reads settings as a client sends them; what is no setting, or of another type, counts as not said. */
export function settingsFrom(sent: unknown): Settings {
  const own = isRecord(sent) ? (isRecord(sent.polc) ? sent.polc : sent) : {};
  const flag = (name: 'diagnostics' | 'workspaceDiagnostics') => {
    const value = own[name];
    return typeof value === 'boolean' ? value : defaultSettings[name];
  };
  const { reference } = own;
  return {
    diagnostics: flag('diagnostics'),
    workspaceDiagnostics: flag('workspaceDiagnostics'),
    // Settings may come with a folder of somebody else's, and editors run what a link of another scheme says.
    reference: typeof reference === 'string' && /^(?:https?|file):/i.test(reference) ? reference : undefined,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
