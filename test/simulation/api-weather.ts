import type { Fault, Faults, Verb } from '../fakes/fake-api-server/faults.ts';
import type { ApiRegion, ApiWeather } from './steps.ts';

const reads: readonly Verb[] = ['get', 'list', 'watch', 'getPath'];

/** A deletion that names a UID meets a conflict only if the object is another one, and then it is. */
const neverInConflict: readonly Verb[] = [...reads, 'create', 'delete', 'requestToken'];

const faultOf: Readonly<Record<Exclude<ApiWeather, 'fine'>, Fault>> = {
  down: 'unavailable',
  unwritable: 'unavailable',
  conflicts: 'conflict',
  forgetful: 'lost',
  hangs: 'hangs',
  forbidden: 'forbidden',
};

/** Lets calls about a kind, or about all, go wrong from now on as the weather is. Only where the server is down, or hangs, nothing can be read either. */
export function setApiWeather(faults: Faults, weather: ApiWeather, of: ApiRegion): void {
  faults.clear();
  if (weather === 'fine') return;
  const reading = weather === 'down' || weather === 'hangs';
  const spared: readonly Verb[] = reading ? [] : weather === 'conflicts' ? neverInConflict : reads;
  faults.add(faultOf[weather], (verb, plural) => (of === '' || plural === of) && !spared.includes(verb));
}
