import { oauthClientKind } from '../../api/oauth-client.ts';
import { registrationSecretName } from '../../delivery/registration-secret.ts';
import type { FailedAttempt } from '../../domain/attempt.ts';
import type { ClientFacts } from '../../domain/client-facts.ts';
import { type ClientAction, type ClientPlan, fingerprintOf } from '../../domain/client-plan.ts';
import { credentialsSecretName } from '../../domain/credentials-secret-name.ts';
import type { Look } from '../../domain/look.ts';
import { planClient } from '../../domain/plan-client.ts';
import { tenancyOf } from '../../domain/tenancy.ts';
import { listed } from '../../domain/violation.ts';
import { keyOf, splitKey } from '../../runtime/store.ts';
import { formatInstant } from '../../std/instant.ts';
import { ok } from '../../std/result.ts';
import type { Environment } from '../environment.ts';
import { leaveMalformedAlone } from '../leave-malformed-alone.ts';
import {
  allScopes,
  clientIDHolder,
  firstUnreadable,
  grantingScope,
  secretHolder,
  serviceAccountHolder,
  unreadableScope,
} from '../lookups.ts';
import { createReconciler, type ReconcilerParts } from '../reconciler.ts';
import { writeStatus } from '../write-status.ts';
import { executeClientAction } from './execute-client-action.ts';

/** One client: gather, plan (domain/plan-client.ts), execute, tell. The key is `namespace/name`. */
export const createClientReconciler = (environment: Environment) =>
  createReconciler(clientParts(environment), environment.clock);

function clientParts(environment: Environment): ReconcilerParts<ClientFacts, ClientAction, ClientPlan> {
  const { world } = environment;
  return {
    malformed: leaveMalformedAlone(environment, oauthClientKind, world.clients),
    gather: (key, attempt) => gatherClient(environment, key, attempt),
    plan: planClient,
    fingerprint: (action, { client }) => fingerprintOf(action, client),
    lingers: ({ kind }) => !ofCluster.has(kind),
    execute: (action, facts, context) => executeClientAction(environment, action, facts, context),
    async tell({ client: object, record }, { conditions, violations = [], ...plan }, context) {
      if (object === undefined || conditions.length === 0) return ok(undefined);
      const { clientID, tenant, withdrawal, rotation } = plan;
      const tokensRevokedAt = record?.tokensRevokedAt && formatInstant(record.tokensRevokedAt);
      const fields = {
        ...{ clientID, violations: listed(violations), tenant, withdrawal, tokensRevokedAt },
        rotation,
      };
      return writeStatus(
        environment,
        { kind: oauthClientKind, object, informer: world.clients, conditions, fields },
        context,
      );
    },
  };
}

/** What is done without the issuer. */
const ofCluster: ReadonlySet<ClientAction['kind']> = new Set([
  'addFinalizer',
  'removeFinalizer',
  'prepare',
  'inherit',
  'deleteRecord',
  'release',
  'writeCredentials',
  'rotateCredentials',
  'deleteCredentials',
  'discardCredentials',
]);

/** Reads the caches for everything that a decision about one client rests on. */
function gatherClient(
  environment: Environment,
  key: string,
  attempt: FailedAttempt | undefined,
): ClientFacts {
  const { world, secretDelivery, census, looks, firstSeen, consumers, rotationTurns } = environment;
  const { ownNamespace, clusterID, serviceAccountIssuer } = environment;
  const { namespace } = splitKey(key);
  const client = world.clients.store.get(key)?.object;
  const uid = client?.metadata.uid;
  const account = client?.spec.authentication.federated?.serviceAccountName;
  const serviceAccount =
    account === undefined ? undefined : world.serviceAccounts.store.get(keyOf(namespace, account));
  const secretName = client && credentialsSecretName(client);
  const credentials = world.credentialsSecrets.store
    .byIndex('owner', key)
    .filter(({ ownerUID }) => client === undefined || ownerUID === uid);
  const kept = world.registrations.store.byIndex('client', key);
  const records = kept.map(({ record }) => record).filter((record) => record !== undefined);
  const keptIssuer = client && world.issuers.store.get(client.spec.issuerRef.name);
  // One that somebody spoiled may not say whose it is any more, but for its name.
  const named = uid && world.registrations.store.get(keyOf(ownNamespace, registrationSecretName(uid)));
  const unreadable = [...kept, ...(named ? [named] : [])].find(
    (one) => one.problem !== undefined && (one === named || one.clientUID === uid),
  );
  const tenancy = tenancyOf(world.namespaces.store.get(namespace), allScopes(world), ownNamespace);
  return {
    client,
    tenancy,
    grantedBy: grantingScope(world, client?.status?.tenant),
    beyondQuota:
      client !== undefined && tenancy.kind === 'tenant' && census.isBeyond('clients', tenancy.scope, client),
    issuer: keptIssuer?.object,
    serviceAccountUID: serviceAccount?.uid,
    serviceAccountLabels: serviceAccount?.labels,
    serviceAccountIssuer,
    clusterID,
    serviceAccountHolder: client && serviceAccountHolder(world, client),
    clientIDHolder: client && clientIDHolder(environment, client),
    secretHolder:
      client && secretName ? secretHolder(world, client, keyOf(namespace, secretName)) : undefined,
    record: records.find((record) => record.client.uid === uid),
    unreadableRecord: unreadable?.problem ? { ...unreadable, problem: unreadable.problem } : undefined,
    orphans: records
      .filter((record) => record.client.uid !== uid)
      .map((record) => ({
        record,
        issuer: world.issuers.store.get(record.issuer)?.object,
        since: firstSeen.of(`${record.uid}/${record.client.uid}`),
      })),
    secretReach: secretDelivery.reach(namespace),
    credentials,
    rotationTurn: uid === undefined ? undefined : rotationTurns.of(uid),
    consumers: consumers.seen(credentials.find(({ name }) => name === secretName)),
    unreadable: firstUnreadable(keptIssuer) ?? unreadableScope(world, tenancy),
    attempt,
    look: uid === undefined ? unseen(environment) : looks.of(uid),
  };
}

/** Of what is gone nothing is ever looked at. */
const unseen = ({ clock }: Environment): Look => ({ at: clock.now(), differences: [] });
