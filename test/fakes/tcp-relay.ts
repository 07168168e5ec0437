import { connect, createServer, type Socket } from 'node:net';
import { portOf } from './port-of.ts';

/** A relay to a port of this machine. What passes through it is not understood, but may be made to stop. */
export interface TcpRelay {
  readonly port: number;
  /** Connections that were ever made through it, and those that are open. */
  readonly accepted: number;
  readonly open: number;
  /** Breaks the connections of now, as a machine that restarts does. */
  cut(): void;
  /** From here on nothing passes over the connections of now, and nobody is told: no FIN, no RST. New ones are well. */
  swallow(): void;
  close(): Promise<void>;
}

export async function startTcpRelay(target: number): Promise<TcpRelay> {
  const pairs = new Map<Socket, Socket>();
  let accepted = 0;
  const server = createServer((near) => {
    accepted += 1;
    const far = connect(target, '127.0.0.1');
    pairs.set(near, far);
    const end = (): void => {
      near.destroy();
      far.destroy();
      pairs.delete(near);
    };
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', end).on('close', end);
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server),
    get accepted() {
      return accepted;
    },
    get open() {
      return pairs.size;
    },
    cut() {
      for (const [near, far] of pairs) {
        // A socket that is being shut down can't be reset any more.
        if (near.writableEnded) near.destroy();
        else near.resetAndDestroy();
        far.destroy();
      }
    },
    swallow() {
      for (const [near, far] of pairs) {
        // What arrives is read and dropped, so that the end of the connection is still seen here.
        near.unpipe(far).resume();
        far.unpipe(near).resume();
      }
    },
    async close() {
      for (const sockets of pairs) for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
