import { Secret } from '../../std/secret.ts';
import { isObject, type Members } from '../is-object.ts';
import type { ProtocolMapper } from './protocol-mappers.ts';
import { markAttribute, tenantAttribute } from './representation.ts';

/** A client as Keycloak says it holds it. Its secrets are taken out of the rest at once. */
export interface HeldClient {
  /** Under which Keycloak stores it. */
  readonly key: string;
  readonly clientID: string;
  readonly mark: string;
  readonly tenantID: string;
  readonly member: (name: string) => unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly mappers: readonly ProtocolMapper[];
  readonly defaultScopes: readonly string[];
  readonly optionalScopes: readonly string[];
  readonly secret?: Secret;
  /** The one before, while two are good. */
  readonly rotatedSecret?: Secret;
  /** What the login that asked may do to it. */
  readonly mayManage: boolean;
}

export const rotatedSecretAttribute = 'client.secret.rotated';

/** Reads a `ClientRepresentation`; undefined for what is none. */
export function readClient(answer: unknown): HeldClient | undefined {
  if (!isObject(answer)) return undefined;
  const { id, clientId, secret, ...members } = answer;
  const { [rotatedSecretAttribute]: rotated, ...attributes } = objectAt(members, 'attributes');
  if (
    typeof id !== 'string' ||
    typeof clientId !== 'string' ||
    !printable(id, 36) ||
    !printable(clientId, 255)
  )
    return undefined;
  return {
    key: id,
    clientID: clientId,
    mark: textAt(attributes, markAttribute),
    tenantID: textAt(attributes, tenantAttribute),
    member: (name) => members[name],
    attributes,
    mappers: listAt(members, 'protocolMappers').filter(isObject).map(readMapper),
    defaultScopes: textsAt(members, 'defaultClientScopes'),
    optionalScopes: textsAt(members, 'optionalClientScopes'),
    ...secretAs('secret', secret),
    ...secretAs('rotatedSecret', rotated),
    mayManage: objectAt(members, 'access')['manage'] === true,
  };
}

export const readMapper = (mapper: Members): ProtocolMapper => ({
  name: textAt(mapper, 'name'),
  protocolMapper: textAt(mapper, 'protocolMapper'),
  config: objectAt(mapper, 'config') as ProtocolMapper['config'],
});

const secretAs = (name: 'secret' | 'rotatedSecret', value: unknown) =>
  typeof value === 'string' && value !== '' ? { [name]: new Secret(value) } : {};

const objectAt = (object: Members, name: string): Members => {
  const value = object[name];
  return isObject(value) ? value : {};
};
export const listAt = (object: Members, name: string): readonly unknown[] => {
  const value = object[name];
  return Array.isArray(value) ? value : [];
};
const textAt = (object: Members, name: string): string => {
  const value = object[name];
  return typeof value === 'string' ? value : '';
};
const textsAt = (object: Members, name: string): readonly string[] =>
  listAt(object, name).filter((item) => typeof item === 'string');

const printable = (text: string, limit: number): boolean =>
  text.length <= limit && /^[\x21-\x7e]+$/.test(text);
