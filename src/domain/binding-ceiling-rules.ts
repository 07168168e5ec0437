import type { ExistingBindingFacts } from './binding-facts.ts';
import { outside, scopesOutside } from './scope-pattern.ts';
import { aboveCeiling, type Rule, type Violation } from './violation.ts';
import { withinTenant } from './within-tenant.ts';

type BindingRule = Rule<ExistingBindingFacts>;

const askedScopes = ({ binding }: ExistingBindingFacts): readonly string[] => binding.spec.token.scopes;
const askedAudience = ({ binding }: ExistingBindingFacts): readonly string[] => [binding.spec.token.audience];

const scopesWithinTenant: BindingRule = withinTenant(
  'ScopeNotAllowed',
  'spec.token.scopes',
  askedScopes,
  ({ tokens }) => tokens.scopes,
  scopesOutside,
);

const audienceWithinTenant: BindingRule = withinTenant(
  'AudienceNotAllowed',
  'spec.token.audience',
  askedAudience,
  ({ tokens }) => tokens.audiences,
);

type Client = NonNullable<ExistingBindingFacts['client']>;

/** A binding narrows what its client has; it never adds. */
const withinClient =
  (
    reason: Violation['reason'],
    field: string,
    asked: (facts: ExistingBindingFacts) => readonly string[],
    allowedBy: (spec: Client['spec']) => readonly string[],
  ): BindingRule =>
  (facts) => {
    const { client } = facts;
    if (client === undefined) return undefined;
    const allowed = allowedBy(client.spec);
    const values = outside(allowed, asked(facts));
    if (values.length === 0) return undefined;
    return aboveCeiling({ reason, by: `OAuthClient ${client.metadata.name}`, field, values, allowed });
  };

const scopesWithinClient = withinClient(
  'ScopeNotAllowed',
  'spec.token.scopes',
  askedScopes,
  ({ scopes }) => scopes,
);

const audienceWithinClient = withinClient(
  'AudienceNotAllowed',
  'spec.token.audience',
  askedAudience,
  ({ audiences }) => audiences,
);

/** Bindings get their tokens by client credentials; by a code the users of the application are asked. */
const grantTypeWithinClient = withinClient(
  'GrantTypeNotAllowed',
  'spec.clientRef',
  () => ['ClientCredentials'],
  ({ grantTypes }) => grantTypes,
);

const deliveryWithinTenant = (field: string, asked: (facts: ExistingBindingFacts) => readonly string[]) =>
  withinTenant('DeliveryNotAllowed', field, asked, ({ deliveries }) => deliveries);

const secretAllowed: BindingRule = deliveryWithinTenant('spec.delivery.secretRef', ({ binding }) =>
  binding.spec.delivery ? ['Secret'] : [],
);

/** Where there is no Secret, a volume is all that is left. Whether one that has a Secret may be mounted too, the grant says. */
const volumeAllowed: BindingRule = deliveryWithinTenant('spec.delivery', ({ binding }) =>
  binding.spec.delivery ? [] : ['Volume'],
);

/** The ceilings of tenant and client on what a binding asks for itself. */
export const bindingCeilingRules: readonly BindingRule[] = [
  scopesWithinTenant,
  audienceWithinTenant,
  scopesWithinClient,
  audienceWithinClient,
  grantTypeWithinClient,
  secretAllowed,
  volumeAllowed,
];
