/** What each level of the log is for. The only source of docs/reference/log.md, with the fields below. */
export const logLevels = {
  error: 'Somebody should look: something will not mend itself.',
  warn: 'It did not work and is tried again, or it was refused.',
  info: 'What an operator wants to read of a normal day: start, stop, leadership, changes at an issuer, what is tried again.',
  debug: 'Every reconcile. May hold names of tenants’ objects.',
} as const;

/** Every field that a line of controller or node may have; which of them it has depends on what it tells. */
export const logFields = {
  level: 'One of the levels above.',
  time: 'When, in RFC 3339, by the clock of the program.',
  msg: 'What happened, in words that stay the same from one line to the next of its kind: good for a filter.',
  controller: 'The controller that works on the object.',
  key: 'The object that it works on: `namespace/name`, or the name of one without a namespace.',
  correlationID:
    'Of one piece of work: the same as in the [audit trail](audit.md), and as `X-Request-ID` at the issuer; without dashes, the id of the [trace](tracing.md) that begins with it.',
  error:
    'What went wrong: a sentence, or `name`, `message` and perhaps `code`. Never a cause or a stack, which may hold what an issuer answered.',
  reason: 'The same in one word, of [conditions and reasons](conditions-and-reasons.md).',
  retryIn: 'How long it waits until it is tried again.',
  code: 'A status of gRPC.',
  call: 'What the kubelet called.',
  milliseconds: 'How long that took.',
  volume: 'The volume, by the name that the kubelet gave it.',
  pod: 'The pod whose volume it is, `namespace/name`.',
  driver: 'The name under which the kubelet knows the plug-in.',
  informer: 'The kind of object that is followed.',
  failure: 'The kind of failure at the API server.',
  objects: 'How many objects a first list had.',
  after: 'How long was waited.',
  because: 'Why.',
  issuer: 'The OAuthIssuer.',
  clientID: '`client_id` at the issuer.',
  clients: 'How many clients are looked at.',
  differences: 'In which respects a client is something else at its issuer.',
  part: 'The part of the program that broke.',
  problem: 'What keeps the program from leading.',
  identity: 'The process, among those that may lead.',
  lease: 'The Lease that says who leads.',
  now: 'Who leads now.',
  kubelet: 'The folder of the kubelet.',
  namespace: 'The namespace that Grantor runs in.',
  node: 'The node.',
  probes: 'Where probes and metrics are served.',
  server: 'The API server.',
  version: 'Of the program.',
} as const satisfies Readonly<Record<string, string>>;
