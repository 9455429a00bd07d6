// Where people stand in a scene: as thick as asked at each place, and never in one another.
import type { SitePoint } from '../../contract/geometry.ts';

/**
 * People at random over a box of the ground, `peoplePerM2At` of each place, then moved apart as far as they stand in each other (up to 7 /m2).
 * Returns only those that are still in the box.
 */
export function scatterPeople({ westM, southM, eastM, northM, peoplePerM2At, peoplePerM2Most, random }: { westM: number; southM: number; eastM: number; northM: number; peoplePerM2At: (xM: number, yM: number) => number; peoplePerM2Most: number; random: () => number }): SitePoint[] {
  const wanted = (eastM - westM) * (northM - southM) * peoplePerM2Most, many = Math.floor(wanted + random()), people: { xM: number; yM: number; keepsM: number }[] = [];
  for (let draw = 0; draw < many; draw++) {
    const xM = westM + (eastM - westM) * random(), yM = southM + (northM - southM) * random(), here = peoplePerM2At(xM, yM);
    // In the loosest packing that is still at random, each keeps about 0.8 of the mean distance free; nobody minds beyond 0.9 m.
    if (random() * peoplePerM2Most < here) people.push({ xM, yM, keepsM: Math.min(0.9, 0.8 / Math.sqrt(Math.max(0.05, here))) * (0.85 + 0.3 * random()) });
  }
  for (let round = 0; round < 14; round++) if (pushApart(people) < 0.01) break;
  return people.filter(({ xM, yM }) => xM >= westM && xM < eastM && yM >= southM && yM < northM);
}

/** One round; returns the largest step. */
function pushApart(people: { xM: number; yM: number; keepsM: number }[]): number {
  const cellM = 1, cells = new Map<number, number[]>(), key = (x: number, y: number) => (Math.floor(y / cellM) + 20_000) * 65_536 + Math.floor(x / cellM) + 20_000;
  people.forEach(({ xM, yM }, index) => { const at = key(xM, yM), found = cells.get(at); if (found === undefined) cells.set(at, [index]); else found.push(index); });
  let most = 0;
  for (let index = 0; index < people.length; index++) {
    const one = people[index]!;
    for (let dx = -1; dx <= 1; dx++) for (let dy = -1; dy <= 1; dy++) for (const other of cells.get(key(one.xM + dx * cellM, one.yM + dy * cellM)) ?? []) {
      if (other <= index) continue;
      const two = people[other]!, ox = two.xM - one.xM, oy = two.yM - one.yM, apart = Math.hypot(ox, oy), wanted = (one.keepsM + two.keepsM) / 2;
      if (apart >= wanted) continue;
      const step = (wanted - apart) / 2 * 0.8, ux = apart > 1e-6 ? ox / apart : 1, uy = apart > 1e-6 ? oy / apart : 0;
      one.xM -= ux * step; one.yM -= uy * step; two.xM += ux * step; two.yM += uy * step;
      if (step > most) most = step;
    }
  }
  return most;
}
