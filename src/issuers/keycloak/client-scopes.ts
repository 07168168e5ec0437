import type { Clock } from '../../std/clock.ts';
import { type Duration, milliseconds, minutes } from '../../std/duration.ts';
import { failure, IssuerFailureError } from '../classify.ts';
import { isObject } from '../is-object.ts';
import type { AdminAPI } from './admin-api.ts';
import { listAt, readMapper } from './held-client.ts';
import { audienceMapper, otherMappers, type ProtocolMapper } from './protocol-mappers.ts';
import { keyOf } from './realm.ts';
import { audienceScope } from './scope-names.ts';

/** What a client may ask for by `scope`. */
interface ScopeWish {
  readonly name: string;
  readonly description: string;
  /** Of an audience scope; others are names alone. */
  readonly mappers: readonly ProtocolMapper[];
  /** Whether its name stands in `scope` of a token. */
  readonly isShown: boolean;
}

export const requestedScope = (name: string): ScopeWish => ({
  name,
  description: 'Made by Grantor for the clients that ask for it.',
  mappers: [],
  isShown: true,
});

export const scopeOfAudience = (audience: string): ScopeWish => ({
  name: audienceScope(audience),
  // The column has no room for more.
  description: `Made by Grantor: puts ${audience} into aud.`.slice(0, 255),
  mappers: [audienceMapper(audience)],
  isShown: false,
});

/** What was found is believed for so long: one look serves all clients. */
const knownFor = minutes(10);
/** Keycloak pages its clients, but not its client scopes: this is about two thousand. */
const longestList = 1024 * 1024;
const what = 'look for a client scope';

/** The client scopes of a realm, made when they are first asked for. A client keeps what it is given, so they are never deleted here. */
export class ClientScopes {
  readonly #issuer: string;
  readonly #url: string;
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly key: string; readonly until: Duration }>();

  /** `url` is that of the realm's administration. */
  constructor(issuer: string, url: string, clock: Clock) {
    this.#issuer = issuer;
    this.#url = `${url}/client-scopes`;
    this.#clock = clock;
  }

  /** Under which key Keycloak stores a scope that is there when this returns. */
  async keyOf(admin: AdminAPI, wish: ScopeWish): Promise<string> {
    const known = this.#known.get(wish.name);
    if (known !== undefined && this.#clock.elapsed() < known.until) return known.key;
    const key = await this.#ensure(admin, wish);
    this.#known.set(wish.name, { key, until: milliseconds(this.#clock.elapsed() + knownFor) });
    return key;
  }

  /** It turned out not to be as it was. */
  forget(name: string): void {
    this.#known.delete(name);
  }

  async #ensure(admin: AdminAPI, wish: ScopeWish): Promise<string> {
    const key = keyOf(this.#issuer, 'scope', wish.name);
    if (await this.#isThere(admin, key, wish)) return key;
    const made = await admin.write('POST', this.#url, JSON.stringify(scopeRepresentation(key, wish)));
    // Another client may have needed it at the same time.
    if (made === 'done' || (await this.#isThere(admin, key, wish))) return key;
    // Somebody else's: the realm's own scopes are for its administrators to define. An audience is not left to a name.
    if (wish.mappers.length > 0) throw new IssuerFailureError(failure('rejected', what, notOurs(wish)));
    return this.#keyOfForeign(admin, wish);
  }

  async #isThere(admin: AdminAPI, key: string, wish: ScopeWish): Promise<boolean> {
    const found = await admin.read(`${this.#url}/${key}`);
    if (found !== undefined) refuseForeign(wish, found);
    return found !== undefined;
  }

  async #keyOfForeign(admin: AdminAPI, { name }: ScopeWish): Promise<string> {
    const list = await admin.read(this.#url, longestList);
    const found = (Array.isArray(list) ? list : []).filter(isObject).find((scope) => scope['name'] === name);
    const key = found?.['id'];
    if (typeof key === 'string' && /^[\w-]{1,36}$/.test(key)) return key;
    throw new IssuerFailureError(
      failure('malformed', what, `there is a scope ${name}, and it is not listed`),
    );
  }
}

/** A scope of an audience that does something else as well would be a hole in the ceiling of whoever has it. */
function refuseForeign(wish: ScopeWish, found: unknown): void {
  if (!isObject(found))
    throw new IssuerFailureError(failure('malformed', what, 'the answer is not a client scope'));
  const mappers = listAt(found, 'protocolMappers').filter(isObject).map(readMapper);
  const isChanged =
    found['name'] !== wish.name ||
    (wish.mappers.length > 0 && otherMappers(wish.mappers, mappers).length > 0);
  if (isChanged) throw new IssuerFailureError(failure('rejected', what, notOurs(wish)));
}

const notOurs = ({ name, description }: ScopeWish): string =>
  `the client scope ${name} is not what Grantor makes of it (${description}): delete it, and it is made again`;

const scopeRepresentation = (key: string, { name, description, mappers, isShown }: ScopeWish) => ({
  id: key,
  name,
  description,
  protocol: 'openid-connect',
  attributes: {
    'include.in.token.scope': String(isShown),
    'display.on.consent.screen': 'false',
    // The discovery document is public: no tenant reads there what the others ask for.
    'include.in.openid.provider.metadata': 'false',
  },
  protocolMappers: mappers.map((mapper) => ({ ...mapper, protocol: 'openid-connect' })),
});
