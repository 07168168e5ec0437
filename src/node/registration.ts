import { ok } from '../std/result.ts';
import type { Log } from '../telemetry/log.ts';
import type { registrationCalls } from './csi-messages.ts';
import type { Handlers } from './rpc-server.ts';

export interface Registration {
  readonly handlers: Handlers<typeof registrationCalls>;
  /** Why the kubelet does not know the plug-in; undefined when it does. */
  problem(): string | undefined;
}

/** What the kubelet asks who puts a socket into its registry. It asks again by itself when it could not register the plug-in. */
export function createRegistration(driverName: string, endpoint: string, log: Log): Registration {
  let problem: string | undefined = 'the kubelet has not registered the plug-in yet';
  return {
    problem: () => problem,
    handlers: {
      GetInfo: () =>
        Promise.resolve(ok({ type: 'CSIPlugin', name: driverName, endpoint, supported_versions: ['1.0.0'] })),
      async NotifyRegistrationStatus({ plugin_registered: registered, error }) {
        if (registered) {
          problem = undefined;
          log.info({ driver: driverName }, 'registered with the kubelet');
        } else {
          problem = `the kubelet did not register the plug-in: ${error.slice(0, 512)}`;
          log.error({ driver: driverName, error }, 'the kubelet did not register the plug-in');
        }
        return ok({});
      },
    },
  };
}
