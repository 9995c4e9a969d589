import { privateKeys } from '../../../runtime/signing/key-files.ts';
import { instant } from '../../../runtime/signing/time.ts';
import type { TrustedKey } from '../../../runtime/signing/trust-store.ts';
import { defineCommand } from '../../command.ts';
import { exitCode } from '../../exit-codes.ts';
import { answerFormat, printDiagnostics } from '../../output.ts';
import { columns } from '../../signing/columns.ts';
import { keysFolder, keysOption, openTrust, trustOption } from '../../signing/places.ts';
import { keysSummaries } from '../../summaries.ts';

export const command = defineCommand(
  {
    name: 'keys list',
    summary: keysSummaries.list,
    operands: '',
    operandCount: { least: 0, most: 0 },
    options: {
      ...keysOption,
      ...trustOption,
      ...answerFormat,
    },
    examples: ['polc keys list', 'polc keys list --trust trust.yaml --format json'],
  },
  async ({ options }, terminal) => {
    const { trust, diagnostics } = openTrust(options.trust);
    if (diagnostics.length > 0) await printDiagnostics(diagnostics, [], 'pretty', terminal);
    if (diagnostics.some(({ severity }) => severity === 'error')) return exitCode.environment;
    const own = new Set(privateKeys(keysFolder(options.keys)));
    const keys = [...trust.values()];
    const strangers = [...own].filter((id) => !trust.has(id));
    const now = Date.now();
    if (options.format === 'json') {
      const fields = {
        keys: keys.map((key) => ({
          id: key.id,
          authority: key.authority,
          public_key: key.publicText,
          ...(key.validFrom === undefined ? {} : { valid_from: instant(key.validFrom) }),
          ...(key.validUntil === undefined ? {} : { valid_until: instant(key.validUntil) }),
          ...(key.revoked === undefined ? {} : { revoked: key.revoked.because }),
          purposes: key.purposes,
          status: statusOf(key, now),
          private: own.has(key.id),
        })),
        untrusted: strangers,
      };
      terminal.write(`${JSON.stringify(fields, undefined, 2)}\n`);
      return exitCode.fine;
    }
    const rows = keys.map((key) => [
      key.id,
      key.authority,
      statusOf(key, now),
      key.validUntil === undefined ? 'for ever' : `until ${instant(key.validUntil)}`,
      key.purposes.join(', '),
      own.has(key.id) ? 'yours' : '',
    ]);
    rows.push(...strangers.map((id) => [id, '', 'not in the trust store', '', '', 'yours']));
    terminal.write(
      rows.length === 0
        ? 'there is no key; make one with `polc keys generate`\n'
        : columns([['KEY', 'AUTHORITY', 'STATUS', 'COUNTS', 'FOR', ''], ...rows]),
    );
    return exitCode.fine;
  },
);

function statusOf({ revoked, validFrom, validUntil }: TrustedKey, now: number): string {
  if (revoked !== undefined) return 'revoked';
  if (validFrom !== undefined && now < validFrom) return 'not yet valid';
  return validUntil !== undefined && now >= validUntil ? 'expired' : 'valid';
}
