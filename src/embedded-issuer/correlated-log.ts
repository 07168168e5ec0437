import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import type { IssuerLog } from './issuer-log.ts';
import { requestIDOf } from './request-id.ts';

/** A log whose lines name the request that they were written for. */
export interface CorrelatedLog {
  readonly log: IssuerLog;
  /** Does the work on a request; what is logged meanwhile has `request_id`, if the caller gave one (`X-Request-ID`). */
  readonly during: <T>(request: Pick<IncomingMessage, 'headers'>, work: () => T) => T;
}

export function correlatedLog(log: IssuerLog): CorrelatedLog {
  const current = new AsyncLocalStorage<string | undefined>();
  const withID = (fields: object): object => {
    const request_id = current.getStore();
    return request_id === undefined ? fields : { ...fields, request_id };
  };
  return {
    log: {
      info: (fields, message) => log.info(withID(fields), message),
      warn: (fields, message) => log.warn(withID(fields), message),
      error: (fields, message) => log.error(withID(fields), message),
    },
    during: (request, work) => current.run(requestIDOf(request), work),
  };
}
