import { describe, expect, it } from 'vitest';
import { containerdConfig, kubeletConfig } from './files.ts';

const node = { name: 'node1', address: '172.31.4.2', port: 30_001, cgroup: 'grantor-node-172.31.4.2' };
const tls = { caFile: '/cluster/pki/ca.crt', certFile: '/cluster/pki/n.crt', keyFile: '/cluster/pki/n.key' };

/** What `init.sh` lays over the machine. */
const ownPaths = /^\/(run|var\/lib|var\/log)\//;

describe('the files of a node', () => {
  it('send containerd nowhere outside of the node but to what it only reads', () => {
    const config = containerdConfig('/cluster/node1/cni', '/programs/runtime');
    const paths = [...config.matchAll(/'(\/[^']*)'/g)].map(([, path]) => path!);
    const read = ['/programs/runtime', `${import.meta.dirname}/cni`, '/cluster/node1/cni'];
    expect(paths.filter((path) => !ownPaths.test(path))).toEqual(read);
    // Where it would make a folder of its own accord.
    expect(paths).toContain('/var/lib/containerd/opt');
  });

  it('let nobody at the kubelet whom the API server does not know', () => {
    expect(kubeletConfig(node, tls)).toMatchObject({
      address: '172.31.4.2',
      port: 30_001,
      readOnlyPort: 0,
      authentication: { anonymous: { enabled: false }, x509: { clientCAFile: tls.caFile } },
      authorization: { mode: 'Webhook' },
    });
  });

  it('keep the pods below the control group that ends with the node', () => {
    expect(kubeletConfig(node, tls)).toMatchObject({ cgroupRoot: '/grantor-node-172.31.4.2' });
  });
});
