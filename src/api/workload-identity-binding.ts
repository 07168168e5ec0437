import * as z from 'zod';
import { hours, seconds } from '../std/duration.ts';
import { commonStatus } from './conditions.ts';
import { durationField } from './duration-field.ts';
import { audience, listSet, nameRef, objectName, scopeToken } from './fields.ts';
import { grantField } from './grant-field.ts';
import { defineKind, type ObjectOf } from './kind.ts';
import { ageColumn, stateColumns } from './printer-column.ts';
import { violationsField } from './violations-field.ts';
import { withdrawalField } from './withdrawal-field.ts';

const token = z.object({
  scopes: listSet(scopeToken(), { min: 1, max: 64 }).describe(
    'The scopes of the token, all among those of the client.',
  ),
  audience: audience().describe('The audience of the token, one of those of the client.'),
});

const delivery = z.object({
  secretRef: nameRef('Secret').describe(
    'The Secret in the same namespace into which the token is put. Grantor creates it; one that exists and is not ours is never overwritten.',
  ),
});

const rotation = z.object({
  renewAtPercent: z
    .int32()
    .min(10)
    .max(75)
    .describe(
      'The part of its life, in percent, after which a token is renewed; up to 5 points earlier or later. A first token is renewed sooner, and one that came late as much sooner, so that many do not go together.',
    )
    .default(60),
  minRemaining: durationField(seconds(1), hours(24))
    .describe(
      'The least life that a delivered token has left when its successor comes; if left out, 2 minutes or a quarter of the actual life, whichever is shorter.',
    )
    .optional(),
  onExpiry: z
    .enum(['Remove', 'Keep'])
    .describe(
      'What becomes of a token that could not be renewed in time: it is removed from the Secret or the volume, or left there.',
    )
    .default('Remove'),
});

const spec = z.object({
  serviceAccountName: objectName().describe(
    "The ServiceAccount in the same namespace that the token is for. For a federated client, the client's own.",
  ),
  clientRef: nameRef('OAuthClient').describe('The OAuthClient in the same namespace whose token this is.'),
  token: token.describe('The token that is asked for.'),
  delivery: delivery
    .describe(
      'The Secret that the token appears in. Left out for volumes alone: no token of this binding then ever reaches etcd, and its client has to be federated. Pods may mount it in either case, where `deliveries` of the TenantScope has `Volume`.',
    )
    .optional(),
  rotation: rotation.describe('When the token is renewed.').prefault({}),
});

const status = z.object({
  ...commonStatus,
  violations: violationsField.optional(),
  grant: grantField.optional(),
  withdrawal: withdrawalField.optional(),
  pods: z
    .int32()
    .min(0)
    .describe(
      'How many pods of its ServiceAccount mount it, as last seen: a minute ago or a few. Left out where the token is in a Secret.',
    )
    .optional(),
});

export const workloadIdentityBindingKind = defineKind({
  kind: 'WorkloadIdentityBinding',
  plural: 'workloadidentitybindings',
  shortName: 'wib',
  namespaced: true,
  description:
    'One ServiceAccount gets one kind of token, in a Secret or in volumes of its pods, renewed before it expires. Written by application teams.',
  columns: [
    { name: 'Client', type: 'string', jsonPath: '.spec.clientRef.name' },
    { name: 'Audience', type: 'string', jsonPath: '.spec.token.audience' },
    { name: 'Secret', type: 'string', jsonPath: '.spec.delivery.secretRef.name' },
    { name: 'Pods', type: 'integer', jsonPath: '.status.pods' },
    ...stateColumns,
    ageColumn,
  ],
  conditions: ['Ready', 'Allowed', 'Issued', 'Delivered', 'Stalled'],
  spec,
  status,
});

export type WorkloadIdentityBinding = ObjectOf<typeof workloadIdentityBindingKind>;
