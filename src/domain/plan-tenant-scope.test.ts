import { describe, expect, it } from 'vitest';
import { aClient, aTenantScope, withSpec, withStatus } from '../../test/gen/objects.ts';
import type { OAuthClient } from '../api/oauth-client.ts';
import type { WithdrawalStatus } from '../api/withdrawal-field.ts';
import { planTenantScope, type TenantScopeFacts } from './plan-tenant-scope.ts';

const facts: TenantScopeFacts = {
  scope: aTenantScope(),
  tenantIDHolder: undefined,
  selected: ['acme-dev', 'acme-prod'],
  contested: [],
  clients: [{}, {}, {}],
  bindings: [{}, {}, {}, {}, {}],
};

describe('the status of a TenantScope', () => {
  it('counts what belongs to it', () => {
    expect(planTenantScope(facts)).toMatchInlineSnapshot(`
      {
        "bindings": 5,
        "clients": 3,
        "conditions": [
          {
            "message": "tenant acme",
            "reason": "Resolved",
            "status": "True",
            "type": "Ready",
          },
        ],
        "held": undefined,
        "lastWithdrawal": undefined,
        "namespaces": 2,
        "refused": undefined,
      }
    `);
  });

  it.each<[string, Partial<TenantScopeFacts>, string, number]>([
    [
      'names the older one with its tenantID',
      { tenantIDHolder: 'globex', contested: ['acme-dev'] },
      'TenantIDTaken: TenantScope globex is older and has tenantID acme',
      1,
    ],
    [
      'names the namespaces that another one selects too, and does not count them',
      { contested: ['acme-dev'] },
      'TenantScopeOverlap: other TenantScopes also select: acme-dev',
      1,
    ],
    [
      'says that it is suspended',
      { scope: aTenantScope(withSpec({ suspend: true })) },
      'Suspended: spec.suspend is true',
      2,
    ],
  ])('%s', (_, change, said, namespaces) => {
    const plan = planTenantScope({ ...facts, ...change });
    expect(plan.conditions.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([said]);
    expect(plan.namespaces).toBe(namespaces);
  });

  it('counts what is refused, by reason; what is refused for several counts for each', () => {
    const refused = (...reasons: string[]) => ({
      status: { violations: reasons.map((reason) => ({ reason })) },
    });
    const clients = [refused('RoleNotAllowed'), refused(), {}];
    const bindings = [
      refused('ScopeNotAllowed', 'ScopeNotAllowed', 'RoleNotAllowed'),
      refused('ScopeNotAllowed'),
    ];
    expect(planTenantScope({ ...facts, clients, bindings }).refused).toEqual([
      { reason: 'RoleNotAllowed', clients: 1, bindings: 1 },
      { reason: 'ScopeNotAllowed', clients: 0, bindings: 2 },
    ]);
  });

  it('shows what its clients hold together, but for those that are refused or not registered yet', () => {
    const holding = (scopes: string[], status: object) =>
      aClient(withSpec<OAuthClient>({ scopes }), withStatus<OAuthClient>(status));
    const clients = [
      holding(['invoices.write', 'invoices.read'], { clientID: 'a' }),
      holding(['invoices.read'], { clientID: 'b' }),
      holding(['admin'], {
        clientID: 'c',
        violations: [{ reason: 'ScopeNotAllowed', field: '', message: '' }],
      }),
      holding(['openid'], {}),
    ];
    expect(planTenantScope({ ...facts, clients }).held).toEqual({
      scopes: ['invoices.read', 'invoices.write'],
      audiences: ['https://api.example'],
      roles: ['biller'],
    });
  });

  it('shows what a client holds until it is taken away: while that counts down it may still ask', () => {
    const violations = [{ reason: 'IssuerGoing', field: '', message: '' }];
    const at = {
      reason: 'IssuerGoing',
      startedAt: '2026-06-01T12:00:00Z',
      effectiveAt: '2026-06-01T12:10:00Z',
    };
    const heldWith = (withdrawal: WithdrawalStatus) => {
      const client = aClient(withStatus<OAuthClient>({ clientID: 'a', violations, withdrawal }));
      return planTenantScope({ ...facts, clients: [client] }).held?.roles;
    };
    expect(heldWith(at)).toEqual(['biller']);
    expect(heldWith({ ...at, revocation: 'Unconfirmed' })).toBeUndefined();
  });

  describe('tells of the last withdrawal', () => {
    const lost = (
      startedAt: string,
      change: Partial<WithdrawalStatus> = {},
    ): { status: { withdrawal: WithdrawalStatus } } => ({
      status: {
        withdrawal: {
          reason: 'Suspended',
          startedAt,
          effectiveAt: startedAt,
          revocation: 'Confirmed',
          exposedUntil: startedAt.replace('T12', 'T13'),
          ...change,
        },
      },
    });
    const clients = [lost('2026-06-01T12:00:00Z')];
    const bindings = [
      lost('2026-06-01T12:00:02Z'),
      lost('2026-06-01T12:00:01Z', { revocation: 'Unconfirmed' }),
      lost('2026-05-01T12:00:00Z'),
      lost('2026-06-01T12:00:01Z', { reason: 'RoleNotAllowed' }),
    ];

    it('what began together for one reason, and no earlier one', () => {
      expect(planTenantScope({ ...facts, clients, bindings }).lastWithdrawal).toEqual({
        reason: 'Suspended',
        startedAt: '2026-06-01T12:00:00Z',
        clients: 1,
        bindings: 2,
        revocation: 'Unconfirmed',
        exposedUntil: '2026-06-01T13:00:02Z',
      });
    });

    it('and goes on telling of it when it was lifted', () => {
      const before = planTenantScope({ ...facts, clients, bindings }).lastWithdrawal;
      const scope = aTenantScope(withStatus({ lastWithdrawal: before } as never));
      expect(planTenantScope({ ...facts, scope }).lastWithdrawal).toEqual(before);
    });

    it('but not of what only counts down', () => {
      const { revocation: _, ...countdown } = lost('2026-06-01T12:00:00Z').status.withdrawal;
      const counting = [{ status: { withdrawal: countdown } }];
      expect(planTenantScope({ ...facts, bindings: counting }).lastWithdrawal).toBeUndefined();
    });
  });

  it('shows at most ten of the contested namespaces', () => {
    const contested = Array.from({ length: 500 }, (_, n) => `n${n}`);
    const [condition] = planTenantScope({ ...facts, selected: contested, contested }).conditions;
    expect(condition?.message.split(', ')).toHaveLength(10);
  });
});
