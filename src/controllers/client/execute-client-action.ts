import { type OAuthClient, oauthClientKind } from '../../api/oauth-client.ts';
import { credentialsSecretManifest } from '../../delivery/credentials-secret.ts';
import { registrationSecretName } from '../../delivery/registration-secret.ts';
import type { ActionFailure } from '../../domain/attempt.ts';
import type { ClientFacts } from '../../domain/client-facts.ts';
import { type ActionOf, type ClientAction, clientFinalizer } from '../../domain/client-plan.ts';
import type { RegistrationRecord } from '../../domain/registration-record.ts';
import { secretKind } from '../../kube/core-kinds.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { ok, type Result } from '../../std/result.ts';
import { deleteSecret } from '../delete-secret.ts';
import { discardSecret } from '../discard-secret.ts';
import type { Environment } from '../environment.ts';
import { setFinalizer } from '../set-finalizer.ts';
import { outcomeOf, writeSecret } from '../write-secret.ts';
import { deregister, register, update } from './ask-issuer.ts';
import { compare } from './compare-client.ts';
import { confirmAbsent } from './confirm-absent.ts';
import { dropRecord, inheritRecord, prepareRecord } from './registration-records.ts';
import { releaseRecord } from './release-record.ts';
import { revokeTokens } from './revoke-tokens.ts';
import { rotateCredentials, takeTurn } from './rotate-credentials.ts';

type Done = Promise<Result<void, ActionFailure>>;

/** From action to calls. Each leaves the caches such that the next gathering sees what was done. */
export async function executeClientAction(
  environment: Environment,
  action: ClientAction,
  facts: ClientFacts,
  context: ReconcileContext,
): Done {
  const { client, issuer } = facts;
  if (mayBeOfAnother(action)) {
    const confirmed = await confirmGone(environment, action.record, client, context);
    if (!confirmed.ok) return confirmed;
  }
  switch (action.kind) {
    case 'addFinalizer':
      return client ? holdClient(environment, client, true, context) : ok(undefined);
    case 'removeFinalizer': {
      if (client === undefined) return ok(undefined);
      const confirmed = await confirmUnrecorded(environment, client, context);
      return confirmed.ok ? holdClient(environment, client, false, context) : confirmed;
    }
    case 'prepare':
      return client && issuer
        ? prepareRecord(environment, client, issuer.spec.issuer, action, context)
        : ok(undefined);
    case 'inherit':
      return client ? inheritRecord(environment, client, action.record, context) : ok(undefined);
    case 'register':
    case 'reclaim':
      return register(environment, action, facts, context);
    case 'update':
      return update(environment, action, facts, context);
    case 'deregister':
      return deregister(environment, action, facts, context);
    case 'compare':
      return compare(environment, action, facts, context);
    case 'revokeTokens':
      return revokeTokens(environment, action, facts, context);
    case 'deleteRecord':
      return dropRecord(environment, action.record, context);
    case 'release':
      return releaseRecord(environment, action.record, facts, context);
    case 'writeCredentials':
      return client ? writeCredentials(environment, client, action, facts, context) : ok(undefined);
    case 'takeTurn':
      if (client && issuer) takeTurn(environment, client, issuer);
      return ok(undefined);
    case 'lookForConsumers':
      await environment.consumers.look(action.copy, context.signal);
      return ok(undefined);
    case 'rotateCredentials':
      return rotateCredentials(environment, action, facts, context);
    case 'deleteCredentials':
      return deleteSecret(environment, environment.world.credentialsSecrets, action.secret, context);
    case 'discardCredentials':
      return discardSecret(
        environment,
        environment.world.credentialsSecrets,
        action.secret,
        'grantor.dev/client',
        context,
      );
  }
}

const holdClient = (
  environment: Environment,
  { metadata }: OAuthClient,
  wanted: boolean,
  context: ReconcileContext,
): Done =>
  setFinalizer(
    environment,
    { kind: oauthClientKind, metadata, informer: environment.world.clients },
    clientFinalizer,
    wanted,
    context,
  );

type OfAnother = ActionOf<'inherit' | 'register' | 'reclaim' | 'update' | 'revokeTokens' | 'deregister'>;

/** What is done on the account of a record, whose OAuthClient may be gone. */
const mayBeOfAnother = (action: ClientAction): action is OfAnother =>
  ['inherit', 'register', 'reclaim', 'update', 'revokeTokens', 'deregister'].includes(action.kind);

/** What is done because an OAuthClient is gone waits until the API server says that it is. */
async function confirmGone(
  environment: Environment,
  { client }: RegistrationRecord,
  cached: OAuthClient | undefined,
  context: ReconcileContext,
): Done {
  if (cached?.metadata.uid === client.uid) return ok(undefined);
  const what = `OAuthClient ${client.namespace}/${client.name}`;
  const meant = { kind: oauthClientKind, at: client, uid: client.uid, what };
  return confirmAbsent(environment, meant, environment.world.clients, context);
}

/** An OAuthClient does not go while there is a record of it that the cache does not know of yet: its issuer may hold the client. */
function confirmUnrecorded(
  environment: Environment,
  { metadata }: OAuthClient,
  context: ReconcileContext,
): Done {
  const { world, ownNamespace: namespace } = environment;
  const name = registrationSecretName(metadata.uid);
  const meant = { kind: secretKind, at: { namespace, name }, what: `Secret ${name}` };
  return confirmAbsent(environment, meant, world.registrations, context);
}

async function writeCredentials(
  environment: Environment,
  client: OAuthClient,
  { name, record, replaces }: ActionOf<'writeCredentials'>,
  { issuer }: ClientFacts,
  context: ReconcileContext,
): Done {
  const manifest = credentialsSecretManifest(client, issuer?.spec.issuer ?? '', name, record);
  return outcomeOf(
    await writeSecret(environment, environment.world.credentialsSecrets, manifest, replaces, context),
  );
}
