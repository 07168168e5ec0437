const redacted = '[redacted]';

/** Names of members and parameters whose values nobody else may have. */
const names = [
  ...['access_token', 'refresh_token', 'id_token', 'token', 'subject_token', 'actor_token'],
  ...['initial_access_token', 'registration_access_token', 'assertion', 'client_assertion'],
  ...['client_secret', 'secret', 'password', 'passwd', 'api_?key', 'private_?key', 'authorization', 'cookie'],
].join('|');

/**
 * From behind the quote that begins a text, which has as many backslashes as group 2, up to the one that ends it, or to where it was cut off.
 * In JSON a quote within a text has a backslash more, in JSON within JSON two more, and a backslash is two there, or four: so what comes
 * before the quote of the end and its own backslashes is whole pairs of those.
 */
const untilTheEnd = String.raw`(?!\2")[^\n]*?(?:(?<!\\)(?:\2\2\\\\)*(?=\2")|(?=\n|$))`;

/** What a credential looks like, wherever it is. */
const patterns: readonly (readonly [RegExp, string])[] = [
  // JWTs (RFC 7519), also encrypted or cut off.
  [/\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}/g, redacted],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, redacted],
  [/\b(Bearer|Basic|DPoP)\s+[A-Za-z0-9+/=._~-]{8,}/gi, `$1 ${redacted}`],
  // "token": "…" and token: "…", with quotes as they are in JSON, and as they are in JSON within JSON.
  [new RegExp(`(\\b(?:${names})(?:\\\\*")?\\s*[:=]\\s*(\\\\*)")${untilTheEnd}`, 'gi'), `$1${redacted}`],
  // The private members of JWKs (RFC 7518 section 6).
  [/(\\?"(?:d|p|q|dp|dq|qi|k)\\?"\s*:\s*\\?")[A-Za-z0-9_-]{16,}/g, `$1${redacted}`],
  // Parameters of requests and queries.
  [new RegExp(`\\b((?:${names}|code)=)[^&\\s"']+`, 'gi'), `$1${redacted}`],
  // https://user:password@host
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^/\s:@"]+:[^/\s@"]+@/gi, `$1${redacted}@`],
];

/** A text without what looks like a credential. Whoever wrote it should have left that out; this is the second fence. */
export const redact = (text: string): string =>
  patterns.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
