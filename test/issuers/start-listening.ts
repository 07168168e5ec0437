import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { milliseconds, seconds } from '../../src/std/duration.ts';
import { type CertificateFiles, issueLoopbackCertificate } from '../cluster/certificates.ts';
import { freePorts } from '../cluster/free-ports.ts';
import {
  type Lifetime,
  type ServerProcess,
  startServer,
  stopServer,
  tailOf,
} from '../cluster/server-process.ts';
import { type Report, withProgress } from '../provision/progress.ts';
import { httpsClient } from './https-client.ts';

export interface StartOptions {
  /** Holds everything it writes; must be new or empty. */
  readonly dir: string;
  readonly report: Report;
  /** What it serves with; made if left out. */
  readonly tls?: CertificateFiles;
  /** By default it ends with this process, however that ends. */
  readonly lifetime?: Lifetime;
}

interface Listening {
  /** `https://127.0.0.1:<port>`, in the order of the ports. */
  readonly urls: readonly string[];
  readonly tls: CertificateFiles;
  readonly server: ServerProcess;
}

export interface Server {
  readonly name: string;
  readonly ports: number;
  /** What it answers with 200 when it is ready, at the first port. */
  readonly readyPath: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly command: (ports: readonly number[], tls: CertificateFiles) => [string, ...string[]];
}

/** Starts a server on free ports of the loopback and returns once it answers; throws with the end of its log if it doesn't come to that. */
export async function startListening(
  { name, ports: count, readyPath, env, command }: Server,
  options: StartOptions,
): Promise<Listening> {
  const { dir, report, lifetime = 'parent' } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const tls = options.tls ?? (await issueLoopbackCertificate(join(dir, 'tls')));
  const start = systemClock.now();
  for (let attempt = 1; ; attempt++) {
    const ports = await freePorts(count);
    const urls = ports.map((port) => `https://127.0.0.1:${port}`);
    // Nothing of the caller's environment: both servers take settings and proxies from it.
    const clean = { PATH: process.env['PATH'], ...env };
    const server = startServer(name, command(ports, tls), join(dir, `${name}.log`), lifetime, { env: clean });
    const failure = await untilReady(new URL(readyPath, urls[0]), tls.caFile, server, report);
    if (failure === undefined) {
      report(`${name} ready after ${((systemClock.now() - start) / 1000).toFixed(1)} s`);
      return { urls, tls, server };
    }
    await stopServer(server.record);
    // Between choosing a free port and listening on it another program can take it.
    const isTaken = /in use|used by another/.test(readFileSync(server.logFile, 'utf8'));
    if (attempt === 3 || !isTaken) throw new Error(failure);
  }
}

/** Answers with the reason if it doesn't become ready. */
async function untilReady(
  { origin, pathname }: URL,
  caFile: string,
  server: ServerProcess,
  report: Report,
): Promise<string | undefined> {
  const { record, logFile } = server;
  const client = httpsClient(origin, caFile);
  const answers = async () => (await client.send('GET', pathname).catch(() => undefined))?.status === 200;
  const giveUpAt = systemClock.now() + seconds(120);
  try {
    return await withProgress(
      (elapsed) => report(`waiting for ${record.name} since ${elapsed}`),
      async () => {
        while (!(await answers())) {
          if (server.hasExited()) return `${record.name} ended at once:\n${tailOf(logFile, 10)}`;
          if (systemClock.now() > giveUpAt) return `${record.name} is not ready in time; see ${logFile}`;
          await sleep(systemClock, milliseconds(50));
        }
        return undefined;
      },
      seconds(5),
    );
  } finally {
    await client.close();
  }
}
