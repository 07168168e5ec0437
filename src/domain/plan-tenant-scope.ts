import type { TenantScope } from '../api/tenant-scope.ts';
import { isFalse, isTrue, type PlannedCondition } from './condition.ts';
import { type HeldRights, heldRights, type RightsHolder } from './held-rights.ts';
import { type LastWithdrawal, lastWithdrawal, type Withdrawable } from './last-withdrawal.ts';
import { type Refusable, type RefusedForReason, refusedByReason } from './refused-by-reason.ts';

/** Everything that the status of one TenantScope rests on. */
export interface TenantScopeFacts {
  readonly scope: TenantScope;
  /** Name of an older TenantScope with the same tenantID. */
  readonly tenantIDHolder: string | undefined;
  /** Namespaces that this one selects, and those of them that another one selects too. */
  readonly selected: readonly string[];
  readonly contested: readonly string[];
  /** Those in its namespaces, readable or not. */
  readonly clients: readonly (Refusable & Withdrawable & Partial<RightsHolder>)[];
  readonly bindings: readonly (Refusable & Withdrawable)[];
}

export interface TenantScopePlan {
  readonly conditions: readonly PlannedCondition[];
  readonly namespaces: number;
  readonly clients: number;
  readonly bindings: number;
  /** Undefined when nothing is refused. */
  readonly refused: readonly RefusedForReason[] | undefined;
  readonly held: HeldRights | undefined;
  readonly lastWithdrawal: LastWithdrawal | undefined;
}

/** What to tell of a TenantScope. It has no effects of its own: bindings and clients read it. */
export function planTenantScope(facts: TenantScopeFacts): TenantScopePlan {
  const { scope, selected, contested, clients, bindings } = facts;
  const refused = refusedByReason(clients, bindings);
  return {
    conditions: [readiness(facts)],
    namespaces: selected.length - contested.length,
    clients: clients.length,
    bindings: bindings.length,
    refused: refused.length === 0 ? undefined : refused,
    held: heldRights(clients.filter(isReadable)),
    // What was lifted again is still the last one.
    lastWithdrawal: lastWithdrawal(clients, bindings) ?? scope.status?.lastWithdrawal,
  };

  function readiness({ tenantIDHolder }: TenantScopeFacts): PlannedCondition {
    if (tenantIDHolder !== undefined) {
      return isFalse(
        'Ready',
        'TenantIDTaken',
        `TenantScope ${tenantIDHolder} is older and has tenantID ${scope.spec.tenantID}`,
      );
    }
    if (contested.length > 0) {
      const shown = contested.slice(0, 10).join(', ');
      return isFalse('Ready', 'TenantScopeOverlap', `other TenantScopes also select: ${shown}`);
    }
    if (scope.spec.suspend) return isFalse('Ready', 'Suspended', 'spec.suspend is true');
    return isTrue('Ready', 'Resolved', `tenant ${scope.spec.tenantID}`);
  }
}

const isReadable = (client: Partial<RightsHolder>): client is RightsHolder => client.spec !== undefined;
