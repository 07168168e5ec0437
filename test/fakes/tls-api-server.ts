import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { ResourceKind } from '../../src/kube/resource-path.ts';
import type { IssuedCertificate } from '../cluster/certificates.ts';
import { portOf } from './port-of.ts';

/** One request, and the connection that it came over. */
export interface SeenRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  /** The common name of the client's certificate, if it presented one that is trusted. */
  readonly client: string | undefined;
  readonly socket: unknown;
}

/**
 * The outside of an API server: TLS on loopback, whose certificates change while it runs, and who may come in decided by a test.
 * A GET is answered with one object, a watch with nothing until `say`.
 */
export interface TlsApiServer {
  readonly url: URL;
  readonly port: number;
  readonly seen: readonly SeenRequest[];
  /** TCP connections that were ever made. */
  readonly connections: number;
  /** Connections of now are left as they are, as a kube-apiserver leaves them. */
  present(serving: IssuedCertificate, clientAuthority?: IssuedCertificate): void;
  /** Says a line in every watch that is open. */
  say(line: string): void;
  close(): Promise<void>;
}

export const secrets: ResourceKind = {
  group: '',
  version: 'v1',
  plural: 'secrets',
  kind: 'Secret',
  namespaced: true,
};
/** Where the one object is. */
export const at = { namespace: 'n', name: 'a' };
export const theObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { ...at, uid: 'u', resourceVersion: '7' },
};

export async function startTlsApiServer(
  serving: IssuedCertificate,
  admits: (request: SeenRequest) => boolean = () => true,
  clientAuthority?: IssuedCertificate,
): Promise<TlsApiServer> {
  const seen: SeenRequest[] = [];
  const watches = new Set<ServerResponse>();
  let connections = 0;

  const answer = (incoming: IncomingMessage, response: ServerResponse): void => {
    const socket = incoming.socket as TLSSocket;
    const request = {
      path: incoming.url ?? '',
      authorization: incoming.headers.authorization,
      client: socket.authorized ? String(socket.getPeerCertificate().subject.CN) : undefined,
      socket,
    };
    seen.push(request);
    if (!admits(request)) return void response.writeHead(401).end('{}');
    if (!request.path.includes('watch=true')) return void response.end(JSON.stringify(theObject));
    watches.add(response);
    response.flushHeaders();
  };
  const context = (one: IssuedCertificate, ca: IssuedCertificate | undefined) => ({
    cert: one.certificate,
    key: one.privateKey,
    ...(ca === undefined ? {} : { ca: ca.certificate }),
  });
  const server = createServer(
    { ...context(serving, clientAuthority), requestCert: true, rejectUnauthorized: false },
    answer,
  );
  server.on('connection', () => (connections += 1));
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: new URL(`https://127.0.0.1:${portOf(server)}`),
    port: portOf(server),
    seen,
    get connections() {
      return connections;
    },
    present: (one, ca) => server.setSecureContext(context(one, ca)),
    say(line) {
      for (const watch of watches) watch.write(`${line}\n`);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
