import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aTenantScope, withMetadata, withSpec } from '../../test/gen/objects.ts';
import { matchesScope } from './scope-pattern.ts';
import { selectsNamespace, type Tenancy, tenancyOf } from './tenancy.ts';

const acme = aTenantScope();
const globex = aTenantScope(
  withMetadata({ name: 'globex', uid: 'uid-globex' }),
  withSpec({
    tenantID: 'globex',
    namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] },
  }),
);
const impostor = aTenantScope(
  withMetadata({ name: 'acme-2', uid: 'uid-acme-2', creationTimestamp: '2026-02-01T00:00:00Z' }),
  withSpec({ namespaceSelector: { matchLabels: { tenant: 'acme-2' } } }),
);
const namespace = (labels: Record<string, string>, name = 'shop') => ({ name, labels, terminating: false });
const nameOf = (tenancy: Tenancy): string =>
  tenancy.kind === 'tenant'
    ? tenancy.scope.metadata.name
    : tenancy.kind === 'overlap'
      ? `overlap ${tenancy.names.join(' ')}`
      : tenancy.kind === 'taken'
        ? `void ${tenancy.scope.metadata.name}`
        : 'none';

describe('the tenant of a namespace', () => {
  it.each<[string, Record<string, string>, string, string]>([
    ['is the one that selects it', { tenant: 'acme' }, 'shop', 'acme'],
    ['is none when none selects it', {}, 'shop', 'none'],
    ['is none when its label has another case', { tenant: 'Acme' }, 'shop', 'none'],
    ['is none when two select it', { tenant: 'acme', team: 'x' }, 'shop', 'overlap acme globex'],
    [
      'is none for the younger of two with one tenantID, which says so',
      { tenant: 'acme-2' },
      'shop',
      'void acme-2',
    ],
    ["is none for Kubernetes' own namespaces", { tenant: 'acme' }, 'kube-system', 'none'],
    ['is none for any of them', { tenant: 'acme' }, 'kube-node-lease', 'none'],
    ["is none for Grantor's own namespace", { tenant: 'acme' }, 'grantor-system', 'none'],
  ])('%s', (_, labels, name, expected) => {
    expect(nameOf(tenancyOf(namespace(labels, name), [acme, globex, impostor], 'grantor-system'))).toBe(
      expected,
    );
  });

  it('is none for a namespace that is not there', () => {
    expect(nameOf(tenancyOf(undefined, [acme], 'grantor-system'))).toBe('none');
  });
});

describe('a selector of namespaces', () => {
  it.each([
    ['without requirements selects nothing', {}, { a: '1' }, false],
    ['with an empty list selects nothing', { matchLabels: {}, matchExpressions: [] }, { a: '1' }, false],
    [
      'with In wants one of the values',
      { matchExpressions: [{ key: 'a', operator: 'In' as const, values: ['1', '2'] }] },
      { a: '2' },
      true,
    ],
    [
      'with In wants the label',
      { matchExpressions: [{ key: 'b', operator: 'In' as const, values: [''] }] },
      { a: '2' },
      false,
    ],
    [
      'wants every requirement',
      { matchLabels: { a: '1' }, matchExpressions: [{ key: 'b', operator: 'Exists' as const }] },
      { a: '1' },
      false,
    ],
    [
      'is not fooled by names that every object has',
      { matchExpressions: [{ key: 'constructor', operator: 'Exists' as const }] },
      {},
      false,
    ],
  ])('%s', (_, selector, labels, expected) => {
    expect(selectsNamespace(selector, labels as Record<string, string>)).toBe(expected);
  });
});

describe('a scope pattern', () => {
  it.each([
    ['invoices.*', 'invoices.read', true],
    ['invoices.*', 'invoices.', false],
    ['invoices.*', 'invoices', false],
    ['invoices.*', 'invoicesx.read', false],
    ['invoices.read', 'invoices.read', true],
    ['invoices.read', 'invoices.reader', false],
    ['invoices.read', 'Invoices.read', false],
  ])('%s and the scope %s: %s', (pattern, scope, expected) => {
    expect(matchesScope(pattern, scope)).toBe(expected);
  });

  it('without a star covers itself alone', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z.:/]{1,12}$/),
        fc.stringMatching(/^[a-z.:/]{1,12}$/),
        (pattern, scope) => {
          expect(matchesScope(pattern, scope)).toBe(pattern === scope);
        },
      ),
    );
  });
});
