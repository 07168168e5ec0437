import type { AuthorizationServer } from 'oauth4webapi';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import { failure, IssuerFailureError, refusal } from '../classify.ts';
import type { Fetch } from '../issuer-fetch.ts';
import type { AdminAccess, AdminToken } from '../own-login.ts';

/** The Admin REST API for one call. Like oauth4webapi's functions, these throw: always an `IssuerFailureError`. */
export interface AdminAPI {
  /** What is there; undefined where Keycloak says that it is not. */
  read(url: string, longest?: number): Promise<unknown>;
  /** `conflict`: there is another of that name or key. `absent`: there is nothing that it could be done to. */
  write(
    method: 'POST' | 'PUT' | 'DELETE',
    url: string,
    body?: string,
  ): Promise<'done' | 'conflict' | 'absent'>;
}

interface Way {
  readonly access: AdminAccess;
  readonly server: AuthorizationServer;
  readonly fetch: Fetch;
  /** Names the call in failures. */
  readonly what: string;
}

/** Opens the Admin REST API with Grantor's own token. One that is not accepted is replaced, once. */
export function adminAPI({ access, server, fetch, what }: Way): AdminAPI {
  const fail = (problem: IssuerFailure): never => {
    throw new IssuerFailureError(problem);
  };
  const token = async (): Promise<AdminToken> => {
    const answer = await access.token(server);
    return answer.ok ? answer.value : fail(answer.error);
  };

  async function ask(url: string, init: Omit<Parameters<Fetch>[1], 'headers'>): Promise<Response> {
    const request = async (): Promise<readonly [Response, AdminToken]> => {
      const known = await token();
      const headers = {
        accept: 'application/json',
        authorization: `Bearer ${known.token.reveal()}`,
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
      };
      return [await fetch(url, { ...init, headers }), known];
    };
    const [first, used] = await request();
    if (first.status !== 401) return first;
    access.refused(used);
    return (await request())[0];
  }

  return {
    async read(url, longest) {
      const response = await ask(url, { method: 'GET', ...(longest === undefined ? {} : { longest }) });
      const body = await jsonIn(response);
      if (response.status === 200) return body ?? fail(failure('malformed', what, 'the answer is not JSON'));
      return isAbsent(response, body) ? undefined : fail(refused(response, body, what));
    },
    async write(method, url, body) {
      const response = await ask(url, { method, ...(body === undefined ? {} : { body }) });
      if ([200, 201, 204].includes(response.status)) return 'done';
      if (response.status === 409) return 'conflict';
      const said = await jsonIn(response);
      return isAbsent(response, said) ? 'absent' : fail(refused(response, said, what));
    },
  };
}

/**
 * Only these words mean that a thing is not there. Of a realm that is gone, of a path that is closed and of a proxy in front, the status is
 * the same, and believing it would leave a client behind or make a second one.
 */
const isAbsent = ({ status }: Response, body: unknown): boolean =>
  status === 404 && /^could not find client( scope)?$/i.test(String(memberOf(body, 'error')));

function refused({ status }: Response, body: unknown, what: string): IssuerFailure {
  const login = "Grantor's own login";
  if (status === 401) return failure('loginFailed', what, `${login} is not accepted (401)`);
  if (status === 403)
    return failure('loginFailed', what, `${login} lacks the role manage-clients of realm-management (403)`);
  const said = memberOf(body, 'errorMessage') ?? memberOf(body, 'error_description');
  if (status === 400)
    return refusal(400, what, { error: 'invalid_client_metadata', error_description: said });
  return refusal(status, what, { error: memberOf(body, 'error'), error_description: said });
}

const memberOf = (body: unknown, member: string): unknown =>
  typeof body === 'object' && body !== null ? Reflect.get(body, member) : undefined;

async function jsonIn(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}
