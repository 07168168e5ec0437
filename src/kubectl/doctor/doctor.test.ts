import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { audienceList, type Cluster } from '../../../test/gen/a-cluster.ts';
import { aSession } from '../../../test/gen/a-session.ts';
import {
  aHealthyCluster,
  deployment,
  diagnose,
  driver,
  home,
  options,
  put,
} from '../../../test/gen/a-whole-install.ts';
import { root } from '../../../test/stage/stage.ts';
import { newLease } from '../../runtime/lease.ts';
import { minutes, seconds } from '../../std/duration.ts';
import { minus, plus } from '../../std/instant.ts';
import { doctor } from './doctor.ts';
import { expectedPolicies } from './install-checks.ts';

describe('doctor', () => {
  test('finds nothing wrong with a whole install', async () => {
    const { outcome, bad, findings } = await diagnose(await aHealthyCluster());
    expect(bad).toEqual([]);
    expect(outcome).toEqual({ ok: true, value: 'fine' });
    expect(new Set(findings.map(({ area }) => area))).toEqual(
      new Set(['install', 'rights', 'clocks', 'issuers', 'federation', 'csi']),
    );
  });

  test('prints a line for each check', async () => {
    const session = aSession(await aHealthyCluster());
    await doctor(session, { output: 'text', grantorNamespace: home }, options);
    expect(session.terminal.printed).toMatchInlineSnapshot(`
      "ok   install      all 4 kinds are served in v1alpha1
      ok   install      2 of 2 replicas of Deployment grantor-controller in grantor-system are available
      ok   install      one leads, and renewed its Lease 0s ago
      ok   install      all 9 admission policies are there and bound
      ok   install      the node plug-in runs on 1 of 1 nodes
      ok   rights       you may do all that this program does
      ok   rights       the ServiceAccounts of Grantor have the rights that they need
      ok   clocks       this machine and the API server are 0 s apart
      ok   issuers      OAuthIssuer login: metadata read from https://login.example
      ok   federation   ConfigMap grantor-audiences has the audience of every issuer
      ok   federation   tokenRequests of CSIDriver csi.grantor.dev has the audience of every issuer
      ok   csi          CSIDriver csi.grantor.dev says what the kubelet has to know
      ok   csi          the kubelets of all 1 nodes know csi.grantor.dev

      13 ok.
      "
    `);
  });

  const rows: readonly [what: string, spoil: (cluster: Cluster) => void, found: string][] = [
    [
      'no controller',
      (cluster) => cluster.kube.remove('deployments', { namespace: home, name: 'grantor-controller' }),
      'warning install: there is no Deployment grantor-controller in grantor-system',
    ],
    [
      'no available replica',
      (cluster) => put(cluster, 'deployments', 'Deployment', 'grantor-controller', deployment(0)),
      'wrong install: no replica of Deployment grantor-controller in grantor-system is available',
    ],
    [
      'one replica of two',
      (cluster) => put(cluster, 'deployments', 'Deployment', 'grantor-controller', deployment(1)),
      'warning install: 1 of 2 replicas of Deployment grantor-controller in grantor-system are available',
    ],
    [
      'another release',
      (cluster) =>
        put(cluster, 'deployments', 'Deployment', 'grantor-controller', deployment(2, 'grantor:0.0.9')),
      'warning install: the controller is of release 0.0.9, and this program of 0.1.0',
    ],
    [
      'a Lease that nobody renews',
      ({ kube, clock }) => {
        const then = minus(clock.now(), minutes(5));
        kube.put(
          'leases',
          newLease({ namespace: home, name: 'grantor-controller' }, 'one', seconds(12), then),
        );
      },
      'wrong install: the leader one has not renewed its Lease for 5m: no controller works',
    ],
    [
      'no Lease',
      ({ kube }) => kube.remove('leases', { namespace: home, name: 'grantor-controller' }),
      'wrong install: no controller leads: nothing is registered, issued or withdrawn',
    ],
    [
      'a leader whose clock is ahead',
      ({ kube, clock }) => {
        const then = plus(clock.now(), minutes(1));
        kube.put(
          'leases',
          newLease({ namespace: home, name: 'grantor-controller' }, 'one', seconds(12), then),
        );
      },
      "wrong clocks: the clock of the leader is 60 s ahead of the API server's",
    ],
    [
      'a policy that is gone',
      ({ kube }) => kube.remove('validatingadmissionpolicies', { name: 'grantor-status' }),
      'wrong install: admission policies are missing, or not bound: grantor-status',
    ],
    [
      'a policy that only warns',
      (cluster) =>
        put(
          cluster,
          'validatingadmissionpolicybindings',
          'ValidatingAdmissionPolicyBinding',
          'grantor-status',
          {
            spec: { policyName: 'grantor-status', validationActions: ['Warn'] },
          },
        ),
      'wrong install: admission policies are missing, or not bound: grantor-status',
    ],
    [
      'a node plug-in that does not run everywhere',
      (cluster) =>
        put(cluster, 'daemonsets', 'DaemonSet', 'grantor-node', {
          status: { desiredNumberScheduled: 3, numberAvailable: 2 },
        }),
      'wrong install: the node plug-in runs on 2 of 3 nodes',
    ],
    [
      'an audience that the controller may not ask for',
      ({ kube }) => kube.put('configmaps', audienceList('https://else.example')),
      'wrong federation: ConfigMap grantor-audiences has not the audience https://login.example of OAuthIssuer login',
    ],
    [
      'an audience that kubelets do not ask for',
      (cluster) =>
        put(cluster, 'csidrivers', 'CSIDriver', 'csi.grantor.dev', {
          spec: { ...driver, tokenRequests: [{ audience: 'https://else.example' }] },
        }),
      'wrong federation: tokenRequests of CSIDriver csi.grantor.dev has not the audience https://login.example of OAuthIssuer login',
    ],
    [
      'a driver that is not told whose pod it is',
      (cluster) =>
        put(cluster, 'csidrivers', 'CSIDriver', 'csi.grantor.dev', {
          spec: { ...driver, podInfoOnMount: false },
        }),
      'wrong csi: CSIDriver csi.grantor.dev lacks podInfoOnMount',
    ],
    [
      'a chart that was told of no audience',
      (cluster) => {
        const { tokenRequests: _, ...bare } = driver;
        put(cluster, 'csidrivers', 'CSIDriver', 'csi.grantor.dev', { spec: bare });
      },
      'wrong csi: CSIDriver csi.grantor.dev has kubelets bring no ServiceAccount tokens',
    ],
    [
      'a kubelet that does not know the driver',
      (cluster) => put(cluster, 'csinodes', 'CSINode', 'node-1', { spec: { drivers: [] } }),
      'wrong csi: the kubelet does not know csi.grantor.dev on node-1',
    ],
    [
      'what may not be seen',
      ({ kube }) => kube.fail('list', 'forbidden', 'csinodes'),
      'unknown csi: what drivers the nodes know could not be looked at: you may not list csinodes.storage.k8s.io in the cluster',
    ],
  ];
  test.each(rows)('finds %s', async (_, spoil, found) => {
    const cluster = await aHealthyCluster();
    spoil(cluster);
    const { bad, outcome } = await diagnose(cluster);
    expect(bad).toContain(found);
    expect(outcome).toEqual({
      ok: true,
      value: bad.some((one) => one.startsWith('wrong')) ? 'found' : 'fine',
    });
  });

  test('finds rights that are missing, its own and those of the programs', async () => {
    const { bad } = await diagnose(await aHealthyCluster(), {
      allows: ({ verb, resource, serviceAccount }) =>
        serviceAccount === undefined ? resource !== 'secrets' : resource !== 'leases' || verb !== 'update',
    });
    expect(bad).toEqual([
      'warning rights: you may not: list secrets',
      'wrong rights: ServiceAccount grantor-controller in grantor-system may not: update leases.coordination.k8s.io in grantor-system',
    ]);
  });

  test('says nothing of the rights of a plug-in that is not installed', async () => {
    const cluster = await aHealthyCluster();
    cluster.kube.remove('daemonsets', { namespace: home, name: 'grantor-node' });
    const { bad } = await diagnose(cluster, {
      allows: ({ serviceAccount }) => serviceAccount?.name !== 'grantor-node',
    });
    expect(bad.filter((one) => one.startsWith('wrong'))).toEqual([]);
  });

  test('looks for exactly the policies that are installed', () => {
    const manifests = readFileSync(join(root, 'deploy/admission.yaml'), 'utf8');
    const installed = manifests.matchAll(
      /^kind: ValidatingAdmissionPolicy\n(?:.*\n){0,6}? {2}name: (\S+)$/gm,
    );
    expect(new Set(Array.from(installed, ([, name]) => name))).toEqual(new Set(expectedPolicies));
  });
});
