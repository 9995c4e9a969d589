import { isIP } from 'node:net';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `127.0.0.1:8080` and `[::1]:8080`; a text says what is wrong. Tokens go over the wire, so that other addresses than
 * those of loopback need TLS.
 */
export function listenAddress(text: string, secure: boolean): ListenAddress | string {
  const [, bracketed, plain, digits = ''] = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain ?? '';
  const port = Number(digits);
  if (isIP(host) === 0 || port > 65_535) {
    return `\`--listen ${text}\` is no address with a port\n  = help: write one, such as \`--listen 127.0.0.1:8080\``;
  }
  const isLoopback = host === '::1' || host.startsWith('127.');
  if (isLoopback || secure) return { host, port };
  return `\`--listen ${text}\` is outside of loopback, and there is no certificate\n  = help: name one with \`--tls-cert\` and \`--tls-key\``;
}
