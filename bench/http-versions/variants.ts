import { Agent } from 'undici';
import type { Access } from '../../src/kube/cluster-config.ts';

/** A way to speak to the API server that is in question. */
export interface Variant {
  readonly name: string;
  readonly allowH2: boolean;
  /** Whether watches have connections of their own. */
  readonly apart: boolean;
  /** undici's own limit, after which it asks an HTTP/2 session whether it lives; a call that is aborted makes it ask nothing. */
  readonly headersTimeout: number;
}

export const variants: readonly Variant[] = [
  { name: 'HTTP/1.1, two pools', allowH2: false, apart: true, headersTimeout: 0 },
  { name: 'HTTP/2, two pools', allowH2: true, apart: true, headersTimeout: 0 },
  { name: 'HTTP/2, one pool', allowH2: true, apart: false, headersTimeout: 0 },
  { name: 'HTTP/2, two pools, probed', allowH2: true, apart: true, headersTimeout: 1_500 },
];

/** The pools of a variant, otherwise set as src/kube/connections.ts sets its own. */
export function openPools(
  { allowH2, apart, headersTimeout }: Variant,
  access: Access,
): { calls: Agent; watches: Agent } {
  const open = (connections: number | null): Agent =>
    new Agent({
      connections,
      allowH2,
      keepAliveTimeout: 60_000,
      keepAliveMaxTimeout: 60_000,
      headersTimeout,
      bodyTimeout: 0,
      h2Options: { maxConcurrentStreams: 100, pingInterval: 15_000 },
      connect: {
        timeout: 5_000,
        keepAlive: true,
        keepAliveInitialDelay: 30_000,
        ca: access.ca ?? '',
        cert: access.clientCertificate ?? '',
        key: access.clientKey?.reveal() ?? '',
      },
    });
  const calls = open(32);
  return { calls, watches: apart ? open(null) : calls };
}
