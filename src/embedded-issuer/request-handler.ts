import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { Clock } from '../std/clock.ts';
import type { Tracer } from '../std/tracer.ts';
import { clientForm } from './client-form.ts';
import type { ClientStore } from './client-store.ts';
import { issuerMetadata, paths } from './endpoints.ts';
import { epochSeconds } from './epoch-seconds.ts';
import { inTurn } from './in-turn.ts';
import type { IssuerLog } from './issuer-log.ts';
import { readBody } from './read-body.ts';
import { requestAgain } from './request-again.ts';
import { type OAuthError, sendError, sendJSON } from './send-json.ts';
import { tracedAnswers } from './traced-answers.ts';
import type { WorkloadLogin } from './workload-login.ts';

export interface RequestHandlerOptions {
  readonly issuer: string;
  readonly provider: Provider;
  readonly login: WorkloadLogin;
  readonly clients: ClientStore;
  readonly clock: Clock;
  readonly log: IssuerLog;
  readonly tracer?: Tracer | undefined;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  /** The path's one variable part, where it has one. */
  readonly clientID: string;
  readonly body: Buffer;
}

type Handler = (exchange: Exchange) => Promise<void> | void;
type Handlers = ReturnType<typeof handlersOf>;
type Methods = Readonly<Record<string, keyof Handlers>>;

interface Route {
  /** With `{client_id}` for the one variable part, where it has one. */
  readonly path: string;
  readonly pattern: RegExp;
  readonly methods: Methods;
}

const aClient = `${paths.registration}/{client_id}`;

/** Everything that this server answers to. What else oidc-provider has to offer does not exist here. */
const routes: readonly Route[] = [
  at(paths.health, { GET: 'health' }),
  at(paths.openidDiscovery, { GET: 'discovery' }),
  at(paths.oauthDiscovery, { GET: 'discovery' }),
  at(paths.jwks, { GET: 'forward' }),
  at(paths.token, { POST: 'asClient' }),
  at(paths.introspection, { POST: 'asClient' }),
  at(paths.revocation, { POST: 'asClient' }),
  at(paths.registration, { POST: 'register' }),
  at(aClient, { GET: 'forward', PUT: 'register', DELETE: 'register' }),
  at(`${aClient}/tokens`, { DELETE: 'revokeAll' }),
];

/** Answers requests: finds the route, reads the body within its limit, and never lets an exception out. */
export function requestHandler(options: RequestHandlerOptions) {
  const handlers = handlersOf(options);
  const traced = tracedAnswers(options.tracer);
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [path = ''] = request.url?.split('?') ?? [];
    const route = routes.find(({ pattern }) => pattern.test(path));
    if (route === undefined) return sendError(response, notFound);
    const handler = route.methods[request.method ?? ''];
    if (handler === undefined) return sendError(response, notAllowed(Object.keys(route.methods)));
    try {
      const body = await readBody(request);
      if (body === undefined) return sendError(response, tooLong);
      const clientID = route.pattern.exec(path)?.[1] ?? '';
      await traced({ request, response, route: route.path }, async () => {
        await handlers[handler]({ request, response, path, clientID, body });
      });
    } catch (error) {
      options.log.error(
        { event: 'request.failed', path, error: error instanceof Error ? error.name : typeof error },
        'a request failed',
      );
      if (!response.headersSent) sendError(response, failed);
      else response.destroy();
    }
  };
}

function handlersOf({ issuer, provider, login, clients, clock, log }: RequestHandlerOptions) {
  const { host } = new URL(issuer);
  const metadata = issuerMetadata(issuer, { federation: login.trustsClusters });
  const answer = provider.callback();
  const oneRegistrationAtATime = inTurn();

  const health: Handler = ({ response }) => sendJSON(response, 200, { status: 'ok' });

  const discovery: Handler = ({ response }) => sendJSON(response, 200, metadata);

  const forward: Handler = ({ request, response, path, body }) =>
    answer(requestAgain(request, { path, host, body }), response);

  /** What a registration is compared with must not change until it is stored. */
  const register: Handler = (exchange) => oneRegistrationAtATime(async () => forward(exchange));

  const asClient: Handler = async (exchange) => {
    const { request, response, path } = exchange;
    if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      return forward(exchange);
    const form = await clientForm(exchange.body, login);
    if (form.ok) return forward({ ...exchange, body: form.value });
    const { kind, detail } = form.error;
    const refusal = kind === 'rejected' ? loginRejected : loginUnavailable;
    log.warn(
      { event: 'login.refused', path, error: refusal.error, error_detail: detail },
      'refused a workload',
    );
    return sendError(response, refusal);
  };

  const revokeAll: Handler = async ({ request, response, clientID }) => {
    const token = /^Bearer ([^ ]+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const manager = token === undefined ? undefined : await provider.RegistrationAccessToken.find(token);
    if (manager === undefined || manager.clientId !== clientID) {
      log.warn({ event: 'tokens.refused', client_id: clientID }, 'refused to revoke the tokens of a client');
      return sendError(response, notTheManager);
    }
    clients.revokeTokens(clientID, epochSeconds(clock));
    log.info({ event: 'tokens.revoked', client_id: clientID }, 'revoked all tokens of a client');
    response.writeHead(204).end();
  };

  return { health, discovery, forward, register, asClient, revokeAll };
}

const notFound: OAuthError = { status: 404, error: 'not_found', description: 'there is nothing here' };
const tooLong: OAuthError = {
  status: 413,
  error: 'invalid_request',
  description: 'the request is too long',
  headers: { connection: 'close' },
};
const failed: OAuthError = { status: 500, error: 'server_error', description: 'the request failed' };
const loginRejected: OAuthError = {
  status: 401,
  error: 'invalid_client',
  description: 'client authentication failed',
};
const loginUnavailable: OAuthError = {
  status: 503,
  error: 'temporarily_unavailable',
  description: "the cluster's keys cannot be fetched",
  headers: { 'retry-after': '5' },
};
const notTheManager: OAuthError = {
  status: 401,
  error: 'invalid_token',
  description: 'registration access token not found',
  headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
};

const notAllowed = (methods: readonly string[]): OAuthError => ({
  status: 405,
  error: 'invalid_request',
  description: `use ${methods.join(' or ')}`,
  headers: { allow: methods.join(', ') },
});

function at(path: string, methods: Methods): Route {
  return { path, pattern: new RegExp(`^${path.replace('{client_id}', '([A-Za-z0-9-]{1,64})')}$`), methods };
}
