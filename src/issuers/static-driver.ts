import type { Capability } from '../domain/capability.ts';
import type { IssuerDriver } from '../ports/issuer-driver.ts';
import { err, ok } from '../std/result.ts';
import { failure } from './classify.ts';
import type { DriverOptions } from './issuer-session.ts';
import { createStandardDriver } from './standard-driver.ts';

const registrations: ReadonlySet<Capability> = new Set([
  'Register',
  'IdempotentRegister',
  'Update',
  'Deregister',
  'Compare',
  'EnforceCeiling',
  'TenantClaims',
  'BoundAssertions',
  'RevokeAll',
  'HoldKeys',
  'AuthorizationCode',
  'PublicClient',
  'MutualTLSAuthentication',
]);

/**
 * The driver for issuers whose clients are registered by hand: it asks for tokens and revokes them, and never registers anything. Whether
 * a client may log in with a ServiceAccount token is the administrator's doing there, so it is taken for granted.
 */
export function createStaticDriver(options: DriverOptions): IssuerDriver {
  const standard = createStandardDriver(options);
  const refuse = async () =>
    err(
      failure(
        'rejected',
        'registration',
        'the issuer is static: its clients are registered by hand, not by Grantor',
      ),
    );

  return {
    ...standard,
    async discover(call) {
      const found = await standard.discover(call);
      if (!found.ok) return found;
      const others = [...found.value].filter((capability) => !registrations.has(capability));
      return ok(new Set<Capability>([...others, 'FederatedAuthentication']));
    },
    register: refuse,
    update: refuse,
    compare: refuse,
    list: refuse,
    deregister: refuse,
    revokeAll: refuse,
    trustKeys: refuse,
  };
}
