import { readFileSync } from 'node:fs';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { CertificateFiles } from '../../cluster/certificates.ts';

/** A TLS server at one address for its whole life, whose connections can be treated badly. */
export interface Listener {
  readonly port: number;
  /** Closes the port and breaks all connections: who comes is refused. */
  refuse(): void;
  /** Connections are made by the kernel, and nobody ever says a word on them. Those that are open stay. */
  fallDeaf(): void;
  /** All is well again. Those who came to a deaf listener are cut off. */
  listen(): Promise<void>;
  /** Breaks all connections. */
  cut(how: 'fin' | 'reset'): void;
  /** Breaks the one that a request came on. */
  cutOff(request: IncomingMessage, how: 'fin' | 'reset'): void;
  /** Shows this certificate to who comes from now on. */
  present(certificate: CertificateFiles): void;
  close(): Promise<void>;
}

/** As the API server: longer than its clients keep an idle connection. */
const idleFor = 90_000;

export async function startListener(
  certificate: CertificateFiles,
  onRequest: RequestListener,
): Promise<Listener> {
  const https = createHttpsServer({ ...readCertificate(certificate), keepAliveTimeout: idleFor }, onRequest);
  const sockets = new Map<number | undefined, Socket>();
  const waiting = new Set<Socket>();
  let deaf = false;
  // TLS is spoken on the sockets of a plain server, since only those can be reset.
  const tcp = createServer((socket) => {
    const { remotePort } = socket;
    sockets.set(remotePort, socket);
    socket.on('close', () => {
      sockets.delete(remotePort);
      waiting.delete(socket);
    });
    socket.on('error', () => {});
    if (deaf) waiting.add(socket);
    else https.emit('connection', socket);
  });
  const listenAt = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen(port, '127.0.0.1', () => {
        tcp.off('error', reject);
        resolve();
      });
    });
  const end = (socket: Socket | undefined, how: 'fin' | 'reset'): void => {
    if (how === 'reset') socket?.resetAndDestroy();
    else socket?.destroy();
  };
  const cut = (how: 'fin' | 'reset'): void => {
    for (const socket of sockets.values()) end(socket, how);
  };

  await listenAt(0);
  const { port } = tcp.address() as AddressInfo;
  return {
    port,
    refuse() {
      tcp.close();
      cut('reset');
    },
    fallDeaf() {
      deaf = true;
    },
    async listen() {
      deaf = false;
      for (const socket of waiting) end(socket, 'reset');
      if (!tcp.listening) await listenAt(port);
    },
    cut,
    cutOff: ({ socket }, how) => end(sockets.get(socket.remotePort), how),
    present: (next) => https.setSecureContext(readCertificate(next)),
    async close() {
      cut('reset');
      if (!tcp.listening) return;
      await new Promise((resolve) => {
        tcp.close(resolve);
      });
    },
  };
}

const readCertificate = ({ certFile, keyFile }: CertificateFiles): { cert: Buffer; key: Buffer } => ({
  cert: readFileSync(certFile),
  key: readFileSync(keyFile),
});
