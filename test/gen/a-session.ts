import type { Session } from '../../src/kubectl/session.ts';
import { seconds } from '../../src/std/duration.ts';
import type { RecordingTerminal } from '../fakes/recording-terminal.ts';
import { recordingTerminal } from '../fakes/recording-terminal.ts';
import type { Cluster } from './a-cluster.ts';

/** Somebody at a terminal, in the namespace acme-prod of a cluster. */
export const aSession = (
  { kube, clock }: Pick<Cluster, 'kube' | 'clock'>,
  change: Partial<Omit<Session, 'terminal'>> & { readonly terminal?: RecordingTerminal } = {},
): Session & { readonly terminal: RecordingTerminal } => ({
  kube: kube.client(clock, 'kubectl-grantor'),
  clock,
  terminal: recordingTerminal(),
  namespace: 'acme-prod',
  namespaceNamed: false,
  timeout: seconds(10),
  stop: new AbortController().signal,
  ...change,
});
