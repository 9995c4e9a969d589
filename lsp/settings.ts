/** What the client's user sets under `polc`. */
export interface Settings {
  /** False: nothing is reported. Everything else goes on working. */
  readonly diagnostics: boolean;
  /** Whether files that are not open are reported on too, to a client that can show them. */
  readonly workspaceDiagnostics: boolean;
}

export const defaultSettings: Settings = { diagnostics: true, workspaceDiagnostics: true };

/** Reads settings as a client sends them; what is no setting, or of another type, counts as not said. */
export function settingsFrom(sent: unknown): Settings {
  const own = isRecord(sent) ? (isRecord(sent.polc) ? sent.polc : sent) : {};
  const flag = (name: keyof Settings) => {
    const value = own[name];
    return typeof value === 'boolean' ? value : defaultSettings[name];
  };
  return { diagnostics: flag('diagnostics'), workspaceDiagnostics: flag('workspaceDiagnostics') };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
