import type { IssuerDriver } from '../ports/issuer-driver.ts';
import { err } from '../std/result.ts';
import { failure } from './classify.ts';
import type { IssuerSession } from './issuer-session.ts';

const what = "trust in the cluster's keys";
const refusal = failure('rejected', what, 'the issuer fetches the keys of the cluster itself');

/** `trustKeys` of an issuer that has to be told of no keys. */
export const fetchesKeys = ({ perform }: IssuerSession): Pick<IssuerDriver, 'trustKeys'> => ({
  trustKeys: (_, call) => perform('trustKeys', what, call, async () => err(refusal)),
});
