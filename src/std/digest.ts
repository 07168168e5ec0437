// The one `node:` import below layer 4: a hash is a pure function (docs/adr/0001-layers.md).
import { hash } from 'node:crypto';

/** SHA-256 of a text, in base64url: 43 characters, fit for annotations and labels' values. */
export const sha256 = (text: string): string => hash('sha256', text, 'base64url');

/**
 * A number in [0, 1) that belongs to `key` for ever: the source of every spread in a schedule, so that a restart changes none.
 */
export const fractionOf = (key: string): number =>
  Number.parseInt(hash('sha256', key, 'hex').slice(0, 12), 16) / 2 ** 48;
