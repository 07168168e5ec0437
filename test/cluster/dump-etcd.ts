import { request } from 'undici';

/** Every key of etcd with its value, as they are stored. */
export async function dumpEtcd(etcdUrl: string): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  // All keys are between "\\0" and "\\0", which stands for the end of all keys.
  for (let from: string | undefined = 'AA=='; from !== undefined; ) {
    const { body } = await request(`${etcdUrl}/v3/kv/range`, {
      method: 'POST',
      body: JSON.stringify({ key: from, range_end: 'AA==', limit: 500 }),
    });
    const page = (await body.json()) as { kvs?: { key: string; value?: string }[]; more?: boolean };
    const { kvs = [], more } = page;
    for (const { key, value = '' } of kvs) found.set(decode(key).toString(), decode(value));
    const last = kvs.at(-1)?.key;
    // The next one after a key is that key with a zero byte behind it.
    from =
      more && last !== undefined ? Buffer.concat([decode(last), Buffer.of(0)]).toString('base64') : undefined;
  }
  return found;
}

const decode = (base64: string): Buffer => Buffer.from(base64, 'base64');
