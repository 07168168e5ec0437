/** One sort of span, as it is documented and exported. */
export interface SpanDefinition {
  /** How it is called; `{…}` stands for what the caller gives, which has few values. */
  readonly title: string;
  readonly kind: 'internal' | 'client' | 'server';
  /** Whether it begins a trace: always, where nothing is under way that it could be part of, or never: then there is none. */
  readonly begins: 'always' | 'alone' | 'never';
  readonly attributes: readonly SpanAttribute[];
  readonly help: string;
}

/** Every attribute that a span may have, by the semantic conventions of OpenTelemetry where those have a name. No value is a credential, or holds one. */
export const spanAttributes = {
  'grantor.correlation_id':
    'Of one piece of work, as in the audit trail and the log. A trace that begins with it has the same as its id, without dashes.',
  'grantor.controller': 'The controller that works on the object.',
  'grantor.object.name': 'The object, without its namespace.',
  'grantor.outcome': 'How it ended: done, again, retry or stuck.',
  'grantor.issuer': 'Name of the OAuthIssuer.',
  'grantor.tenant': 'Id of the tenant.',
  'grantor.client_id': '`client_id` at the issuer.',
  'grantor.binding': 'Name of the WorkloadIdentityBinding.',
  'k8s.namespace.name': 'The namespace of what it is about.',
  'k8s.pod.name': 'The pod whose volume it is.',
  'k8s.pod.uid': 'UID of that pod.',
  'http.request.method': 'The method of HTTP.',
  'http.response.status_code': 'The status of the answer, if one came.',
  'http.route': 'The path that was asked for, without its variable part.',
  'url.template': 'The same of a path at the API server: no names, no query.',
  'server.address': 'The host that was asked.',
  'server.port': 'Its port.',
  'rpc.system.name': '`grpc`.',
  'rpc.method': 'What the kubelet called.',
  'rpc.response.status_code': 'The status of gRPC.',
  'error.type':
    'Only of spans that failed: the reason or kind of failure, or the status. Never a message, which may hold what somebody answered.',
} as const satisfies Readonly<Record<string, string>>;

export type SpanAttribute = keyof typeof spanAttributes;

const request = ['http.request.method', 'http.response.status_code', 'error.type'] as const;
const server = ['server.address', 'server.port'] as const;

/** Every span of the program. The only source of docs/reference/tracing.md, with the attributes above. */
export const spans = {
  reconcile: {
    title: 'reconcile {controller}',
    kind: 'internal',
    begins: 'always',
    attributes: [
      'grantor.controller',
      'k8s.namespace.name',
      'grantor.object.name',
      'grantor.correlation_id',
      'grantor.outcome',
      'error.type',
    ],
    help: 'A controller works on one object, from reading its caches to the status that it wrote.',
  },
  publish: {
    title: 'NodePublishVolume',
    kind: 'server',
    begins: 'always',
    attributes: [
      'rpc.system.name',
      'rpc.method',
      'rpc.response.status_code',
      'k8s.namespace.name',
      'k8s.pod.name',
      'k8s.pod.uid',
      'grantor.binding',
      'error.type',
    ],
    help: 'The kubelet calls for the volume of a pod: the first time until its token is there, later only to bring new ServiceAccount tokens.',
  },
  token: {
    title: 'obtain token',
    kind: 'internal',
    begins: 'alone',
    attributes: [
      'grantor.issuer',
      'grantor.tenant',
      'grantor.client_id',
      'k8s.namespace.name',
      'grantor.binding',
      'grantor.correlation_id',
      'error.type',
    ],
    help: 'A token is asked for and goes through every check before it is delivered, for a Secret or for a volume.',
  },
  issuer: {
    title: '{method} {request}',
    kind: 'client',
    begins: 'alone',
    attributes: [...request, ...server, 'grantor.tenant', 'grantor.correlation_id'],
    help: 'One request to an authorization server, waiting for its turn within our own limits included. It carries `traceparent`.',
  },
  api: {
    title: '{method} {path}',
    kind: 'client',
    begins: 'never',
    attributes: [...request, ...server, 'url.template', 'k8s.namespace.name'],
    help: 'One request to the API server as part of something else: a TokenRequest, the Secret, the status. What informers list and watch is part of nothing, and has none. It carries `traceparent`.',
  },
  answer: {
    title: '{method} {path}',
    kind: 'server',
    begins: 'alone',
    attributes: [...request, 'http.route', 'grantor.correlation_id'],
    help: 'The embedded issuer answers a request, and goes on with the trace that its `traceparent` names.',
  },
} as const satisfies Readonly<Record<string, SpanDefinition>>;

export type SpanName = keyof typeof spans;
