import * as z from 'zod';
import { hours, minutes } from '../std/duration.ts';
import { durationField } from './duration-field.ts';
import { listSet } from './fields.ts';
import type { DeepReadonly } from './kind.ts';
import { text, withRule } from './rule.ts';

export const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

const window = z.object({
  days: listSet(z.enum(weekdays), { min: 1, max: 7 })
    .describe('The days on which it opens, in UTC.')
    .default([...weekdays]),
  start: text(5, '^([01][0-9]|2[0-3]):[0-5][0-9]$', 'write a time of day in UTC such as 02:00').describe(
    'When it opens, in UTC.',
  ),
  duration: durationField(minutes(15), hours(24)).describe('How long it is open.'),
});

export type MaintenanceWindow = DeepReadonly<z.output<typeof window>>;

const fields = z.object({
  every: durationField(hours(1), hours(8760))
    .describe(
      'How old the credential may become, up to a tenth less, so that clients which were made together are not rotated together. If left out, it is rotated only when somebody asks for it by the annotation `grantor.dev/rotate`.',
    )
    .optional(),
  overlap: durationField(minutes(5), hours(720))
    .describe(
      'How long the former credential stays valid at the issuer after the new one was written into the Secret: the time that all consumers have to read it again. The kubelet alone takes a minute and a half to bring it into a volume.',
    )
    .prefault('24h'),
  maxOverlap: durationField(minutes(5), hours(8760))
    .describe(
      'How long the former credential stays valid at most for pods that took it by environment variable and were not replaced since.',
    )
    .prefault('168h'),
  onStaleConsumers: z
    .enum(['Keep', 'Retire'])
    .describe(
      'What becomes of the former credential when there are still such pods after `maxOverlap`, or nobody lets Grantor look for them: it is kept until they are gone, or retired all the same.',
    )
    .default('Keep'),
  window: window
    .describe(
      'When a rotation may begin because of age, each client at a time of its own in the first half of it. What somebody asks for by the annotation begins at once.',
    )
    .optional(),
});

type Times = Pick<z.output<typeof fields>, 'every' | 'overlap' | 'maxOverlap'>;

const inTime = <Fields extends z.ZodType<Times>>(rotation: Fields): Fields =>
  withRule(
    withRule(rotation, {
      cel: '!has(self.every) || duration(self.overlap) < duration(self.every)',
      message:
        'write an overlap that is shorter than every, or a credential would be replaced before its former is gone',
      holds: ({ every, overlap }) => every === undefined || overlap < every,
    }),
    {
      cel: 'duration(self.overlap) <= duration(self.maxOverlap)',
      message: 'write a maxOverlap that is at least as long as overlap',
      holds: ({ overlap, maxOverlap }) => overlap <= maxOverlap,
    },
  );

/** When a credential that Grantor makes is replaced, and how: the former one stays valid for a while. */
export const rotationField = inTime(fields);

/** The same for a secret, of which some issuers hold but one. */
export const secretRotationField = inTime(
  fields.extend({
    allowInterruption: z
      .boolean()
      .describe(
        'Whether a secret may be replaced at an issuer that holds one secret of a client only. The former one ends with the first moment of the new one: who reads the Secret from a volume is refused for up to a minute and a half, and whoever has it in an environment variable until its pod is restarted.',
      )
      .default(false),
  }),
);

export type CredentialRotationPolicy = DeepReadonly<z.output<typeof fields>>;

/** What holds where nothing is written. */
export const defaultRotation: CredentialRotationPolicy = fields.parse({}) as CredentialRotationPolicy;

const time = () => z.iso.datetime({ offset: true });

/** `status.rotation` of a client that has a credential of ours. */
export const rotationStatusField = z
  .object({
    phase: z
      .enum(['Introducing', 'Overlapping', 'Retiring'])
      .describe(
        'How far a rotation has come: the issuer is being told of the new credential beside the old one; both are valid, and consumers get the new one; the issuer is being told to forget the old one. Left out between rotations.',
      )
      .optional(),
    since: time().describe('When that phase began.').optional(),
    next: time()
      .describe('When the next step is due: the next rotation, or the end of the overlap.')
      .optional(),
    waitsFor: z.string().max(1024).describe('What a step that is due waits for.').optional(),
    rotatedAt: time().describe('Since when the client has its present credential.').optional(),
  })
  .describe('The rotation of the credential.');

export type RotationStatus = DeepReadonly<z.output<typeof rotationStatusField>>;
