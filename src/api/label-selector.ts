import * as z from 'zod';
import { boundedMap, listSet } from './fields.ts';
import { text, withRule } from './rule.ts';

const qualifiedName = '^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$';
const keyMessage = 'write the key of a label, such as tenant or example.com/tenant';

const labelValue = () =>
  text(
    63,
    '^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$',
    'write the value of a label: letters and digits, with - _ . in between',
  );

const requirement = withRule(
  z.object({
    key: text(317, qualifiedName, keyMessage).describe('Key of a label.'),
    operator: z
      .enum(['In', 'Exists'])
      .describe('`In`: the label has one of `values`. `Exists`: the label is there, whatever its value.'),
    values: listSet(labelValue(), { max: 64 }).describe('The values for `In`.').optional(),
  }),
  {
    cel: "(self.operator == 'In') == (has(self.values) && size(self.values) > 0)",
    message: 'operator In needs at least one of values, and Exists takes none',
    holds: ({ operator, values = [] }) => (operator === 'In') === values.length > 0,
  },
);

/**
 * Chooses by label, with what can only narrow: every requirement names a label that must be there. `NotIn` and `DoesNotExist` are left
 * out, since they would select what nobody thought of.
 */
const labelSelector = z.object({
  matchLabels: boundedMap(labelValue(), {
    max: 16,
    keyLength: 317,
    keyPattern: qualifiedName,
    message: keyMessage,
  })
    .describe('Labels that must be there with exactly these values.')
    .optional(),
  matchExpressions: z
    .array(requirement)
    .max(16)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .describe('Further requirements, all of which must hold.')
    .optional(),
});

/** Without any requirement it would be every namespace, which is nothing to be had by leaving something out. */
export const namespaceSelector = withRule(labelSelector, {
  cel: '(has(self.matchLabels) && size(self.matchLabels) > 0) || (has(self.matchExpressions) && size(self.matchExpressions) > 0)',
  message:
    'write at least one requirement in matchLabels or matchExpressions; an empty selector is refused, it does not mean every namespace',
  holds: ({ matchLabels = {}, matchExpressions = [] }) =>
    Object.keys(matchLabels).length + matchExpressions.length > 0,
});

/** Narrows the ServiceAccounts of namespaces that are the tenant's already, so that without any requirement it is all of them. */
export const serviceAccountSelector = labelSelector;
