import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fieldManager } from '../../src/delivery/other-hands.ts';
import { createKubeClient } from '../../src/kube/create-kube-client.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import { loadKubeconfig } from '../../src/kube/kubeconfig.ts';
import { systemClock } from '../../src/std/clock.ts';
import type { TargetCluster } from '../cluster/target.ts';
import type { Report } from '../provision/progress.ts';
import { writeAccountKubeconfig } from './account-kubeconfig.ts';
import { audienceInForce, audienceList } from './audiences.ts';
import { Footprint } from './footprint.ts';
import { issuerCredentials, startIssuer } from './issuer-on-stage.ts';
import type { IssuerProxy } from './issuer-proxy.ts';
import { applyManifests, type Manifest, readManifests, resourceOf } from './manifests.ts';
import { Program, type ProgramOptions } from './program.ts';
import { type ProxiedApi, startProxiedApi } from './proxied-api.ts';
import { bindsEverywhere, secretsPolicyInForce } from './secret-delivery.ts';
import { takenBy } from './taken-by.ts';

export const root = join(import.meta.dirname, '../..');
/** Who the controller is, as its pod's ServiceAccount would be. */
export const controllerUser = 'system:serviceaccount:grantor-system:grantor-controller';
/** Who the plug-in is, on every node. */
export const nodeUser = 'system:serviceaccount:grantor-system:grantor-node';
const controllerGroups = ['system:serviceaccounts', 'system:serviceaccounts:grantor-system'];

/** How Node runs the programs, and what they run in. */
export interface StageOptions extends Pick<ProgramOptions, 'entry' | 'nodeArgs' | 'env'> {
  readonly cluster: TargetCluster;
  /** For certificates, state and logs. */
  readonly dir: string;
  readonly report: Report;
  /** Whether Secrets may be delivered everywhere, as they may unless said otherwise. */
  readonly secretDelivery?: boolean;
  /** Puts a proxy in front of the issuer, to see and to spoil what is sent to it. */
  readonly proxied?: boolean;
  /** Puts a proxy between the controllers and the API server, to see and to spoil what they say to each other. */
  readonly apiProxied?: boolean;
}

/** A cluster with Grantor's kinds and rights in it, the embedded issuer and, once started, controllers. All real processes. */
export interface Stage {
  /** Of a user that may do everything but what the policies keep for the controller. */
  readonly kube: KubeClient;
  /** Of the controller's user: status is nobody else's to write. */
  readonly asController: KubeClient;
  readonly dir: string;
  readonly issuer: Program;
  readonly issuerURL: string;
  /** In front of the issuer, if it was asked for. */
  readonly proxy: IssuerProxy | undefined;
  /** In front of the API server, if it was asked for. */
  readonly api: ProxiedApi | undefined;
  /** PEM, of the issuer's certificate. */
  readonly caBundle: string;
  /** Every program that was started here. */
  readonly programs: readonly Program[];
  /** Starts a controller with the rights of deploy/controller.yaml and nothing more. */
  startController(options?: { readonly args?: readonly string[] }): Promise<Controller>;
  /** Manifests whose OAuthIssuers are the stage's issuer. */
  apply(manifests: readonly Manifest[]): Promise<void>;
  /** Ends the programs. A cluster that isn't ours is left as it was. */
  close(): Promise<void>;
}

export interface Controller {
  readonly program: Program;
  /** Of /healthz, /readyz and /metrics. */
  readonly probes: string;
}

/** Puts CRDs, rights, issuer and its credentials in place. */
export async function setStage({
  cluster,
  dir,
  report,
  proxied = false,
  apiProxied = false,
  secretDelivery = true,
  ...how
}: StageOptions): Promise<Stage> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  // What is set up is taken down in the opposite order, also when something on the way fails.
  await using takeDown = new AsyncDisposableStack();
  const kube = takeDown.adopt(await connect(cluster.kubeconfig), (client) => client.close());
  const isGuest = cluster.controlPlane === undefined;
  const [grounds, objects] = [new Footprint(kube, report), new Footprint(kube, report)];
  if (isGuest) takeDown.defer(() => grounds.remove());
  report('installing the kinds and the rights of the controller');
  await grounds.apply(readManifests(join(root, 'crds')));
  await established(kube);
  // Of the program only processes run here.
  const runsPods = new Set(['DaemonSet', 'Deployment']);
  const deployed = takenBy(cluster.controlPlane?.release ?? 'newest', readManifests(join(root, 'deploy')));
  await grounds.apply(
    deployed.filter(
      (manifest) => !runsPods.has(manifest.kind) && (secretDelivery || !bindsEverywhere(manifest)),
    ),
  );
  const config = await loadKubeconfig(cluster.kubeconfig, systemClock);
  const api = apiProxied
    ? takeDown.adopt(await startProxiedApi(config, kube, dir), (started) => started.close())
    : undefined;

  report('starting the embedded issuer');
  const account = { namespace: 'grantor-system', name: 'grantor-issuer' };
  await grounds.apply([{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: account }]);
  const trusting = { kube, kubeconfig: cluster.kubeconfig, account };
  const issuer = takeDown.use(await startIssuer({ ...how, ...trusting, dir, proxied }));
  const programs: Program[] = [issuer.program];
  takeDown.defer(async () => void (await Promise.all(programs.map((program) => program.end()))));
  const { url: issuerURL, proxy, caBundle } = issuer;
  await grounds.apply([...issuerCredentials(issuer), audienceList({ stage: issuerURL })]);
  // In a list that was there before, what we added ends with us.
  if (isGuest) takeDown.defer(async () => void (await applyManifests(kube, [audienceList({})])));

  const ownKubeconfig =
    (await cluster.controlPlane?.kubeconfigFor(controllerUser, controllerGroups)) ??
    (await writeAccountKubeconfig(kube, 'grantor-controller', join(dir, 'controller-kubeconfig.yaml'), {
      server: config.server.origin,
      caFile: join(dir, 'cluster-ca.crt'),
    }));
  const asController = takeDown.adopt(await connect(ownKubeconfig, fieldManager), (client) => client.close());
  await (secretDelivery
    ? audienceInForce({ kube, asController }, issuerURL)
    : secretsPolicyInForce({ kube, asController }));
  const kubeconfig = api?.kubeconfig ?? ownKubeconfig;
  // While a controller is there to end their finalizers, and an issuer to hear of it.
  if (isGuest) takeDown.defer(() => objects.remove());
  const end = takeDown.move();
  return {
    kube,
    asController,
    dir,
    issuer: issuer.program,
    issuerURL,
    proxy,
    api,
    caBundle,
    programs,
    async startController({ args = [] } = {}) {
      const program = new Program({
        ...how,
        logFile: join(dir, `controller-${programs.length}.log`),
        args: [
          'controller',
          '--kubeconfig',
          kubeconfig,
          '--namespace',
          'grantor-system',
          '--probes',
          '127.0.0.1:0',
          ...args,
        ],
      });
      programs.push(program);
      const [, probes = ''] = await program.says(/"probes":"([^"]+)"/, 60_000);
      return { program, probes };
    },
    apply: (manifests) => objects.apply(manifests.map((manifest) => withIssuer(manifest, issuerURL))),
    close: () => end.disposeAsync(),
  };
}

/** A client with the rights of a kubeconfig's user. */
const connect = async (kubeconfig: string, manager = 'grantor-stage'): Promise<KubeClient> =>
  createKubeClient({
    config: await loadKubeconfig(kubeconfig, systemClock),
    clock: systemClock,
    userAgent: 'grantor-stage',
    fieldManager: manager,
  });

/** Custom resources can be created once their definition is established. */
async function established(kube: KubeClient): Promise<void> {
  const definitions = readManifests(join(root, 'crds'));
  for (const { apiVersion, kind, metadata } of definitions) {
    for (let ready = false; !ready; ) {
      const found = await kube.get<
        Manifest & { status?: { conditions?: { type: string; status: string }[] } }
      >(resourceOf({ apiVersion, kind }), { name: metadata.name });
      ready =
        found.ok &&
        found.value.status?.conditions?.some(
          ({ type, status }) => type === 'Established' && status === 'True',
        ) === true;
      if (!ready) await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const withIssuer = (manifest: Manifest, issuer: string): Manifest =>
  manifest.kind === 'OAuthIssuer' ? { ...manifest, spec: { ...manifest.spec, issuer } } : manifest;
