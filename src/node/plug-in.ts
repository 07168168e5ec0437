import { mkdir } from 'node:fs/promises';
import { umask } from 'node:process';
import type { Clock } from '../std/clock.ts';
import type { Tracer } from '../std/tracer.ts';
import type { Log } from '../telemetry/log.ts';
import { csiCalls, registrationCalls } from './csi-messages.ts';
import { csiHandlers } from './node-service.ts';
import { probeSocket } from './probe-socket.ts';
import { createRegistration } from './registration.ts';
import { type RpcServer, serveCalls } from './rpc-server.ts';
import type { Volumes } from './volumes.ts';

/** The name under which pods ask for volumes, and the CSIDriver is found. */
const driverName = 'csi.grantor.dev';

export interface PlugInOptions {
  /** The kubelet's folder, under the path that it has on the node. */
  readonly kubeletDirectory: string;
  readonly nodeName: string;
  readonly version: string;
  readonly volumes: Volumes;
  readonly log: Log;
  readonly clock: Clock;
  readonly tracer?: Tracer;
}

/** The plug-in as the kubelet sees it: two sockets. Mounts are none of its life's business: they stay when it ends. */
export interface PlugIn {
  /** Listens and offers itself to the kubelet; calls come from now on. Throws an `OperatorError` where it cannot listen. */
  start(): Promise<void>;
  /** What it waits for, one line each. */
  notReady(): readonly string[];
  /** Why it does not answer on its own socket; undefined where it does. */
  unhealthy(): Promise<string | undefined>;
  /** Takes itself out of the kubelet's registry, then ends the calls that run. */
  stop(): Promise<void>;
}

/** Where in the kubelet's folder lies what. */
export const kubeletPaths = (kubeletDirectory: string) => ({
  plugIn: `${kubeletDirectory}/plugins/${driverName}`,
  socket: `${kubeletDirectory}/plugins/${driverName}/csi.sock`,
  registrationSocket: `${kubeletDirectory}/plugins_registry/${driverName}-reg.sock`,
  pods: `${kubeletDirectory}/pods`,
});

/** Puts the plug-in together. */
export function createPlugIn(options: PlugInOptions): PlugIn {
  const { kubeletDirectory, nodeName, version, volumes, log, clock, tracer } = options;
  const paths = kubeletPaths(kubeletDirectory);
  const registration = createRegistration(driverName, paths.socket, log);
  const handlers = csiHandlers({ driverName, version, nodeName, podsDirectory: paths.pods, volumes, tracer });
  const servers: RpcServer[] = [];

  return {
    async start() {
      // The sockets, and whatever else is made here, are for root alone; what pods may read is given its mode by name.
      umask(0o077);
      await mkdir(paths.plugIn, { recursive: true });
      // The kubelet comes to the first one as soon as the second one is there.
      servers.push(await serveCalls(paths.socket, csiCalls, handlers, { log, clock }));
      servers.push(
        await serveCalls(paths.registrationSocket, registrationCalls, registration.handlers, { log, clock }),
      );
    },
    notReady() {
      const problem = registration.problem();
      return problem === undefined ? [] : [problem];
    },
    unhealthy: () => probeSocket(paths.socket, clock),
    async stop() {
      // The kubelet is the first to know.
      for (const server of servers.toReversed()) await server.stop();
    },
  };
}
