import { kinds } from '../../api/kinds.ts';
import { seconds } from '../../std/duration.ts';
import { between, instantIn } from '../../std/instant.ts';
import { shortly } from '../age.ts';
import type { Deployment, DoctorFacts } from './doctor-facts.ts';
import { type Finding, fine, unknown, warning, wrong } from './finding.ts';

type Check = (facts: DoctorFacts) => readonly Finding[];

const area = 'install';

/** Every kind is served in the version that this program speaks. */
const kindsServed: Check = ({ served }) => {
  if (!served.ok) return [unknown(area, 'which kinds are served', served.error)];
  const missing = kinds.filter(({ plural }) => !served.value?.includes(plural)).map(({ kind }) => kind);
  if (missing.length === 0) return [fine(area, `all ${kinds.length} kinds are served in v1alpha1`)];
  return [
    wrong(
      area,
      `this cluster does not serve ${missing.join(', ')} in v1alpha1`,
      'apply the CRDs of this release: helm upgrade with crds.enabled, or kubectl apply -f crds/',
    ),
  ];
};

/** The controller is there, with the replicas that it should have. */
const controllerRuns: Check = ({ deployment, home, version }) => {
  if (!deployment.ok) return [unknown(area, 'the Deployment of the controller', deployment.error)];
  const found = deployment.value;
  const name = `Deployment grantor-controller in ${home}`;
  if (found === undefined)
    return [
      warning(
        area,
        `there is no ${name}`,
        'install the chart, or name the namespace of Grantor with --grantor-namespace',
      ),
    ];
  const wanted = found.spec?.replicas ?? 1;
  const available = found.status?.availableReplicas ?? 0;
  const release = releaseOf(found);
  const skew =
    release === undefined || release === version
      ? []
      : [
          warning(
            area,
            `the controller is of release ${release}, and this program of ${version}`,
            'use the same release',
          ),
        ];
  if (available === 0)
    return [
      wrong(area, `no replica of ${name} is available`, `see: kubectl -n ${home} get pods; logs`),
      ...skew,
    ];
  if (available < wanted)
    return [
      warning(
        area,
        `${available} of ${wanted} replicas of ${name} are available`,
        `see: kubectl -n ${home} get pods`,
      ),
      ...skew,
    ];
  return [fine(area, `${available} of ${wanted} replicas of ${name} are available`), ...skew];
};

/** Of which release a controller is: by the tag of its image, or where that names none, as a digest does not, by what the chart says of itself. */
function releaseOf({ spec, metadata }: Deployment): string | undefined {
  const image = spec?.template?.spec?.containers?.[0]?.image ?? '';
  const [, tag] = /:v?(\d+\.\d+\.\d+[-.\w]*)(?:@|$)/.exec(image) ?? [];
  return tag ?? metadata.labels?.['app.kubernetes.io/version'];
}

/** A controller cannot write what kinds from before it do not know: then no status is written at all. */
const kindsOfRelease: Check = ({ definitions, deployment }) => {
  if (!definitions.ok) return [unknown(area, 'the definitions of the kinds', definitions.error)];
  const release = deployment.ok && deployment.value ? releaseOf(deployment.value) : undefined;
  const [first, ...others] = definitions.value ?? [];
  if (first === undefined || release === undefined) return [];
  return first === release && others.length === 0
    ? [fine(area, `the definitions of the kinds are of release ${release}, as the controller`)]
    : [
        warning(
          area,
          `the definitions of the kinds are of release ${[first, ...others].join(' and ')}, and the controller of ${release}`,
          'where they are the older ones, bring them up to date: docs/upgrade.md, The kinds',
        ),
      ];
};

/** Some replica leads, and works: the others only wait for it to be gone. */
const someoneLeads: Check = ({ lease, serverTime, localTime, home }) => {
  if (!lease.ok) return [unknown(area, 'the Lease of the leader', lease.error)];
  const { holderIdentity = '', renewTime, leaseDurationSeconds = 15 } = lease.value?.spec ?? {};
  const see = `see: kubectl -n ${home} logs deployment/grantor-controller`;
  if (holderIdentity === '')
    return [wrong(area, 'no controller leads: nothing is registered, issued or withdrawn', see)];
  const now = (serverTime.ok ? serverTime.value : undefined) ?? localTime;
  // What it is told here: times of others are compared on the minute scale only, since clocks differ.
  const age = between(instantIn(renewTime) ?? now, now);
  if (age > seconds(leaseDurationSeconds + 30))
    return [
      wrong(
        area,
        `the leader ${holderIdentity} has not renewed its Lease for ${shortly(age)}: no controller works`,
        see,
      ),
    ];
  return [fine(area, `${holderIdentity} leads, and renewed its Lease ${shortly(age)} ago`)];
};

/** What the API server refuses in our name: without a policy a promise of docs/tenancy.md does not hold. */
export const expectedPolicies = [
  'grantor-audiences',
  'grantor-controller-events',
  'grantor-controller-objects',
  'grantor-controller-secrets',
  'grantor-node-events',
  'grantor-own-secrets',
  'grantor-reserved-metadata',
  'grantor-status',
  'grantor-token-requests',
] as const;

const policiesBound: Check = ({ policies }) => {
  if (!policies.ok) return [unknown(area, 'the admission policies', policies.error)];
  const missing = expectedPolicies.filter((name) => !policies.value?.includes(name));
  if (missing.length === 0)
    return [fine(area, `all ${expectedPolicies.length} admission policies are there and bound`)];
  return [
    wrong(
      area,
      `admission policies are missing, or not bound: ${missing.join(', ')}`,
      'install the chart again, or kubectl apply -f deploy/admission.yaml',
    ),
  ];
};

/** The plug-in of the nodes runs on all of them. Without volumes there is none. */
const nodesRun: Check = ({ daemonSet, home }) => {
  if (!daemonSet.ok) return [unknown(area, 'the DaemonSet of the nodes', daemonSet.error)];
  if (daemonSet.value === undefined)
    return [
      warning(
        area,
        `there is no DaemonSet grantor-node in ${home}: no pod gets a token in a volume`,
        'install it with node.enabled, if volumes are wanted',
      ),
    ];
  const { desiredNumberScheduled = 0, numberAvailable = 0 } = daemonSet.value.status ?? {};
  const told = `the node plug-in runs on ${numberAvailable} of ${desiredNumberScheduled} nodes`;
  return numberAvailable >= desiredNumberScheduled
    ? [fine(area, told)]
    : [wrong(area, told, `see: kubectl -n ${home} get pods -l app.kubernetes.io/component=node -o wide`)];
};

export const installChecks: readonly Check[] = [
  kindsServed,
  controllerRuns,
  kindsOfRelease,
  someoneLeads,
  policiesBound,
  nodesRun,
];
