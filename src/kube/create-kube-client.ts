import type { Clock } from '../std/clock.ts';
import { type ProxySettings, proxyFor } from '../std/proxy.ts';
import type { ClusterConfig } from './cluster-config.ts';
import type { KubeClient } from './kube-client.ts';
import { createReads } from './reads.ts';
import { createSelfReview } from './self-review.ts';
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
  /** Of the environment. */
  readonly proxy?: ProxySettings | undefined;
}

/** Opens nothing yet: connections are made as calls need them. Throws `OperatorError` for a proxy that makes no sense. */
export function createKubeClient(options: KubeClientOptions): KubeClient {
  const { config, clock, userAgent, fieldManager } = options;
  const proxy = config.proxy ?? (options.proxy && proxyFor(config.server, options.proxy));
  const transport = createTransport({ config, clock, userAgent, ...(proxy === undefined ? {} : { proxy }) });
  return {
    ...createReads(transport),
    ...createWrites(transport, fieldManager),
    requestToken: createTokenRequest(transport),
    whoAmI: createSelfReview(transport),
    close: () => transport.close(),
  };
}
