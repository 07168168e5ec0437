import * as z from 'zod';
import { values } from './values.ts';

export type Schema = z.core.JSONSchema.BaseSchema;

/** One value that can be set, with what it is when it is not. */
export interface Value {
  readonly path: string;
  readonly description: string;
  readonly preset: unknown;
}

/** The schema of what users write: every key may be left out, and no other is there. */
export const valuesSchema = (): Schema => z.toJSONSchema(values, { io: 'input', target: 'draft-7' });

/** All values in the order of their definition, by their paths. */
export const valuesOf = (schema: Schema, prefix = ''): readonly Value[] =>
  members(schema).flatMap(([name, member]) =>
    isGroup(member)
      ? valuesOf(member, `${prefix}${name}.`)
      : [{ path: `${prefix}${name}`, description: described(member), preset: member.default }],
  );

export const members = ({ properties = {} }: Schema): [string, Schema][] =>
  Object.entries(properties).map(([name, member]) => [name, member as Schema]);

/** Whether its keys are ours; those of labels and resources are Kubernetes'. */
export const isGroup = (schema: Schema): boolean => members(schema).length > 0;

export function described({ description }: Schema): string {
  if (description === undefined) throw new Error('a value has no description');
  return description;
}
