import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../stage/stage.ts';

/** Why pages cannot be run here; undefined where they can. */
export function whyNoPages(): string | undefined {
  try {
    execFileSync('unshare', ['--net', 'sh', '-c', 'ip link set lo up && command -v bash openssl curl'], {
      stdio: 'ignore',
    });
    return undefined;
  } catch {
    return 'pages are run in a network of their own, by root on Linux with unshare, ip, bash, openssl and curl';
  }
}

/** Runs the commands of a page where the ports that it names are free, and answers with what became of each block. Throws if one failed. */
export const runPage = (page: string, ...args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const inOwnNetwork = ['--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'];
    const program = [process.execPath, join(root, 'test/docs/run-page.ts'), page, ...args];
    execFile('unshare', [...inOwnNetwork, ...program], { encoding: 'utf8' }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${stdout}\n${stderr}`));
    });
  });
