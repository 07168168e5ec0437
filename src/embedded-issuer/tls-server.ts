import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, isIPv6 } from 'node:net';
import type { Clock } from '../std/clock.ts';
import { minutes, seconds } from '../std/duration.ts';
import { listenHost } from '../std/listen-host.ts';
import { OperatorError } from '../std/operator-error.ts';
import type { IssuerLog } from './issuer-log.ts';
import { repeatedly } from './repeatedly.ts';

export interface TlsServerOptions {
  readonly host: string;
  readonly port: number;
  readonly certFile: string;
  readonly keyFile: string;
  readonly clock: Clock;
  readonly log: IssuerLog;
}

/** A listening server. */
export interface TlsServer {
  readonly server: Server;
  /** `https://` and where it listens. */
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
}

const limits = {
  handshakeTimeout: seconds(5),
  headersTimeout: seconds(5),
  requestTimeout: seconds(10),
  keepAliveTimeout: seconds(60),
  connectionsCheckingInterval: seconds(1),
  maxHeaderSize: 16 * 1024,
} as const;

const connections = 1024;
const grace = seconds(5);
const certificateCheck = minutes(1);

/** Listens with the certificate in the files, and follows them when they are renewed. */
export async function listenTls(options: TlsServerOptions): Promise<TlsServer> {
  const { clock, log } = options;
  let certificate = await readCertificate(options);
  // A certificate of a client is asked for and need not be there. That it has the key is checked here; whose it is, by the registration.
  const clients = { requestCert: true, rejectUnauthorized: false } as const;
  const server = createServer({ ...limits, ...clients, minVersion: 'TLSv1.2' });
  serveWith(server, certificate, options);
  server.maxConnections = connections;
  await listen(server, options);

  const stopWatching = repeatedly(clock, certificateCheck, async () => {
    try {
      const renewed = await readCertificate(options);
      if (renewed.cert === certificate.cert && renewed.key === certificate.key) return;
      serveWith(server, renewed, options);
      certificate = renewed;
      log.info({ event: 'certificate.renewed' }, 'serving with a renewed certificate');
    } catch {
      log.warn(
        { event: 'certificate.unusable' },
        'the certificate files cannot be used; serving with the old certificate',
      );
    }
  });

  const { address, port } = server.address() as AddressInfo;
  return {
    server,
    port,
    origin: `https://${isIPv6(address) ? `[${address}]` : address}:${port}`,
    async close() {
      stopWatching();
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeIdleConnections();
      const cancel = clock.after(grace, () => server.closeAllConnections());
      await closed;
      cancel();
    },
  };
}

interface Certificate {
  readonly cert: string;
  readonly key: string;
}

async function readCertificate({ certFile, keyFile }: TlsServerOptions): Promise<Certificate> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
    return { cert, key };
  } catch (cause) {
    throw unusable(`cannot read the certificate ${certFile} or its key ${keyFile}`, cause);
  }
}

function serveWith(server: Server, certificate: Certificate, { certFile, keyFile }: TlsServerOptions): void {
  try {
    server.setSecureContext({ ...certificate, minVersion: 'TLSv1.2' });
  } catch (cause) {
    throw unusable(`${certFile} and ${keyFile} are not a PEM certificate and its key`, cause);
  }
}

const unusable = (message: string, cause: unknown): OperatorError =>
  new OperatorError('ISSUER_CONFIG', message, cause);

function listen(server: Server, { host, port }: TlsServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException): void => {
      const message = `cannot listen on ${host} port ${port}: ${cause.code ?? cause.message}`;
      reject(new OperatorError('ISSUER_LISTEN', message, cause));
    };
    server.once('error', refuse);
    server.listen(port, listenHost(host), () => {
      // A later error is nobody's to swallow.
      server.off('error', refuse);
      resolve();
    });
  });
}
