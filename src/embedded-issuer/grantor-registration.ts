import { err, ok, type Result } from '../std/result.ts';

/**
 * The registration member `grantor`: what RFC 7591 has no words for, namely the ceiling on a client's tokens. The issuer holds
 * every token to it, and says so by `grantor_registration_supported` in its metadata.
 *
 * ```json
 * { "tenantID": "acme", "roles": ["biller"], "audiences": ["https://api.acme.example"], "accessTokenLifetime": 600,
 *   "workload": { "issuer": "https://kubernetes.default.svc", "subject": "system:serviceaccount:acme-prod:billing", "uid": "…" } }
 * ```
 */
export interface GrantorRegistration {
  /** The claim `tenant_id` of every token. */
  readonly tenantID: string;
  /** The claim `roles` of every token. */
  readonly roles: readonly string[];
  /** The resources (RFC 8707) that tokens may be requested for. */
  readonly audiences: readonly string[];
  /** How long tokens live, in seconds. */
  readonly accessTokenLifetime: number;
  /** The one Kubernetes workload whose ServiceAccount tokens authenticate this client (RFC 7523). */
  readonly workload?: Workload;
  /** The audiences that this client is the resource server of: it may introspect tokens that are for them, whoever holds them. */
  readonly introspects?: readonly string[];
  /** The SHA-256 (base64url) of each secret that the registrant chose, which are then the only ones; two while one replaces the other. */
  readonly secretDigests?: readonly string[];
}

/** A ServiceAccount: `iss`, `sub` and `kubernetes.io`.serviceaccount.uid of its tokens. */
export interface Workload {
  readonly issuer: string;
  readonly subject: string;
  readonly uid: string;
}

/** The shortest and the longest life of an access token, in seconds. */
export const lifetimeBounds = { min: 5, max: 86_400 } as const;

const limits = { roles: 64, audiences: 32, secrets: 2, word: 253, uri: 512 } as const;

const word = /^[\x21-\x7e]+$/;
/** 256 bits in base64url: the last character holds four of them. */
const digest = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;
const serviceAccount = /^system:serviceaccount:[a-z0-9.-]{1,63}:[a-z0-9.-]{1,253}$/;

/** Reads the member `grantor` of a registration. The error says which member is wrong and what is allowed. */
export function parseGrantorRegistration(input: unknown): Result<GrantorRegistration, string> {
  const members = membersOf(input, 'grantor', [
    'tenantID',
    'roles',
    'audiences',
    'accessTokenLifetime',
    'workload',
    'introspects',
    'secretDigests',
  ]);
  if (!members.ok) return members;
  const { tenantID, roles = [], audiences, accessTokenLifetime, workload } = members.value;
  const { introspects, secretDigests } = members.value;
  if (!isWord(tenantID, limits.word)) return err(mustBeWord('grantor.tenantID', limits.word));
  if (!isListOf(roles, limits.roles, isRole)) return err(mustBeList('roles', limits.roles, 'words'));
  if (!isListOf(audiences, limits.audiences, isAudience)) {
    return err(mustBeList('audiences', limits.audiences, 'absolute URIs without fragment'));
  }
  if (!isLifetime(accessTokenLifetime)) {
    const { min, max } = lifetimeBounds;
    return err(`grantor.accessTokenLifetime must be a whole number of seconds from ${min} to ${max}`);
  }
  if (introspects !== undefined && !isListOf(introspects, limits.audiences, isAudience)) {
    return err(mustBeList('introspects', limits.audiences, 'absolute URIs without fragment'));
  }
  if (secretDigests !== undefined && !isListOf(secretDigests, limits.secrets, isDigest, 1)) {
    return err('grantor.secretDigests must be a list of one or two different SHA-256 in base64url');
  }
  const ceiling = {
    tenantID,
    roles,
    audiences,
    accessTokenLifetime,
    ...(introspects === undefined ? {} : { introspects }),
    ...(secretDigests === undefined ? {} : { secretDigests }),
  };
  if (workload === undefined) return ok(ceiling);
  const parsed = parseWorkload(workload);
  return parsed.ok ? ok({ ...ceiling, workload: parsed.value }) : parsed;
}

function parseWorkload(input: unknown): Result<Workload, string> {
  const members = membersOf(input, 'grantor.workload', ['issuer', 'subject', 'uid']);
  if (!members.ok) return members;
  const { issuer, subject, uid } = members.value;
  if (!isWord(issuer, limits.uri)) return err(mustBeWord('grantor.workload.issuer', limits.uri));
  if (typeof subject !== 'string' || !serviceAccount.test(subject)) {
    return err('grantor.workload.subject must be system:serviceaccount:<namespace>:<name>');
  }
  if (!isWord(uid, limits.word)) return err(mustBeWord('grantor.workload.uid', limits.word));
  return ok({ issuer, subject, uid });
}

function membersOf(
  input: unknown,
  name: string,
  known: readonly string[],
): Result<Record<string, unknown>, string> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return err(`${name} must be an object`);
  }
  const unknown = Object.keys(input).find((member) => !known.includes(member));
  if (unknown !== undefined) {
    return err(`${name} has an unknown member; known are ${known.join(', ')}`);
  }
  return ok(input as Record<string, unknown>);
}

const isWord = (value: unknown, longest: number): value is string =>
  typeof value === 'string' && value.length <= longest && word.test(value);

const isRole = (value: unknown): value is string => isWord(value, limits.word);

const isAudience = (value: unknown): value is string =>
  isWord(value, limits.uri) && !value.includes('#') && URL.canParse(value);

const isDigest = (value: unknown): value is string => typeof value === 'string' && digest.test(value);

const isLifetime = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= lifetimeBounds.min && Number(value) <= lifetimeBounds.max;

function isListOf(
  value: unknown,
  longest: number,
  isItem: (item: unknown) => item is string,
  shortest = 0,
): value is string[] {
  return (
    Array.isArray(value) &&
    value.length >= shortest &&
    value.length <= longest &&
    value.every(isItem) &&
    new Set(value).size === value.length
  );
}

const mustBeWord = (name: string, longest: number): string =>
  `${name} must be 1 to ${longest} printable ASCII characters without spaces`;

const mustBeList = (member: string, longest: number, what: string): string =>
  `grantor.${member} must be a list of at most ${longest} different ${what}`;
