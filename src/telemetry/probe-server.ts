import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenHost } from '../std/listen-host.ts';
import { OperatorError } from '../std/operator-error.ts';
import type { MetricsPage } from './metrics.ts';

/** Whether the program can do its work; if not, why, one line each. */
export type Readiness = () => readonly string[];

export interface ProbeServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface ProbeServerOptions {
  readonly host: string;
  readonly port: number;
  readonly metrics: MetricsPage;
  readonly notReady: Readiness;
  /** Why the program should be started anew, where its process is not all there is to say; undefined while it is well. */
  readonly unhealthy?: () => Promise<string | undefined>;
  /** What a reader of `/readyz` should know though the program is ready, one line each. */
  readonly notes?: () => readonly string[];
}

/** Serves `/healthz` (alive), `/readyz` (what it still waits for) and `/metrics`, to GET only. */
export async function startProbeServer(options: ProbeServerOptions): Promise<ProbeServer> {
  const server = createServer(
    { requestTimeout: 5000, headersTimeout: 5000, maxHeaderSize: 8192 },
    (request, response) => {
      const send = (status: number, body: string, type = 'text/plain; charset=utf-8'): void => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
      };
      if (request.method !== 'GET') return send(405, 'only GET\n');
      switch (request.url) {
        case '/healthz':
          void Promise.resolve(options.unhealthy?.()).then(
            (why) => (why === undefined ? send(200, 'ok\n') : send(500, `${why}\n`)),
            () => send(500, 'the look at itself failed\n'),
          );
          return undefined;
        case '/readyz': {
          const reasons = options.notReady();
          if (reasons.length > 0) return send(503, `${reasons.join('\n')}\n`);
          return send(200, `${['ok', ...(options.notes?.() ?? [])].join('\n')}\n`);
        }
        case '/metrics':
          options.metrics.page().then(
            ({ contentType, body }) => send(200, body, contentType),
            () => send(500, 'metrics failed\n'),
          );
          return undefined;
        default:
          return send(404, 'paths: /healthz, /readyz, /metrics\n');
      }
    },
  );
  server.maxConnections = 64;
  await new Promise<void>((resolve, reject) => {
    const refuse = ({ code }: NodeJS.ErrnoException): void =>
      reject(
        new OperatorError(
          'PROBES_LISTEN',
          `--probes: cannot listen on ${options.host} port ${options.port}: ${code}`,
        ),
      );
    server.once('error', refuse).listen(options.port, listenHost(options.host), () => resolve());
  });
  const { address, port, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
