import type { Kind } from '../api/kind.ts';
import { kinds } from '../api/kinds.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Complaint } from './complaint.ts';

/** An object as people name it on a command line. */
export interface ObjectReference {
  readonly kind: Kind;
  readonly name: string;
}

/** `oauthclient/billing`: the way in which every command names an object. */
export const shown = (kind: string, name: string): string => `${kind.toLowerCase()}/${name}`;

/** Reads `oauthclient/billing`, with the kind as kubectl takes it: singular, plural, short name, with or without the group. */
export function parseReference(text: string): Result<ObjectReference, Complaint> {
  const [word = '', name, ...rest] = text.split('/');
  const kind = kinds.find((one) => namesOf(one).includes(word.toLowerCase()));
  if (kind !== undefined && name !== undefined && name !== '' && rest.length === 0) return ok({ kind, name });
  const what =
    kind === undefined && name !== undefined
      ? `there is no kind "${word.slice(0, 63)}"`
      : `"${text.slice(0, 120)}" is not KIND/NAME`;
  return err({ exit: 'usage', message: what, remedy: `write one of ${examples}` });
}

/** All names of a kind. */
export const namesOf = ({ kind, plural, shortName, group }: Kind): string[] =>
  [kind.toLowerCase(), plural, shortName].flatMap((name) => [name, `${name}.${group}`]);

const examples = kinds.map(({ kind, shortName }) => `${kind.toLowerCase()}/NAME (${shortName})`).join(', ');
