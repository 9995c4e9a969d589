/** An address as strace writes it in a call. */
export type TracedAddress =
  | { readonly family: 'ip'; readonly address: string; readonly port: number }
  | { readonly family: 'abstract'; readonly name: string }
  | { readonly family: 'path'; readonly path: string };

/** The first socket address in a call's arguments: of bind, connect, sendto, or the `msg_name` of sendmsg. */
export function addressIn(text: string): TracedAddress | undefined {
  const v4 = /sin_port=htons\((\d+)\), sin_addr=inet_addr\("([0-9.]+)"\)/.exec(text);
  if (v4 !== null) return { family: 'ip', address: v4[2]!, port: Number(v4[1]) };
  const v6 = /sin6_port=htons\((\d+)\).*?inet_pton\(AF_INET6, "([0-9a-fA-F:.]+)"/.exec(text);
  if (v6 !== null) return { family: 'ip', address: v6[2]!, port: Number(v6[1]) };
  const unix = /sun_path=(@?)"((?:[^"\\]|\\.)*)"/.exec(text);
  if (unix === null) return undefined;
  return unix[1] === '@' ? { family: 'abstract', name: unix[2]! } : { family: 'path', path: unix[2]! };
}

/** Whether a packet to the address leaves the machine's loopback interface alone. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1' || address.startsWith('::ffff:127.');
}
