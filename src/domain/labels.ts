import type { TenantScope } from '../api/tenant-scope.ts';

/** The labels of an object. */
export type Labels = Readonly<Record<string, string>>;

export type LabelSelector = TenantScope['spec']['serviceAccountSelector'];

/** Whether labels satisfy every requirement of a selector; of one without any, all do. */
export function labelsSatisfy(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Labels,
): boolean {
  const labelOf = (key: string): string | undefined => (Object.hasOwn(labels, key) ? labels[key] : undefined);
  return (
    Object.entries(matchLabels).every(([key, value]) => labelOf(key) === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const label = labelOf(key);
      return label !== undefined && (operator === 'Exists' || values.includes(label));
    })
  );
}

/** The requirements of a selector in the words of kubectl: `tier=backend`, `team`, `env in (prod, staging)`. */
export const requirementsOf = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string[] => [
  ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
  ...matchExpressions.map(({ key, operator, values = [] }) =>
    operator === 'Exists' ? key : `${key} in (${values.join(', ')})`,
  ),
];
