import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decode } from '../../src/api/decode.ts';
import { testKubeconfig } from '../cluster/test-cluster.ts';
import { type KindsServer, openKindsServer } from './api-server.ts';
import { invalidExamples, validExamples } from './examples.ts';

/** What the server adds when an error of form keeps it from evaluating the rules. */
const unchecked = 'some validation rules were not checked';

let server: KindsServer;
beforeAll(async () => {
  server = await openKindsServer(testKubeconfig(), ['acme-prod']);
});
afterAll(() => server.close());

describe('the API server', () => {
  test.each(validExamples())(
    'accepts the valid example $name, and the decoder reads what it makes of it',
    async ({ kind, manifest }) => {
      const { status, body } = await server.create(kind, manifest);
      expect([status, body.message]).toEqual([201, undefined]);

      const decoded = decode(kind, { ...body, metadata: { ...body.metadata, resourceVersion: '1' } });
      expect(decoded).toMatchObject({ ok: true });
    },
  );

  test.each(invalidExamples())(
    'refuses the invalid example $name: $refusal',
    async ({ kind, manifest, refusal }) => {
      const { status, body } = await server.create(kind, manifest);
      expect([400, 422]).toContain(status);
      expect(body.message).toContain(refusal);
      // One rule each: a second complaint would hide whether the first is still made.
      const complaints = (body.details?.causes ?? [body]).filter(
        ({ message }: { message: string }) => !message.includes(unchecked),
      );
      expect(complaints).toHaveLength(1);
    },
  );
});
