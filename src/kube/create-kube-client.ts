import type { Clock } from '../std/clock.ts';
import { type ProxySettings, proxyFor } from '../std/proxy.ts';
import type { Tracer } from '../std/tracer.ts';
import type { ClusterConfig } from './cluster-config.ts';
import type { KubeClient } from './kube-client.ts';
import { createPeoplesCalls, type PeoplesCalls } from './peoples-calls.ts';
import { createReads } from './reads.ts';
import { createSelfReview } from './self-review.ts';
import { createTokenRequest } from './token-request.ts';
import { tracedTransport } from './traced-transport.ts';
import { createTransport, type Transport } from './transport.ts';
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
  /** Whose traces calls are part of. */
  readonly tracer?: Tracer;
}

/** Opens nothing yet: connections are made as calls need them. Throws `OperatorError` for a proxy that makes no sense. */
export const createKubeClient = (options: KubeClientOptions): KubeClient =>
  overTransport(openTransport(options), options.fieldManager);

/** The same with the calls of tools for people. */
export function createPeoplesClient(options: KubeClientOptions): KubeClient & PeoplesCalls {
  const transport = openTransport(options);
  return { ...overTransport(transport, options.fieldManager), ...createPeoplesCalls(transport) };
}

function openTransport({ config, clock, userAgent, tracer, ...options }: KubeClientOptions): Transport {
  const proxy = config.proxy ?? (options.proxy && proxyFor(config.server, options.proxy));
  const transport = createTransport({ config, clock, userAgent, ...(proxy === undefined ? {} : { proxy }) });
  return tracer === undefined ? transport : tracedTransport(transport, config.server, tracer);
}

const overTransport = (transport: Transport, fieldManager: string): KubeClient => ({
  ...createReads(transport),
  ...createWrites(transport, fieldManager),
  requestToken: createTokenRequest(transport),
  whoAmI: createSelfReview(transport),
  close: () => transport.close(),
});
