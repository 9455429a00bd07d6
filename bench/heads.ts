// How large a head must be in the analysed picture to be counted: the share of the people in rendered crowds of nearly one depth, and on the real street (vtest), that the net
// finds when the same pictures are looked at in sizes from 4 to 30 px a head. What FAR_HEAD_PX_* in worker/mediaHost/analysisSize.ts rest on. `node bench/heads.ts [CARD.json]` measures another model.
import { resolve } from 'node:path';
import { Frame } from 'node-av/lib';
import { AV_PIX_FMT_RGB24 } from 'node-av/constants';
import { HEAD_SIZE_M } from '../crowd/ground.ts';
import { openCounter } from '../models/evaluation/counter.ts';
import { noData, street } from '../models/evaluation/pictures.ts';
import { renderScene, UNSEEN_SEED_LEAST } from '../test/support/scenes.ts';
import { scatterPeople } from '../worker/demo/sceneCrowd.ts';
import { plazaCamera, type PinholeCamera } from '../worker/demo/plazaCamera.ts';
import { seeded } from '../worker/demo/plazaCrowd.ts';
import { DEFAULT_MODEL_CARD } from '../config/modelCard.ts';

const HEAD_PX = [4, 5, 6, 7, 8, 10, 12, 14, 18, 24, 32, 45, 64], DENSITIES = [0.4, 1.5], PICTURES = 3;
/** From 16 m up for small heads, and from 9 m for large ones: all of a picture at nearly one depth. Each is used from the size at which it has heads to count. */
const CAMERAS: { camera: PinholeCamera; fromPx: number; toPx: number }[] = [{ heightM: 16, tiltDeg: 48, fromPx: 4, toPx: 18 }, { heightM: 9, tiltDeg: 50, fromPx: 18, toPx: 64 }].map(({ heightM, tiltDeg, fromPx, toPx }) => ({
  camera: { position: { xM: 0, yM: 0 }, heightM, bearingDeg: 0, tiltDeg, focalShare: 1.5, widthPx: 1280, heightPx: 720 }, fromPx, toPx,
}));
/** Assumed from the height of its people (about 60 px, a head being an eighth of that) on its frames of 480x360. */
const STREET_HEAD_PX = 8.5;

export default async function headsBench(emit: (figure: string, value: number, unit: string) => void, cardPath = DEFAULT_MODEL_CARD): Promise<void> {
  const counter = await openCounter(cardPath), found = new Map<string, { counted: number; people: number }>();
  const add = (key: string, counted: number, people: number) => { const sum = found.get(key) ?? { counted: 0, people: 0 }; sum.counted += counted; sum.people += people; found.set(key, sum); };
  const at = (frame: Frame, nativeHeadPx: number, headPx: number) => counter.count(frame, Math.round(frame.width * frame.height * (headPx / nativeHeadPx) ** 2));
  for (const { camera, fromPx, toPx } of CAMERAS) for (const perM2 of DENSITIES) for (let picture = 0; picture < PICTURES; picture++) {
    const eye = plazaCamera(camera), nativePx = eye.see(0, eye.groundAt(camera.widthPx / 2, camera.heightPx / 2, 1.6)!.yM, 1.6)!.pxPerM * HEAD_SIZE_M, sideM = camera.heightM * 0.8;
    const seed = UNSEEN_SEED_LEAST + 300 + picture, random = seeded(seed), people = scatterPeople({ westM: -sideM, southM: camera.heightM / 8, eastM: sideM, northM: camera.heightM * 2, peoplePerM2At: () => perM2, peoplePerM2Most: perM2, random });
    const scene = renderScene({ camera, people, seed, ground: 'asphalt' }), truth = scene.heads.filter((head) => head !== null && head.seenShare >= 0.3).length;
    const frame = Frame.fromVideoBuffer(Buffer.from(scene.rgb.buffer, scene.rgb.byteOffset, scene.rgb.byteLength), { width: scene.widthPx, height: scene.heightPx, format: AV_PIX_FMT_RGB24 });
    for (const headPx of HEAD_PX) if (headPx >= fromPx && headPx <= toPx && headPx <= nativePx * 1.3) add(`rendered${perM2}PerM2From${camera.heightM}MAt${headPx}Px`, (await at(frame, nativePx, headPx)).peopleInPicture, truth);
    frame.free();
  }
  if (noData() === null) for await (const { frame, peopleCount } of street(6).pictures()) for (const headPx of HEAD_PX) if (headPx <= 2 * STREET_HEAD_PX) add(`streetAt${headPx}Px`, (await at(frame, STREET_HEAD_PX, headPx)).peopleInPicture, peopleCount);
  for (const [key, { counted, people }] of found) if (people > 0) emit(`${key}CountedShare`, counted / people, '1');
  await counter.close();
}

if (import.meta.main) {
  await headsBench((figure, value, unit) => console.log(JSON.stringify({ figure, value: Number(value.toPrecision(4)), unit })), process.argv[2] === undefined ? undefined : resolve(process.argv[2]));
  process.exit(0);
}
