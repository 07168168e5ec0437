import { Secret } from '../std/secret.ts';

// As much of Protocol Buffers (https://protobuf.dev/programming-guides/encoding) as the messages of CSI and of the kubelet's plug-in
// registration use. A library for all of it would be the largest part of the plug-in's memory.

/** A text of which nobody has looked yet whether it is a secret: until then it is one. */
export type Unread = Secret<{ readonly text: string }>;

/** A field of a message: its number, and what it holds. `secrets` is a `map<string, string>` of which no value is ever printed. */
export type Field =
  | readonly [number: number, type: 'string' | 'bool' | 'uint' | 'strings' | 'secrets']
  | readonly [number: number, type: 'message' | 'messages', of: Message];
/** A message: its fields by their names in the .proto file. */
export interface Message {
  readonly [name: string]: Field;
}

type ValueOf<F extends Field> = F extends readonly [number, 'message', infer M extends Message]
  ? ValuesOf<M> | undefined
  : F extends readonly [number, 'messages', infer M extends Message]
    ? readonly ValuesOf<M>[]
    : F extends readonly [number, 'string']
      ? string
      : F extends readonly [number, 'bool']
        ? boolean
        : F extends readonly [number, 'uint']
          ? number
          : F extends readonly [number, 'strings']
            ? readonly string[]
            : ReadonlyMap<string, Unread>;
/** What a message says. Fields that were not sent have the value that proto3 gives them. */
export type ValuesOf<M extends Message> = { readonly [Name in keyof M]: ValueOf<M[Name]> };

/** A message that does not follow the encoding. It says where, never what was there. */
export class ProtobufError extends Error {}

const varint = 0;
const lengthDelimited = 2;

/** Reads a message; fields that the table does not name are passed over. */
export function decodeMessage<M extends Message>(message: M, bytes: Uint8Array): ValuesOf<M> {
  const fields = fieldsOf(message);
  const values: Record<string, unknown> = {};
  for (const { name, field } of fields.values()) values[name] = emptyValue(field);
  readFields(bytes, (number, wireType, content) => {
    const known = fields.get(number);
    if (known === undefined) return;
    const { name, field } = known;
    const isNumber = field[1] === 'bool' || field[1] === 'uint';
    if (wireType !== (isNumber ? varint : lengthDelimited))
      throw new ProtobufError(`field ${name}: wire type`);
    if (typeof content === 'number') values[name] = field[1] === 'bool' ? content !== 0 : content;
    else values[name] = add(values[name], field, content);
  });
  return values as ValuesOf<M>;
}

interface NamedField {
  readonly name: string;
  readonly field: Field;
}
const tables = new WeakMap<Message, ReadonlyMap<number, NamedField>>();

/** The fields of a message by their numbers; a kubelet comes for each volume every minute, so that the table is made once. */
function fieldsOf(message: Message): ReadonlyMap<number, NamedField> {
  const known = tables.get(message);
  if (known !== undefined) return known;
  const table = new Map(Object.entries(message).map(([name, field]) => [field[0], { name, field }]));
  tables.set(message, table);
  return table;
}

function emptyValue([, type]: Field): unknown {
  switch (type) {
    case 'string':
      return '';
    case 'bool':
      return false;
    case 'uint':
      return 0;
    case 'message':
      return undefined;
    case 'secrets':
      return new Map();
    case 'strings':
    case 'messages':
      return [];
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
function readText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new ProtobufError('a text is not UTF-8');
  }
}

const mapEntry = { key: [1, 'string'], value: [2, 'string'] } as const;

/** The value of a field after one more occurrence of it. */
function add(before: unknown, [, type, of = {}]: Field, content: Uint8Array): unknown {
  switch (type) {
    case 'string':
      return readText(content);
    case 'strings':
      return [...(before as string[]), readText(content)];
    case 'message':
      return decodeMessage(of, content);
    case 'messages':
      return [...(before as unknown[]), decodeMessage(of, content)];
    case 'secrets': {
      const { key, value } = decodeMessage(mapEntry, content);
      return (before as Map<string, Unread>).set(key, new Secret({ text: value }));
    }
    default:
      return before;
  }
}

/** Tells the fields of a message as they come: number, wire type, and a number or bytes. */
function readFields(
  bytes: Uint8Array,
  tell: (number: number, wireType: number, content: number | Uint8Array) => void,
): void {
  let at = 0;
  const readVarint = (): number => {
    let value = 0;
    for (let factor = 1, length = 1; length <= 10; factor *= 128, length++) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError('a number does not end');
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new ProtobufError('a field is longer than its message');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = readVarint();
    const wireType = tag % 8;
    const number = Math.floor(tag / 8);
    if (number === 0) throw new ProtobufError('a field has the number 0');
    if (wireType === varint) tell(number, wireType, readVarint());
    else if (wireType === lengthDelimited) tell(number, wireType, take(readVarint()));
    else if (wireType === 1) tell(number, wireType, take(8));
    else if (wireType === 5) tell(number, wireType, take(4));
    else throw new ProtobufError('a field has an unknown wire type');
  }
}
