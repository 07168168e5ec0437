import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../stage/stage.ts';

/** A network and mounts of its own, in which ports are free, low ones open to everybody, and /etc/hosts is a file to write to. */
const setUp = `ip link set lo up && echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start &&
hosts=$(mktemp) && cp /etc/hosts "$hosts" && mount --bind "$hosts" /etc/hosts && rm "$hosts"`;
const inOwnNetwork = (program: string): string[] => [
  '--net',
  '--mount',
  'sh',
  '-c',
  `${setUp} && ${program}`,
];

/** Why pages cannot be run here; undefined where they can. */
export function whyNoPages(): string | undefined {
  try {
    execFileSync('unshare', inOwnNetwork('command -v bash && command -v openssl && command -v curl'), {
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
    const program = [process.execPath, join(root, 'test/docs/run-page.ts'), page, ...args];
    execFile(
      'unshare',
      [...inOwnNetwork('exec "$0" "$@"'), ...program],
      { encoding: 'utf8' },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`${stdout}\n${stderr}`));
      },
    );
  });
