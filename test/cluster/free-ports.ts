import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * `count` loopback ports that are free right now. They are held together while they are chosen, so they differ; another program may
 * still take one before it is used, so whoever uses them must be ready to ask again.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  try {
    const ports: number[] = [];
    for (const server of servers) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('a TCP listener has no port');
      ports.push(address.port);
    }
    return ports;
  } finally {
    await Promise.all(servers.filter(({ listening }) => listening).map((server) => closed(server)));
  }
}

function closed(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
