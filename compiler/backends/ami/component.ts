import { toBase64url } from '../../images/base64url.ts';

const encoder = new TextEncoder();

/**
 * A component of EC2 Image Builder that runs the script, as the YAML document that AWSTOE reads. It takes what stands between
 * double braces for a reference, and so a script with such text is written in base64.
 *
 * @param name what people see of it
 */
export function componentDocument(name: string, script: string): string {
  const written = isLiteral(script) ? script : decodedScript(script);
  const lines = written.split('\n').slice(0, -1);
  return [
    `name: ${JSON.stringify(name)}`,
    'schemaVersion: 1.0',
    'phases:',
    '  - name: build',
    '    steps:',
    '      - name: BecomeTheTemplate',
    '        action: ExecuteBash',
    '        inputs:',
    '          commands:',
    '            - |',
    ...lines.map((line) => (line === '' ? '' : `              ${line}`)),
    '',
  ].join('\n');
}

/** Whether a literal block gives the text back: it ends with one line feed, and holds no text that YAML or AWSTOE reads. */
function isLiteral(script: string): boolean {
  return (
    !script.includes('{{') && !script.endsWith('\n\n') && /^[^\s\p{C}](?:[^\p{C}\p{Zl}\p{Zp}]|[\t\n])*\n$/u.test(script)
  );
}

function decodedScript(script: string): string {
  const encoded = toBase64url(encoder.encode(script)).replaceAll('-', '+').replaceAll('_', '/');
  const padded = encoded.padEnd(Math.ceil(encoded.length / 4) * 4, '=');
  return `bash -c "$(echo ${padded} | base64 --decode)"\n`;
}
