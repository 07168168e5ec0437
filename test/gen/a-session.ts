import type { Session } from '../../src/kubectl/session.ts';
import { seconds } from '../../src/std/duration.ts';
import { fakePeoplesCalls, type PeoplesAnswers } from '../fakes/fake-peoples-calls.ts';
import { type RecordingTerminal, recordingTerminal } from '../fakes/recording-terminal.ts';
import type { Cluster } from './a-cluster.ts';

type Change = Partial<Omit<Session, 'terminal' | 'kube'>> &
  PeoplesAnswers & { readonly terminal?: RecordingTerminal };

/** Somebody at a terminal, in the namespace acme-prod of a cluster. */
export const aSession = (
  { kube, clock }: Pick<Cluster, 'kube' | 'clock'>,
  { allows, texts, ...change }: Change = {},
): Session & { readonly terminal: RecordingTerminal } => ({
  kube: Object.assign(
    kube.client(clock, 'kubectl-grantor'),
    fakePeoplesCalls({ ...(allows && { allows }), ...(texts && { texts }) }),
  ),
  clock,
  terminal: recordingTerminal(),
  namespace: 'acme-prod',
  namespaceNamed: false,
  timeout: seconds(10),
  stop: new AbortController().signal,
  ...change,
});
