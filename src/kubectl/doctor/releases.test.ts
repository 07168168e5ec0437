import { describe, expect, test } from 'vitest';
import { aHealthyCluster, deployment, diagnose, home, put } from '../../../test/gen/a-whole-install.ts';

describe('doctor', () => {
  test('finds kinds that are of another release than the controller, where the chart brought them', async () => {
    const cluster = await aHealthyCluster();
    const define = (version: string): void => {
      const labels = { 'app.kubernetes.io/name': 'grantor', 'app.kubernetes.io/version': version };
      const metadata = { name: 'oauthclients.grantor.dev', labels };
      cluster.kube.put('customresourcedefinitions', {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata,
      });
    };
    define('0.1.0');
    const { findings } = await diagnose(cluster);
    const told = 'the definitions of the kinds are of release 0.1.0, as the controller';
    expect(findings).toContainEqual({ verdict: 'ok', area: 'install', message: told });
    define('0.0.9');
    expect((await diagnose(cluster)).bad).toEqual([
      'warning install: the definitions of the kinds are of release 0.0.9, and the controller of 0.1.0',
    ]);
  });

  test.each([`grantor@sha256:${'0a'.repeat(32)}`, 'registry:5000/grantor:main', 'grantor'])(
    'takes %s for no release, and asks the chart of which it is',
    async (image) => {
      const cluster = await aHealthyCluster();
      const install = (version: string): void => {
        const labels = { 'app.kubernetes.io/version': version };
        cluster.kube.put('deployments', {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { namespace: home, name: 'grantor-controller', labels },
          ...deployment(2, image),
        });
      };
      put(cluster, 'deployments', 'Deployment', 'grantor-controller', deployment(2, image));
      expect((await diagnose(cluster)).bad).toEqual([]);
      install('0.1.0');
      expect((await diagnose(cluster)).bad).toEqual([]);
      install('0.2.0');
      expect((await diagnose(cluster)).bad).toEqual([
        'warning install: the controller is of release 0.2.0, and this program of 0.1.0',
      ]);
    },
  );
});
