import type { Json } from '../std/canonical-json.ts';
import { claimOf, placeOf, saidOf } from './claim-paths.ts';
import { outside } from './scope-pattern.ts';
import { type CheckInput, refuse, type TokenFacts, type TokenRule } from './token-rule.ts';

const wordsOf = (text: string): string[] => text.split(' ').filter((word) => word !== '');

const audiencesOf = ({ aud }: TokenFacts['claims']): string[] =>
  (Array.isArray(aud) ? aud : [aud]).filter((item): item is string => typeof item === 'string');

const isTexts = (claim: Json): claim is readonly string[] =>
  Array.isArray(claim) && claim.every((item) => typeof item === 'string');

/** What a claim says of scopes, as text (RFC 9068) or as a list; undefined where it is neither. */
function scopesIn(claim: Json): readonly string[] | undefined {
  if (typeof claim === 'string') return wordsOf(claim);
  return isTexts(claim) ? claim : undefined;
}

/**
 * What the token can do. Signed claims count first, `scp` as well as `scope`, since resource servers read either; then the answer;
 * and an answer without `scope` granted what was asked (RFC 6749 section 5.1). Undefined where a claim cannot be read.
 */
export function grantedScopes({ token, grant }: CheckInput): readonly string[] | undefined {
  const claims = ['scope', 'scp'].flatMap((name) => saidOf(token.claims, grant.claimPaths, name));
  if (claims.length === 0) return token.scope === undefined ? grant.scopes : wordsOf(token.scope);
  const read = claims.map(scopesIn);
  if (read.some((scopes) => scopes === undefined)) return undefined;
  return [...new Set(read.flatMap((scopes) => scopes ?? []))];
}

const ofThisIssuer: TokenRule = ({ token, grant }) =>
  token.claims['iss'] === grant.issuer ? undefined : refuse(`iss of the token is not ${grant.issuer}`);

const forThisClient: TokenRule = ({ token: { claims }, grant: { clientID, claimPaths } }) => {
  const client = claimOf(claims, claimPaths, 'client_id') ?? claims['azp'];
  const others = saidOf(claims, claimPaths, 'client_id').filter((said) => said !== clientID);
  return client === clientID && others.length === 0
    ? undefined
    : refuse(`${placeOf(claimPaths, 'client_id')} of the token is not ${clientID}`);
};

/** What the issuer puts into every token is tolerated beside the audience that was asked for, never instead of it. */
const forThisAudienceAlone: TokenRule = ({ token, grant }) => {
  const audiences = audiencesOf(token.claims);
  const others = outside([grant.audience, ...grant.toleratedAudiences], audiences);
  if (others.length > 0) return refuse(`aud of the token also contains ${others.join(', ')}`, true);
  return audiences.includes(grant.audience)
    ? undefined
    : refuse(`aud of the token does not contain ${grant.audience}`);
};

export const withTheseScopes: TokenRule = (input) => {
  const granted = grantedScopes(input);
  if (granted === undefined) return refuse('scope of the token is neither text nor a list of texts', true);
  const more = outside(input.grant.scopes, granted);
  if (more.length > 0) return refuse(`scope of the token also contains ${more.join(' ')}`, true);
  const less = outside(granted, input.grant.scopes);
  return less.length === 0 ? undefined : refuse(`scope of the token lacks ${less.join(' ')}`);
};

const withTheseRoles: TokenRule = ({ token, grant }) => {
  const said = saidOf(token.claims, grant.claimPaths, 'roles');
  if (!said.every(isTexts)) return refuse('roles of the token is not a list of strings', true);
  const roles = said.flat();
  const more = outside(grant.roles, roles);
  if (more.length > 0) return refuse(`roles of the token also contains ${more.join(', ')}`, true);
  const less = outside(roles, grant.roles);
  return less.length === 0 ? undefined : refuse(`roles of the token lacks ${less.join(', ')}`);
};

const ofThisTenant: TokenRule = ({ token, grant }) => {
  const others = saidOf(token.claims, grant.claimPaths, 'tenant_id').filter(
    (tenant) => tenant !== grant.tenantID,
  );
  return others.length === 0 ? undefined : refuse(`tenant_id of the token is not ${grant.tenantID}`, true);
};

export const withTheRequiredClaims: TokenRule = ({
  token: { claims },
  grant: { claimPaths, requiredClaims },
}) => {
  for (const [claim, value] of Object.entries(requiredClaims)) {
    const place = placeOf(claimPaths, claim);
    if (claimOf(claims, claimPaths, claim) === undefined)
      return refuse(`the token lacks the required claim ${place}`);
    if (saidOf(claims, claimPaths, claim).some((said) => said !== value))
      return refuse(`claim ${place} of the token is not ${value}`);
  }
  return undefined;
};

/**
 * A token that should be bound to a key and is not is good for whoever has it. One that is bound to another key, or to one that nobody asked
 * for, is good for nobody here.
 */
export const boundAsAsked: TokenRule = ({ token: { claims, keyThumbprint }, grant }) => {
  const { cnf } = claims;
  if (grant.proofOfPossession === 'None')
    return cnf === undefined
      ? undefined
      : refuse('the token is bound to a key (cnf), which nobody asked for');
  const bound = typeof cnf === 'object' && cnf !== null && Object.hasOwn(cnf, 'jkt');
  if (!bound) return refuse('the token is not bound to a key (cnf.jkt)', true);
  return Reflect.get(cnf, 'jkt') === keyThumbprint
    ? undefined
    : refuse('the token is bound to another key (cnf.jkt) than it was asked for with');
};

/** What a token is for and what it can do, compared with the grant. */
export const powerRules: readonly TokenRule[] = [
  ofThisIssuer,
  forThisClient,
  forThisAudienceAlone,
  withTheseScopes,
  withTheseRoles,
  ofThisTenant,
  withTheRequiredClaims,
  boundAsAsked,
];
