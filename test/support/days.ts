// Days of made places, minute by minute, as record.ts would have kept them: people come and go by chance around a plan of the week, the weather and the day shift the plan,
// cameras err and fail. Seeded: the same seed gives the same days. The truth is kept beside what was recorded.
import { MINUTES_A_DAY, minuteCode, MINUTE_FEW, MINUTE_UNKNOWN, type PastDay } from '../../crowd/forecast.ts';
import { normalsOf } from './chance.ts';
import { seeded } from '../../worker/demo/plazaCrowd.ts';

export type MadePlace = {
  name: string;
  areaM2: number;
  /** People in the zone, one step a minute; `at` tells the local time. */
  walk(chance: Chance): (at: LocalMinute) => number;
  /** False: nothing about its future can be known beyond "as it is now". */
  hasPattern: boolean;
};
export type LocalMinute = { localDay: number; /** 0 Sunday */ weekday: number; minuteOfDay: number };
export type Chance = { uniform(): number; normal(): number; poisson(mean: number): number; binomial(count: number, share: number): number };
export type MadeDays = { days: PastDay[]; /** People/m2 as they truly were, one for each minute from the first day's first minute on. */ truth: Float32Array };

/** As the recorder's minutes are: error of the camera that lasts for a while, of the count that does not, and now and then an outage. */
const CAMERA_ERROR_SHARE = 0.05, COUNT_ERROR_PER_ROOT = 0.25, OUTAGES_PER_DAY = 0.4, OUTAGE_MOST_MINUTES = 90;
const FLOOR_PEOPLE = 3;

export function madeDays(place: MadePlace, { seed, firstDay, days, localMinuteOf }: { seed: number; firstDay: number; days: number; localMinuteOf: (utcMinute: number) => number }): MadeDays {
  const chance = chanceOf(seed), people = place.walk(chance), errors = chanceOf(seed + 7919);
  const truth = new Float32Array(days * MINUTES_A_DAY);
  let cameraError = 0, outageMinutes = 0;
  const past: PastDay[] = [];
  for (let index = 0; index < days; index++) {
    const codes = new Uint16Array(MINUTES_A_DAY);
    for (let minute = 0; minute < MINUTES_A_DAY; minute++) {
      const local = localMinuteOf((firstDay + index) * MINUTES_A_DAY + minute), localDay = Math.floor(local / MINUTES_A_DAY);
      const count = Math.max(0, people({ localDay, weekday: (localDay + 4) % 7, minuteOfDay: local - localDay * MINUTES_A_DAY }));
      truth[index * MINUTES_A_DAY + minute] = count / place.areaM2;
      cameraError = 0.98 * cameraError + CAMERA_ERROR_SHARE * Math.sqrt(1 - 0.98 ** 2) * errors.normal();
      if (outageMinutes > 0) outageMinutes--;
      else if (errors.uniform() < OUTAGES_PER_DAY / MINUTES_A_DAY) outageMinutes = 1 + Math.floor(errors.uniform() ** 2 * OUTAGE_MOST_MINUTES);
      const seen = Math.max(0, count * (1 + cameraError) + COUNT_ERROR_PER_ROOT * Math.sqrt(count) * errors.normal());
      codes[minute] = outageMinutes > 0 ? MINUTE_UNKNOWN : seen < FLOOR_PEOPLE ? MINUTE_FEW : minuteCode(seen / place.areaM2);
    }
    past.push({ day: firstDay + index, codes });
  }
  return { days: past, truth };
}

/** Between 0 and 1, highest at `centre`, half of it `halfWidth` minutes away. */
const hill = (minute: number, centre: number, halfWidth: number) => 2 ** -(((minute - centre) / halfWidth) ** 2);

/** A platform: people gather, a train takes them, some trains are late and then it fills. Two rush hours on working days. */
const stationRush: MadePlace = {
  name: 'station', areaM2: 160, hasPattern: true,
  walk(chance) {
    let people = 0, day = -1, busy = 1, hour = 0, nextTrain = -1, lateBy = 0, leaving = 0;
    return ({ localDay, weekday, minuteOfDay }) => {
      if (localDay !== day) { day = localDay; busy = Math.exp(0.13 * chance.normal()); nextTrain = -1; }
      hour = 0.97 * hour + 0.04 * chance.normal();
      const work = weekday >= 1 && weekday <= 5;
      const shape = 0.06 + (work ? hill(minuteOfDay, 478, 42) + 0.85 * hill(minuteOfDay, 1052, 60) + 0.25 * hill(minuteOfDay, 770, 200) : 0.35 * hill(minuteOfDay, 900, 200));
      const open = minuteOfDay > 280 || minuteOfDay < 30;
      people += chance.poisson(open ? 46 * shape * busy * Math.exp(hour) : 0.05);
      const every = work && (hill(minuteOfDay, 478, 60) > 0.4 || hill(minuteOfDay, 1052, 80) > 0.4) ? 6 : 10;
      if (open && minuteOfDay % every === 0 && nextTrain < 0) { nextTrain = minuteOfDay; lateBy = chance.uniform() < 0.06 ? 4 + 9 * chance.uniform() : Math.max(0, 0.8 + 0.8 * chance.normal()); }
      if (nextTrain >= 0 && minuteOfDay >= nextTrain + lateBy) {
        people -= chance.binomial(Math.round(people), 0.9);
        leaving += chance.poisson(45 * shape * busy); // who got off crosses the platform within minutes
        nextTrain = -1;
      }
      leaving -= chance.binomial(Math.round(leaving), 0.45);
      return people + leaving;
    };
  },
};

/** Before the gates of an event: on its evenings people queue from two hours before, the gates open late or early, and later all leave at once. */
const eventGates: MadePlace = {
  name: 'gates', areaM2: 400, hasPattern: true,
  walk(chance) {
    let people = 0, inside = 0, day = -1, isEvent = false, crowd = 0, opensAt = 0, endsAt = 0;
    return ({ localDay, weekday, minuteOfDay }) => {
      if (localDay !== day) {
        day = localDay;
        isEvent = weekday === 5 || weekday === 6 || (weekday === 3 && chance.uniform() < 0.4);
        crowd = 6500 * Math.exp(0.2 * chance.normal()); opensAt = 1110 + 8 * chance.normal(); endsAt = 1345 + 6 * chance.normal(); inside = 0;
      }
      people += chance.poisson(0.5 + 2.5 * hill(minuteOfDay, 800, 260));
      people -= chance.binomial(Math.round(people), isEvent && minuteOfDay > 1000 ? 0.02 : 0.3);
      if (isEvent) {
        people += chance.poisson(crowd / 95 * hill(minuteOfDay, 1120, 42));
        if (minuteOfDay > opensAt && minuteOfDay < endsAt) { const through = Math.min(people, chance.poisson(105)); people -= through; inside += through; }
        if (minuteOfDay >= endsAt && inside > 0) { const out = Math.min(inside, chance.poisson(170)); inside -= out; people += out; }
        if (minuteOfDay >= endsAt) people -= chance.binomial(Math.round(people), 0.12);
      }
      return people;
    };
  },
};

/** An underpass on the way to work: two rushes each working day, fuller or emptier by the day, and people are through it in two minutes. */
const passage: MadePlace = {
  name: 'passage', areaM2: 250, hasPattern: true,
  walk(chance) {
    let people = 0, day = -1, busy = 1, drift = 0, shift = 0;
    return ({ localDay, weekday, minuteOfDay }) => {
      if (localDay !== day) { day = localDay; busy = Math.exp(0.18 * chance.normal()); shift = 5 * chance.normal(); }
      drift = 0.97 * drift + 0.025 * chance.normal();
      const work = weekday >= 1 && weekday <= 5;
      const shape = work ? hill(minuteOfDay, 485 + shift, 30) + 0.8 * hill(minuteOfDay, 1050 + shift, 45) + 0.15 * hill(minuteOfDay, 760, 150) : 0.25 * hill(minuteOfDay, 900, 180);
      people += chance.poisson(320 * shape * busy * Math.exp(drift) + 0.5);
      // The fuller, the slower: what is dense drains worse.
      return (people -= chance.binomial(Math.round(people), 0.5 / (1 + Math.max(0, people / 250 - 1) * 0.25)));
    };
  },
};

/** A market street: fuller on Saturdays, emptier in the rain, closed on Sundays. */
const market: MadePlace = {
  name: 'market', areaM2: 900, hasPattern: true,
  walk(chance) {
    let people = 0, day = -1, weather = 0, rain = 1, drift = 0;
    return ({ localDay, weekday, minuteOfDay }) => {
      if (localDay !== day) { day = localDay; weather = 0.6 * weather + 0.8 * chance.normal(); rain = weather < -0.8 ? 0.55 : 1 + 0.08 * weather; }
      drift = 0.985 * drift + 0.02 * chance.normal();
      const shape = hill(minuteOfDay, 690, 95) + 0.8 * hill(minuteOfDay, 980, 110);
      const plan = weekday === 0 ? 0.12 : weekday === 6 ? 1.7 : 1;
      people += chance.poisson(70 * plan * shape * rain * Math.exp(drift) + 0.3);
      return (people -= chance.binomial(Math.round(people), 0.09)); // about eleven minutes each
    };
  },
};

/** Chance alone: each minute's change knows nothing of the one before, of the hour or of the level. Nobody can forecast it better than "as it is now". */
const chanceWalk = (name: string, start: number, step: number): MadePlace => ({
  name, areaM2: 300, hasPattern: false,
  walk(chance) {
    let people = start;
    return () => { people += step * chance.normal(); if (people < 10) people = 20 - people; if (people > 1500) people = 3000 - people; return people; };
  },
});

export const PLACES_WITH_PATTERN = [stationRush, passage, eventGates, market];
export const PLACES_WITHOUT = [chanceWalk('walk', 500, 6), chanceWalk('slow walk', 700, 2.5), chanceWalk('wild walk', 600, 15)];

function chanceOf(seed: number): Chance {
  const uniform = seeded(seed), normal = normalsOf(uniform);
  return {
    uniform, normal,
    poisson(mean) {
      if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
      const least = Math.exp(-mean);
      let count = 0;
      for (let product = uniform(); product > least; product *= uniform()) count++;
      return count;
    },
    binomial(count, share) {
      const mean = count * share, spread = Math.sqrt(mean * (1 - share));
      if (count > 40 && mean > 5) return Math.max(0, Math.min(count, Math.round(mean + spread * normal())));
      let hits = 0;
      for (let i = 0; i < count; i++) if (uniform() < share) hits++;
      return hits;
    },
  };
}
