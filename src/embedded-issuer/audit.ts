import type { EventEmitter } from 'node:events';
import type { Client, errors, KoaContextWithOIDC, Provider } from 'oidc-provider';
import { Secret } from '../std/secret.ts';
import { ceilingOf } from './client-rules.ts';
import type { IssuerLog } from './issuer-log.ts';
import { podUIDIn } from './workload-token.ts';

/** Writes one line for each token, registration and revocation, and for each refusal, with the reason. */
export function audit(provider: Provider, log: IssuerLog): void {
  provider.on('grant.success', (ctx) => {
    const token = ctx.oidc.entities.ClientCredentials;
    const { aud, scope, jti, expiration: expires_in } = token ?? {};
    const grant_type = ctx.oidc.params?.['grant_type'];
    const pod_uid = podUID(ctx.oidc);
    log.info(
      { event: 'token.issued', ...who(ctx.oidc.client), pod_uid, grant_type, aud, scope, jti, expires_in },
      'issued a token',
    );
  });
  provider.on('client_credentials.destroyed', ({ clientId, jti }) => {
    log.info({ event: 'token.revoked', client_id: clientId, jti }, 'revoked a token');
  });
  provider.on('registration_create.success', (_ctx, client) => {
    log.info({ event: 'client.registered', ...who(client) }, 'registered a client');
  });
  provider.on('registration_update.success', (_ctx, client) => {
    log.info({ event: 'client.updated', ...who(client) }, 'updated a client');
  });
  provider.on('registration_delete.success', (_ctx, client) => {
    log.info({ event: 'client.deleted', ...who(client) }, 'deleted a client');
  });
  const refused = (what: string) => (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
    log.warn({ event: `${what}.refused`, ...who(ctx.oidc.client), ...why(error) }, 'refused a request');
  };
  provider.on('grant.error', refused('token'));
  provider.on('introspection.error', refused('introspection'));
  provider.on('revocation.error', refused('revocation'));
  provider.on('registration_create.error', refused('registration'));
  provider.on('registration_read.error', refused('registration'));
  provider.on('registration_update.error', refused('registration'));
  provider.on('registration_delete.error', refused('registration'));
  provider.on('server_error', (ctx, error) => {
    log.error({ event: 'request.failed', path: ctx.path, error: error.name }, 'a request failed');
  });
  // Koa prints what reaches it otherwise; here it is a connection that went away while it was answered.
  (provider as EventEmitter).on('error', (error: Error) => {
    log.warn({ event: 'connection.failed', error: error.name }, 'a connection failed');
  });
}

function who(client: Client | undefined) {
  if (client === undefined) return {};
  const ceiling = ceilingOf(client);
  return {
    client_id: client.clientId,
    software_id: client['software_id'],
    tenant_id: ceiling?.tenantID,
    subject: ceiling?.workload?.subject,
  };
}

/** The pod that asked. Only of clients of workloads, whose tokens the cluster signed: what others show they wrote themselves. */
function podUID({ client, params = {} }: KoaContextWithOIDC['oidc']): string | undefined {
  if (client === undefined || ceilingOf(client)?.workload === undefined) return undefined;
  const shown = params['client_assertion'] ?? params['assertion'] ?? params['subject_token'];
  return typeof shown === 'string' ? podUIDIn(new Secret(shown)) : undefined;
}

/** A parser's complaint quotes what it could not read, which may be a secret; it is not repeated. */
function why({ error, error_description, error_detail, cause }: errors.OIDCProviderError) {
  const detail = cause instanceof SyntaxError ? 'not valid JSON' : error_detail?.slice(0, 256);
  return { error, error_description, error_detail: detail };
}
