import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createPeoplesClient } from '../../kube/create-kube-client.ts';
import { loadKubeconfig } from '../../kube/kubeconfig.ts';
import type { Session } from '../../kubectl/session.ts';
import type { Terminal } from '../../kubectl/terminal.ts';
import { systemClock } from '../../std/clock.ts';
import { proxySettings } from '../proxy-settings.ts';
import { version } from '../version.ts';
import type { ClusterFlags } from './cluster-flags.ts';

/** Our name in `managedFields` of what people change by the plug-in. */
const fieldManager = 'kubectl-grantor';

/** A session with the cluster that the flags and the environment name. Nothing is sent yet. Throws `OperatorError` for a kubeconfig that cannot be used. */
export async function openSession(flags: ClusterFlags, terminal: Terminal): Promise<Session> {
  const clock = systemClock;
  const config = await loadKubeconfig(filesOf(flags.kubeconfig), clock, flags);
  const kube = createPeoplesClient({
    config,
    clock,
    userAgent: `kubectl-grantor/${version}`,
    fieldManager,
    proxy: proxySettings(process.env),
  });
  return {
    kube,
    clock,
    terminal,
    namespace: flags.allNamespaces ? undefined : (flags.namespace ?? config.namespace),
    namespaceNamed: flags.namespace !== undefined,
    timeout: flags.requestTimeout,
    stop: untilInterrupted(),
  };
}

/** The kubeconfigs that a flag or the environment names. */
export function filesOf(flag: string | undefined): readonly string[] {
  if (flag !== undefined) return [flag];
  const named = (process.env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  return named.length > 0 ? named : [join(homedir(), '.kube', 'config')];
}

/** Aborts at the first Ctrl-C; the second ends the program as usual. */
function untilInterrupted(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  return stop.signal;
}
