import { apiVersion } from '../../api/kind.ts';
import { configMapKind, podKind } from '../../kube/core-kinds.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { ResourceKind } from '../../kube/resource-path.ts';
import { type Lease, leaseKind } from '../../runtime/lease.ts';
import { allOf } from '../../std/all-of.ts';
import { err, ok, type Result } from '../../std/result.ts';
import { type Complaint, complaintOf } from '../complaint.ts';
import type { Pod } from '../deliveries.ts';
import {
  csiDriverKind,
  csiNodeKind,
  daemonSetKind,
  definitionKind,
  deploymentKind,
  policyBindingKind,
  policyKind,
} from '../installed-kinds.ts';
import { listAll } from '../list-all.ts';
import { serverTime } from '../server-time.ts';
import { boundsOf, type Session } from '../session.ts';
import { takeSurvey } from '../survey.ts';
import { type ExpectedRights, missingRights, ownRights } from './ask-rights.ts';
import type { CSIDriver, CSINode, DaemonSet, Deployment, DoctorFacts, Seen } from './doctor-facts.ts';

export interface DoctorOptions {
  /** Grantor's own namespace. */
  readonly home: string;
  /** Of this program. */
  readonly version: string;
  readonly expectedRights: ExpectedRights;
}

/** Reads all that the checks rest on. What cannot be read is a fact too. */
export async function gatherDoctorFacts(session: Session, options: DoctorOptions): Promise<DoctorFacts> {
  const { home, version, expectedRights } = options;
  const at = (name: string) => ({ namespace: home, name });
  const one = <T extends KubeObject>(kind: ResourceKind, where: { namespace?: string; name: string }) =>
    readOne<T>(session, kind, where);
  const { clocks, audiences, ...seen } = await allOf({
    clocks: readClocks(session),
    served: servedKinds(session),
    definitions: definedBy(session),
    deployment: one<Deployment>(deploymentKind, at('grantor-controller')),
    lease: one<Lease>(leaseKind, at('grantor-controller')),
    daemonSet: one<DaemonSet>(daemonSetKind, at('grantor-node')),
    csiDriver: one<CSIDriver>(csiDriverKind, { name: 'csi.grantor.dev' }),
    csiNodes: listAll<CSINode>(session, csiNodeKind, undefined),
    pods: listAll<Pod>(session, podKind, home),
    audiences: one<KubeObject & { readonly data?: Readonly<Record<string, string>> }>(
      configMapKind,
      at('grantor-audiences'),
    ),
    policies: boundPolicies(session),
    survey: takeSurvey({ ...session, namespace: undefined }),
    ownRights: ownRights(session, home),
    missingRights: missingRights(session, home, expectedRights),
  });
  return {
    ...{ home, version },
    ...clocks,
    ...seen,
    audiences: audiences.ok ? ok(audiences.value && Object.values(audiences.value.data ?? {})) : audiences,
  };
}

/** What the API server's clock says, and this machine's right after it: other answers may take their time. */
async function readClocks(session: Session): Promise<Pick<DoctorFacts, 'localTime' | 'serverTime'>> {
  const answer = await serverTime(session);
  return { localTime: session.clock.now(), serverTime: answer };
}

async function readOne<T extends KubeObject>(
  session: Session,
  kind: ResourceKind,
  at: { readonly namespace?: string; readonly name: string },
): Promise<Seen<T>> {
  const found = await session.kube.get<T>(kind, at, boundsOf(session));
  if (found.ok) return ok(found.value);
  return found.error.kind === 'notFound'
    ? ok(undefined)
    : err(complaintOf(found.error, { verb: 'get', kind, ...at }));
}

/** The plurals of our group, in our version. */
async function servedKinds(session: Session): Promise<Seen<readonly string[]>> {
  const answer = await session.kube.getPath(`/apis/${apiVersion}`, boundsOf(session));
  if (!answer.ok) {
    if (answer.error.kind === 'notFound') return ok([]);
    const kind = { group: 'grantor.dev', plural: '*', version: 'v1alpha1', namespaced: false };
    return err(complaintOf(answer.error, { verb: 'get', kind }));
  }
  const { resources = [] } = (answer.value ?? {}) as { resources?: readonly { readonly name: string }[] };
  return ok(resources.map(({ name }) => name));
}

/** The releases that brought the definitions of our kinds, by the labels of the chart. */
async function definedBy(session: Session): Promise<Seen<readonly string[]>> {
  const ours = { labelSelector: 'app.kubernetes.io/name=grantor', metadataOnly: true };
  const found = await listAll(session, definitionKind, undefined, ours);
  if (!found.ok) return found;
  const releases = found.value.flatMap(
    ({ metadata }) => metadata.labels?.['app.kubernetes.io/version'] ?? [],
  );
  return ok([...new Set(releases)]);
}

/** Policies that are there, and bound so that they deny. */
async function boundPolicies(session: Session): Promise<Result<readonly string[], Complaint>> {
  const [policies, bindings] = await Promise.all([
    listAll(session, policyKind, undefined, { metadataOnly: true }),
    listAll<KubeObject & { spec?: { policyName?: string; validationActions?: readonly string[] } }>(
      session,
      policyBindingKind,
      undefined,
    ),
  ]);
  if (!policies.ok) return policies;
  if (!bindings.ok) return bindings;
  const bound = new Set(
    bindings.value
      .filter(({ spec }) => spec?.validationActions?.includes('Deny'))
      .map(({ spec }) => spec?.policyName),
  );
  return ok(policies.value.map(({ metadata }) => metadata.name).filter((name) => bound.has(name)));
}
