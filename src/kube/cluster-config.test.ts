import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { seconds } from '../std/duration.ts';
import { loadInCluster } from './in-cluster.ts';
import { contextsOf, loadKubeconfig } from './kubeconfig.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grantor-config-'));
});
afterAll(() => rm(folder, { recursive: true }));

const write = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

const kubeconfig = (user: string, more = ''): string => `
clusters: [{name: c, cluster: {server: "https://10.0.0.1:6443", certificate-authority-data: Q0E=${more}}}]
users: [{name: u, user: {${user}}}]
contexts: [{name: x, context: {cluster: c, user: u, namespace: team-a}}]
current-context: x
`;

describe('a kubeconfig', () => {
  test('gives the server, the namespace and the credentials of its current context', async () => {
    const file = await write('good', kubeconfig('token: abc'));
    const config = await loadKubeconfig(file, new FakeClock());
    const access = await config.access.access();
    expect([config.server.href, config.namespace, access.ca]).toEqual([
      'https://10.0.0.1:6443/',
      'team-a',
      'CA',
    ]);
    expect(access.authorization?.reveal()).toBe('Bearer abc');
    expect(JSON.stringify(access)).not.toContain('abc');
  });

  test('gives client certificates, also from files beside it', async () => {
    await write('tls.crt', 'CERT');
    const file = await write('certs', kubeconfig('client-certificate: tls.crt, client-key-data: S0VZ'));
    const { clientCertificate, clientKey } = await (
      await loadKubeconfig(file, new FakeClock())
    ).access.access();
    expect([clientCertificate, clientKey?.reveal()]).toEqual(['CERT', 'KEY']);
  });

  test('is read again after a 401', async () => {
    const clock = new FakeClock();
    const file = await write('renewed', kubeconfig('token: old'));
    const { access } = await loadKubeconfig(file, clock);
    await write('renewed', kubeconfig('token: new'));
    expect((await access.access()).authorization?.reveal()).toBe('Bearer old');
    await clock.advance(seconds(10));
    expect((await access.renew()).authorization?.reveal()).toBe('Bearer new');
  });

  test('is read for another context, and for another user, where a person says so', async () => {
    const text = kubeconfig('token: abc').replace(
      'contexts: [',
      'contexts: [{name: other, context: {cluster: c, user: u, namespace: team-b}}, ',
    );
    const file = await write('two-contexts', text);
    const config = await loadKubeconfig(file, new FakeClock(), { context: 'other', as: 'jane' });
    expect(config.namespace).toBe('team-b');
    expect((await config.access.access()).headers).toEqual({ 'impersonate-user': 'jane' });
    const refused = loadKubeconfig(file, new FakeClock(), { context: 'third' });
    await expect(refused).rejects.toThrow('the context "third" is not one of its contexts (other, x)');
    expect(await contextsOf([file, join(folder, 'absent')])).toEqual(['other', 'x']);
  });

  test('may be several files: a name is taken from the first that has it, and one that is missing is passed over', async () => {
    const first = await write(
      'first',
      'clusters: []\nusers: [{name: u, user: {token: first}}]\ncontexts: []',
    );
    const second = await write('second', kubeconfig('token: second'));
    const config = await loadKubeconfig([first, join(folder, 'absent'), second], new FakeClock());
    expect([config.server.host, config.namespace]).toEqual(['10.0.0.1:6443', 'team-a']);
    expect((await config.access.access()).authorization?.reveal()).toBe('Bearer first');
  });

  test.each([
    ['is missing', undefined, 'there is no such file'],
    ['is empty', '', 'it is malformed'],
    ['is no YAML', '{"a: [', 'it is malformed'],
    ['has no current context', 'clusters: []\nusers: []\ncontexts: []', 'no current-context'],
    [
      'has another current context',
      kubeconfig('token: a').replace('current-context: x', 'current-context: y'),
      '"y"',
    ],
    ['names an unknown cluster', kubeconfig('token: a').replace('cluster: c,', 'cluster: d,'), 'clusters'],
    ['names an unknown user', kubeconfig('token: a').replace('user: u,', 'user: v,'), 'users'],
    [
      'has a server that is no URL',
      kubeconfig('token: a').replace('https://10.0.0.1:6443', 'nowhere'),
      'nowhere',
    ],
    [
      'has a proxy-url of another sort',
      kubeconfig('token: a', ', proxy-url: "socks5://p"'),
      'not an http(s) URL',
    ],
    ['has a tokenFile', kubeconfig('tokenFile: /x'), 'tokenFile'],
    ['has a plug-in that is missing', kubeconfig('exec: {command: /no/such}'), 'credentials'],
  ])('that %s is refused in one sentence', async (what, text, message) => {
    const name = what.replaceAll(' ', '-');
    const file = text === undefined ? join(folder, 'absent') : await write(name, text);
    const error = await loadKubeconfig(file, new FakeClock()).catch((error: unknown) => error);
    expect(error).toMatchObject({ name: 'OperatorError', code: 'KUBE_CONFIG' });
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toMatch(/\n|undefined/);
  });
});

describe('inside a cluster', () => {
  const pod = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };

  test('the token is read again each minute, and an unreadable one does not replace a good one', async () => {
    await Promise.all([write('token', 'one\n'), write('ca.crt', 'CA'), write('namespace', 'grantor-system')]);
    const clock = new FakeClock();
    const config = await loadInCluster(pod, clock, folder);
    const token = async () => (await config.access.access()).authorization?.reveal();
    expect([config.server.href, config.namespace]).toEqual(['https://[fd00::1]/', 'grantor-system']);
    await write('token', 'two');
    expect(await token()).toBe('Bearer one');
    await clock.advance(seconds(61));
    expect(await token()).toBe('Bearer two');
    await rm(join(folder, 'token'));
    await clock.advance(seconds(61));
    expect(await token()).toBe('Bearer two');
    await expect(config.access.renew()).rejects.toThrow('no readable file "token"');
  });

  test('says so when it is not', async () => {
    await expect(loadInCluster({}, new FakeClock(), folder)).rejects.toThrow('not inside a cluster');
  });
});
