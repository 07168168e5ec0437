import type { Message, ValuesOf } from './protobuf.ts';

/** What may be sent of a message: fields that are left out are not sent. There is no field for secrets: we send none. */
export type Sent<M extends Message> = { readonly [Name in keyof M]?: SentValue<ValuesOf<M>[Name]> };
type SentValue<V> =
  V extends ReadonlyMap<string, unknown>
    ? never
    : V extends readonly (infer Item)[]
      ? readonly SentValue<Item>[]
      : V extends object
        ? { readonly [K in keyof V]?: SentValue<V[K]> }
        : V;

/** Writes a message in the order of its table. */
export function encodeMessage<M extends Message>(message: M, values: Sent<M>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, [number, type, of = {}]] of Object.entries(message)) {
    const value: unknown = values[name];
    if (value === undefined) continue;
    const bytes = (content: Buffer): void => {
      parts.push(varint(number * 8 + 2), varint(content.length), content);
    };
    switch (type) {
      case 'bool':
      case 'uint':
        parts.push(varint(number * 8), varint(Number(value)));
        break;
      case 'string':
        bytes(Buffer.from(value as string));
        break;
      case 'strings':
        for (const item of value as string[]) bytes(Buffer.from(item));
        break;
      case 'message':
        bytes(encodeMessage(of, value as Sent<Message>));
        break;
      case 'messages':
        for (const item of value as Sent<Message>[]) bytes(encodeMessage(of, item));
        break;
      case 'secrets':
        throw new TypeError(`${name} is only received`);
    }
  }
  return Buffer.concat(parts);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
