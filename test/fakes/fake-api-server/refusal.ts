import type { KubeFailure, KubeFailureKind } from '../../../src/kube/kube-failure.ts';
import { err } from '../../../src/std/result.ts';

const statuses: Readonly<Partial<Record<KubeFailureKind, number>>> = {
  notFound: 404,
  alreadyExists: 409,
  conflict: 409,
  invalid: 422,
  forbidden: 403,
  unauthorized: 401,
  throttled: 429,
  gone: 410,
};

/** A failure of this kind, with the status that goes with it. */
export const refuse = (kind: KubeFailureKind, message = `the API server says ${kind}`) => {
  const status = statuses[kind];
  return err<KubeFailure>({ kind, message, ...(status === undefined ? {} : { status }) });
};
