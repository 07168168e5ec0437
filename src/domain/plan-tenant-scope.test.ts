import { describe, expect, it } from 'vitest';
import { aTenantScope, withSpec } from '../../test/gen/objects.ts';
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

  it('shows at most ten of the contested namespaces', () => {
    const contested = Array.from({ length: 500 }, (_, n) => `n${n}`);
    const [condition] = planTenantScope({ ...facts, selected: contested, contested }).conditions;
    expect(condition?.message.split(', ')).toHaveLength(10);
  });
});
