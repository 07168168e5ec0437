import { type MaintenanceWindow, weekdays } from '../api/rotation-field.ts';
import { hours, minutes, seconds, toSeconds } from '../std/duration.ts';
import { type Instant, instantOf, latest, plus } from '../std/instant.ts';

const day = hours(24);

/**
 * The first moment from `at` on at which a rotation may begin. Each client has its own time in the first half of a window, by its `share`
 * in [0, 1): what waited for the window does not begin all at once when it opens.
 */
export function nextOpening(window: MaintenanceWindow, at: Instant, share: number): Instant {
  const [hour = 0, minute = 0] = window.start.split(':').map(Number);
  const midnight = Math.floor(at / day) * day;
  // A window that began yesterday may still be open; and of seven days one is among those that are listed.
  for (let offset = -1; offset <= 7; offset++) {
    const opens = instantOf(midnight + offset * day + hours(hour) + minutes(minute));
    const closes = plus(opens, window.duration);
    if (closes <= at || !window.days.includes(weekdayOf(opens))) continue;
    return latest(at, plus(opens, seconds(Math.floor(toSeconds(window.duration) * (share / 2)))));
  }
  return at;
}

/** The first of January 1970 was a Thursday. */
const weekdayOf = (at: Instant): (typeof weekdays)[number] =>
  weekdays[(Math.floor(at / day) + 3) % 7] ?? 'Mon';
