import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { loadKubeconfig } from '../../src/kube/kubeconfig.ts';
import { systemClock } from '../../src/std/clock.ts';
import { hours } from '../../src/std/duration.ts';
import { issueLoopbackCertificate } from '../cluster/certificates.ts';
import { freePorts } from '../cluster/free-ports.ts';
import { type IssuerProxy, startIssuerProxy } from './issuer-proxy.ts';
import { type Manifest, resourceOf } from './manifests.ts';
import { Program, type ProgramOptions } from './program.ts';

export interface IssuerOptions extends Pick<ProgramOptions, 'entry' | 'nodeArgs' | 'env'> {
  readonly kube: KubeClient;
  readonly kubeconfig: string;
  /** A ServiceAccount that is there; the issuer reads the cluster's keys as that. */
  readonly account: { readonly namespace: string; readonly name: string };
  /** For certificates, state and logs. */
  readonly dir: string;
  /** Puts a proxy in front of it, to see and to spoil what is sent to it. */
  readonly proxied: boolean;
}

/** The embedded issuer as a process, which takes tokens of the cluster's ServiceAccounts. */
export interface IssuerOnStage extends AsyncDisposable {
  readonly program: Program;
  readonly url: string;
  readonly proxy: IssuerProxy | undefined;
  /** PEM, of its certificate. */
  readonly caBundle: string;
  readonly initialAccessToken: string;
}

export async function startIssuer(options: IssuerOptions): Promise<IssuerOnStage> {
  const { kube, kubeconfig, account, dir, proxied, ...how } = options;
  await using takeDown = new AsyncDisposableStack();
  const tls = await issueLoopbackCertificate(join(dir, 'tls'));
  const initialAccessToken = randomBytes(32).toString('base64url');
  writeFileSync(join(dir, 'initial-access-token'), initialAccessToken, { mode: 0o600 });
  const proxy = proxied
    ? takeDown.adopt(await startIssuerProxy(tls), (started) => started.close())
    : undefined;
  // With an identifier that is not its own address, the issuer does not say where it listens.
  const [port = 0] = proxy === undefined ? [] : await freePorts(1);
  proxy?.forwardTo(`https://127.0.0.1:${port}`);
  const program = new Program({
    ...how,
    logFile: join(dir, 'issuer.log'),
    args: [
      ...['issuer', '--port', String(port), '--state', join(dir, 'issuer.db')],
      ...(proxy === undefined ? [] : ['--issuer', proxy.url]),
      ...['--tls-cert', tls.certFile, '--tls-key', tls.keyFile],
      ...['--initial-access-token-file', join(dir, 'initial-access-token')],
      ...['--trust-cluster', await trustCluster({ kube, kubeconfig, account, dir })],
    ],
  });
  takeDown.defer(() => program.end());
  const [, url = ''] = await program.says(/issuer ready at (https:\S+)/);
  const end = takeDown.move();
  return {
    ...{ program, url, proxy, initialAccessToken },
    caBundle: readFileSync(tls.caFile, 'utf8'),
    [Symbol.asyncDispose]: () => end.disposeAsync(),
  };
}

/** The value of `--trust-cluster` for this cluster: its issuer, where its keys are read, and a token that may read them. */
async function trustCluster({
  kube,
  kubeconfig,
  account,
  dir,
}: Pick<IssuerOptions, 'kube' | 'kubeconfig' | 'account' | 'dir'>): Promise<string> {
  const config = await loadKubeconfig(kubeconfig, systemClock);
  const { ca } = await config.access.access();
  const discovery = await kube.getPath('/.well-known/openid-configuration');
  if (!discovery.ok) throw new Error(discovery.error.message);
  const { issuer } = discovery.value as { issuer: string };
  const found = await kube.get(resourceOf({ apiVersion: 'v1', kind: 'ServiceAccount' }), account);
  if (!found.ok) throw new Error(found.error.message);
  const token = await kube.requestToken(account, {
    uid: found.value.metadata.uid,
    audiences: [],
    expiration: hours(24),
  });
  if (!token.ok) throw new Error(token.error.message);
  writeFileSync(join(dir, 'cluster-token'), token.value.token.reveal(), { mode: 0o600 });
  writeFileSync(join(dir, 'cluster-ca.crt'), ca ?? '');
  return `issuer=${issuer},discovery=${config.server.origin}/.well-known/openid-configuration,ca=${join(dir, 'cluster-ca.crt')},token-file=${join(dir, 'cluster-token')}`;
}

/** What OAuthIssuers of tests refer to, in Grantor's own namespace. */
export const issuerCredentials = ({
  caBundle,
  initialAccessToken,
}: Pick<IssuerOnStage, 'caBundle' | 'initialAccessToken'>): Manifest[] => [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'quickstart-issuer', namespace: 'grantor-system' },
    data: { 'ca.crt': caBundle },
  },
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'quickstart-issuer', namespace: 'grantor-system' },
    data: { 'initial-access-token': Buffer.from(initialAccessToken).toString('base64') },
  },
];
