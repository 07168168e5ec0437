import type { Clock } from '../std/clock.ts';
import type { ClusterConfig } from './cluster-config.ts';
import type { KubeClient } from './kube-client.ts';
import { createReads } from './reads.ts';
import { createTokenRequest } from './token-request.ts';
import { createTransport } from './transport.ts';
import { createWrites } from './writes.ts';

export interface KubeClientOptions {
  readonly config: ClusterConfig;
  readonly clock: Clock;
  /** `grantor/<version>`. */
  readonly userAgent: string;
  /** Who we are in `managedFields`. */
  readonly fieldManager: string;
}

/** Opens nothing yet: connections are made as calls need them. */
export function createKubeClient({ config, clock, userAgent, fieldManager }: KubeClientOptions): KubeClient {
  const transport = createTransport({ config, clock, userAgent });
  return {
    ...createReads(transport),
    ...createWrites(transport, fieldManager),
    requestToken: createTokenRequest(transport),
    close: () => transport.close(),
  };
}
