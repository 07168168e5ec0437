import { rights } from '../../src/cmd/rights.ts';
import { doctor } from '../../src/kubectl/doctor/doctor.ts';
import { expectedPolicies } from '../../src/kubectl/doctor/install-checks.ts';
import { newLease } from '../../src/runtime/lease.ts';
import { seconds } from '../../src/std/duration.ts';
import type { PeoplesAnswers } from '../fakes/fake-peoples-calls.ts';
import { aReadyCluster, type Cluster } from './a-cluster.ts';
import { aSession } from './a-session.ts';

export const home = 'grantor-system';
export const options = {
  home,
  version: '0.1.0',
  expectedRights: { 'grantor-controller': rights.controller, 'grantor-node': rights.node },
};

/** An object of the install, of whatever kind. */
export const put = ({ kube }: Cluster, plural: string, kind: string, name: string, rest: object): void => {
  const metadata = {
    name,
    ...(plural.startsWith('csi') || plural.startsWith('valid') ? {} : { namespace: home }),
  };
  kube.put(plural, { apiVersion: 'v1', kind, metadata, ...rest });
};

export const driver = {
  podInfoOnMount: true,
  requiresRepublish: true,
  tokenRequests: [{ audience: 'https://login.example' }],
};

/** The controller's, with so many of its two replicas available. */
export const deployment = (availableReplicas: number, image = 'grantor:0.1.0') => ({
  spec: { replicas: 2, template: { spec: { containers: [{ image }] } } },
  status: { availableReplicas },
});

/** Everything installed, with one node. */
export async function aHealthyCluster(): Promise<Cluster> {
  const cluster = await aReadyCluster();
  await Promise.all([cluster.scope(), cluster.issuer(), cluster.binding()]);
  put(cluster, 'deployments', 'Deployment', 'grantor-controller', deployment(2));
  put(cluster, 'daemonsets', 'DaemonSet', 'grantor-node', {
    status: { desiredNumberScheduled: 1, numberAvailable: 1 },
  });
  put(cluster, 'csidrivers', 'CSIDriver', 'csi.grantor.dev', { spec: driver });
  put(cluster, 'csinodes', 'CSINode', 'node-1', { spec: { drivers: [{ name: 'csi.grantor.dev' }] } });
  cluster.kube.put('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: home, name: 'grantor-node-x', labels: { 'app.kubernetes.io/component': 'node' } },
    spec: { nodeName: 'node-1' },
  } as never);
  const lease = newLease(
    { namespace: home, name: 'grantor-controller' },
    'one',
    seconds(12),
    cluster.clock.now(),
  );
  cluster.kube.put('leases', lease);
  for (const policyName of expectedPolicies) {
    put(cluster, 'validatingadmissionpolicies', 'ValidatingAdmissionPolicy', policyName, {});
    put(cluster, 'validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', policyName, {
      spec: { policyName, validationActions: ['Deny'] },
    });
  }
  return cluster;
}

interface Diagnosis {
  readonly findings: readonly { readonly verdict: string; readonly area: string; readonly message: string }[];
}

/** What doctor finds, and of that what is not as it should be. */
export async function diagnose(cluster: Cluster, answers: PeoplesAnswers = {}) {
  const session = aSession(cluster, answers);
  const outcome = await doctor(session, { output: 'json', grantorNamespace: home }, options);
  const { findings } = JSON.parse(session.terminal.printed) as Diagnosis;
  const bad = findings.filter(({ verdict }) => verdict !== 'ok');
  return {
    outcome,
    findings,
    bad: bad.map(({ verdict, area, message }) => `${verdict} ${area}: ${message}`),
  };
}
