import { spawn, spawnSync } from 'node:child_process';

/** moto's server: IAM, SSM and SNS that others wrote. Looked for by PATH. */
export function hasMoto(): boolean {
  return spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status === 0;
}

export interface MotoServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Started on a free port of the loopback interface, in some 2 s. */
export async function startMoto(): Promise<MotoServer> {
  const child = spawn('moto_server', ['--host', '127.0.0.1', '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    const read = (part: Buffer) => {
      text += part.toString();
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    ended.then(() => reject(new Error(`moto_server ended: ${text}`)));
  });
  return {
    url,
    async close() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
