/** One readable phrase for what a connection died of. An error with several causes (one per address tried) gives the first. */
export function describeCause(cause: unknown): string {
  const first = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  if (!(first instanceof Error)) return 'the connection failed';
  const { code } = first as NodeJS.ErrnoException;
  return known[code ?? ''] ?? (first.message === '' ? (code ?? first.name) : first.message.slice(0, 200));
}

const known: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'API server unreachable: connection refused',
  ENOTFOUND: 'API server unreachable: its name does not resolve',
  EAI_AGAIN: 'API server unreachable: its name does not resolve at the moment',
  EHOSTUNREACH: 'API server unreachable: no route to its host',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'API server unreachable: it does not answer',
  ETIMEDOUT: 'API server unreachable: it does not answer',
  DEPTH_ZERO_SELF_SIGNED_CERT: "the API server's certificate is not signed by the configured CA",
  SELF_SIGNED_CERT_IN_CHAIN: "the API server's certificate is not signed by the configured CA",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the API server's certificate is not signed by the configured CA",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the API server's certificate is not signed by the configured CA",
  CERT_HAS_EXPIRED: "the API server's certificate has expired",
};
