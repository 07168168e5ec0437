import type { IncomingMessage } from 'node:http';

/** A request to the API server in the words of its audit log. */
export interface ApiRequest {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'other';
  /** Plural; empty for a path outside the API, such as `/openid/v1/jwks`. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly userAgent: string;
  /** When it came, in milliseconds since the Unix epoch. */
  readonly at: number;
}

/** `/api/v1` or `/apis/group/version`, then perhaps a namespace, a resource, a name and a subresource. */
const resourcePath =
  /^\/(?:api\/[^/]+|apis\/[^/]+\/[^/]+)(?:\/namespaces\/(?<namespace>[^/]+)(?=\/.))?\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<subresource>[^/]+))?$/;
/** A namespace is also an object; these are its subresources, and no resources in it. */
const namespaceItself =
  /^\/api\/[^/]+\/(?<resource>namespaces)\/(?<name>[^/]+)\/(?<subresource>status|finalize)$/;

/** Reads method and path as the API server does. */
export function readApiRequest(incoming: IncomingMessage): ApiRequest {
  const { method = '', url = '' } = incoming;
  const { pathname: path, searchParams: query } = new URL(url, 'https://api-server');
  const {
    resource = '',
    subresource = '',
    namespace = '',
    name = '',
  } = (namespaceItself.exec(path) ?? resourcePath.exec(path))?.groups ?? {};
  return {
    verb: resource === '' ? 'other' : verbOf(method, name, query.get('watch') === 'true'),
    ...{ resource, subresource, namespace, name, method, path, query },
    userAgent: incoming.headers['user-agent'] ?? '',
    at: Date.now(),
  };
}

function verbOf(method: string, name: string, isWatch: boolean): ApiRequest['verb'] {
  switch (method) {
    case 'GET':
      if (isWatch) return 'watch';
      return name === '' ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return 'delete';
    default:
      return 'other';
  }
}

/** Which requests; what is left out matches everything. */
export interface RequestMatch
  extends Partial<Pick<ApiRequest, 'verb' | 'resource' | 'subresource' | 'namespace' | 'name'>> {
  readonly where?: (request: ApiRequest) => boolean;
}

export function matches(request: ApiRequest, { where, ...wanted }: RequestMatch): boolean {
  const equal = Object.entries(wanted).every(
    ([field, value]) => request[field as keyof ApiRequest] === value,
  );
  return equal && (where === undefined || where(request));
}

/** Whether a request begins a complete list: the first page of a list, or a watch that tells all that is there first. */
export const beginsList = ({ verb, query }: ApiRequest): boolean =>
  (verb === 'list' && !query.has('continue')) ||
  (verb === 'watch' && query.get('sendInitialEvents') === 'true');

/** What a reflector follows: a resource, and the selection of it. */
export const followedBy = ({ resource, query }: ApiRequest): string =>
  [resource, query.get('fieldSelector')].filter(Boolean).join('?');
