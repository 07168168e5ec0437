import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/std/clock.ts';
import { milliseconds, seconds } from '../../src/std/duration.ts';
import { systemRng } from '../../src/std/rng.ts';
import type { FakeApiServer } from '../fakes/fake-api-server/fake-api-server.ts';
import type { StoredSecret } from '../simulation/invariants/stored.ts';

export type Values = Readonly<Record<string, string>>;

/** A Secret that a pod has mounted: its values in a file, which the kubelet replaces a minute to a minute and a half after a change. */
export class MountedSecret {
  readonly #directory = mkdtempSync(join(tmpdir(), 'grantor-mount-'));
  readonly #file = join(this.#directory, 'values.json');
  #replaced = 0;

  constructor(
    server: FakeApiServer,
    speed: number,
    { namespace, name }: { namespace: string; name: string },
  ) {
    server.storage.watchers.add(({ plural, current }) => {
      if (plural !== 'secrets' || current === undefined) return;
      if (current.metadata.namespace !== namespace || current.metadata.name !== name) return;
      const values = valuesOf(current);
      const delay = this.#replaced === 0 ? 0 : seconds(60 + systemRng.next() * 30);
      systemClock.after(milliseconds(delay / speed), () => this.#replace(values));
      this.#replaced++;
    });
  }

  read(): Values | undefined {
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8')) as Values;
    } catch {
      return undefined;
    }
  }

  unmount(): void {
    rmSync(this.#directory, { recursive: true });
  }

  /** In one moment, as the kubelet does. */
  #replace(values: Values): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify(values), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }
}

export const valuesOf = ({ data = {} }: StoredSecret): Values =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
