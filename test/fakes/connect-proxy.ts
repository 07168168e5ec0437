import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { portOf } from './port-of.ts';

/** An HTTP proxy that opens tunnels (RFC 9110 section 9.3.6). Every name is this machine to it. */
export interface ConnectProxy {
  readonly url: URL;
  /** The CONNECT requests so far. */
  readonly tunnels: readonly IncomingMessage[];
  close(): Promise<void>;
}

/** `answer` is what it says to a CONNECT, if anything. */
export async function startConnectProxy(answer: 200 | 403 | 'nothing' = 200): Promise<ConnectProxy> {
  const tunnels: IncomingMessage[] = [];
  const server = createServer();
  const sockets = new Set<{ destroy(): unknown }>();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request, near) => {
    tunnels.push(request);
    near.on('error', () => {});
    if (answer === 'nothing') return;
    near.write(`HTTP/1.1 ${answer} ${answer === 200 ? 'OK' : 'Forbidden'}\r\n\r\n`);
    if (answer !== 200) return void near.end();
    const far = connect(Number(new URL(`http://${request.url}`).port), '127.0.0.1');
    sockets.add(far);
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: new URL(`http://127.0.0.1:${portOf(server)}`),
    tunnels,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
