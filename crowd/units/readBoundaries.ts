// Boundary files as others export them (GeoJSON, RFC 7946), read into units: property names and words for levels differ from office to office. What cannot be read is told feature by feature.
import { UNIT_LEVELS, UnitCode, type UnitFault, type UnitLevel, type UnitNames } from '../../contract/unit.ts';
import { checker } from '../../contract/schema.ts';
import { faultOf, type TreeUnit } from './checkUnits.ts';
import { wgs84FromGcj02 } from './gcj02.ts';
import { cleanRing, PER_DEGREE, type Ring7, type Shape7 } from './shape.ts';

export const FEATURES_MOST = 50_000, CORNERS_MOST = 5_000_000;
export type Crs = 'wgs84' | 'gcj02';
export type ReadUnit = TreeUnit & { names: UnitNames };
export type Refused = { en: string; zh: string };
export type ReadBoundaries = {
  features: number; units: ReadUnit[]; faults: UnitFault[];
  /** Codes of features that could not be read: who names one as its parent has made no mistake. */
  unreadCodes: Set<string>;
};

/** The first of these that a feature has is taken, whatever its case. */
export const PROPERTY_NAMES = {
  code: ['code', 'unitCode', 'adcode', 'gb', 'id', 'shapeID', 'GID'],
  level: ['level', 'unitLevel', 'admin_type', 'type'],
  parent: ['parentCode', 'parent', 'parent_code', 'parentId', 'parent_adcode', 'pcode'],
  nameEn: ['name_en', 'nameEn', 'name:en', 'en', 'english'],
  nameZh: ['name_zh', 'nameZh', 'name:zh', 'zh', 'name_cn', 'chinese'],
  name: ['name', 'fullname', 'shapeName', 'title', '名称'],
} as const;
const LEVEL_WORDS: Record<UnitLevel, string[]> = {
  city: ['city', 'prefecture', 'municipality', '市', '地级市', '直辖市', '城市'], county: ['county', 'district', '区', '县', '区县', '县级', '县级市'],
  township: ['township', 'town', 'street', 'subdistrict', '街道', '镇', '乡', '乡镇', '街镇', '乡镇街道'], community: ['community', 'village', 'neighbourhood', 'neighborhood', '社区', '村', '居委会', '村委会'], grid: ['grid', 'cell', '网格', '单元网格'],
};
const LEVEL_OF_WORD = new Map(UNIT_LEVELS.flatMap((level) => LEVEL_WORDS[level].map((word) => [word, level] as const)));
const checkCode = checker(UnitCode);
const NAME_MOST = 120;

/** From parsed JSON. Refused as a whole where it is no collection of features, is in other coordinates, or is too much. */
export function* readBoundaries(file: unknown, crs: Crs): Generator<void, ReadBoundaries | { refused: Refused }> {
  const features = featuresOf(file);
  if (!Array.isArray(features)) return { refused: features };
  if (features.length === 0) return { refused: { en: 'there is no feature in it', zh: '其中没有要素' } };
  if (features.length > FEATURES_MOST) return { refused: { en: `it has ${features.length} features; at most ${FEATURES_MOST}`, zh: `要素 ${features.length} 个,最多 ${FEATURES_MOST} 个` } };
  const read: ReadBoundaries = { features: features.length, units: [], faults: [], unreadCodes: new Set() };
  let corners = 0;
  for (const [feature, value] of features.entries()) {
    const properties = foldedProperties(value);
    const codeGiven = textOf(first(properties, PROPERTY_NAMES.code)) ?? textOf(asObject(value)?.['id']), nameZh = textOf(first(properties, PROPERTY_NAMES.nameZh)), nameEn = textOf(first(properties, PROPERTY_NAMES.nameEn)), name = textOf(first(properties, PROPERTY_NAMES.name));
    const known = { feature, code: codeGiven ?? '', name: name ?? nameEn ?? nameZh ?? '' };
    const faults: UnitFault[] = [];
    if (codeGiven === null) faults.push(faultOf(known, 'codeMissing', { detail: `looked for ${PROPERTY_NAMES.code.join(', ')}; found ${foundNames(properties)}` }));
    else if (!checkCode(codeGiven).ok) faults.push(faultOf(known, 'codeMissing', { detail: 'a code is letters, digits, dots, lines and hyphens, at most 32, and begins with a letter or digit' }));
    const levelGiven = textOf(first(properties, PROPERTY_NAMES.level)), level = levelGiven === null ? undefined : LEVEL_OF_WORD.get(levelGiven.toLowerCase());
    if (level === undefined) faults.push(faultOf(known, 'levelUnknown', { detail: levelGiven === null ? `looked for ${PROPERTY_NAMES.level.join(', ')}; found ${foundNames(properties)}` : `"${levelGiven.slice(0, 40)}" is none of ${UNIT_LEVELS.join(', ')}` }));
    const names = namesOf(nameEn, nameZh, name);
    if (names === null) faults.push(faultOf(known, 'nameMissing', { detail: `looked for ${[...PROPERTY_NAMES.nameEn, ...PROPERTY_NAMES.nameZh, ...PROPERTY_NAMES.name].join(', ')}` }));
    else if (names.en.length > NAME_MOST || names.zh.length > NAME_MOST) faults.push(faultOf(known, 'nameMissing', { detail: `a name has at most ${NAME_MOST} characters` }));
    const outline = outlineOf(asObject(value)?.['geometry'], crs);
    if ('shape' in outline) corners += outline.corners; else faults.push(faultOf(known, outline.fault, outline));
    if (corners > CORNERS_MOST) return { refused: { en: `it has more than ${CORNERS_MOST} corners; thin the borders first`, zh: `顶点超过 ${CORNERS_MOST} 个,请先简化边界` } };
    if (faults.length > 0) { read.faults.push(...faults); if (codeGiven !== null) read.unreadCodes.add(codeGiven); }
    else read.units.push({ feature, code: codeGiven!, level: level!, name: known.name, names: names!, parentCode: parentOf(first(properties, PROPERTY_NAMES.parent)), shape: (outline as { shape: Shape7 }).shape });
    if (feature % 50 === 0) yield;
  }
  return read;
}

function featuresOf(file: unknown): unknown[] | Refused {
  const top = asObject(file);
  if (top === null) return { en: 'it is no GeoJSON: there is no object at its top', zh: '不是 GeoJSON:顶层不是对象' };
  const crsName = textOf(asObject(asObject(top['crs'])?.['properties'])?.['name']);
  // EPSG 4490 (CGCS2000) and 4326 differ by centimetres.
  if (crsName !== null && !/CRS84|4326|4490|WGS ?84/i.test(crsName)) return { en: `its coordinates are in ${crsName.slice(0, 60)}, not in degrees of WGS-84`, zh: `坐标系为 ${crsName.slice(0, 60)},不是 WGS-84 经纬度` };
  if (top['type'] === 'FeatureCollection') return Array.isArray(top['features']) ? top['features'] : { en: 'it has no list "features"', zh: '缺少 "features" 列表' };
  if (top['type'] === 'Feature') return [top];
  return { en: `it is of the type ${JSON.stringify(top['type'] ?? null).slice(0, 40)}, not a FeatureCollection`, zh: `类型为 ${JSON.stringify(top['type'] ?? null).slice(0, 40)},不是 FeatureCollection` };
}

type Outline = { shape: Shape7; corners: number } | { fault: 'notAPolygon' | 'coordinatesWrong'; detail: string; at?: { lng: number; lat: number } };
function outlineOf(given: unknown, crs: Crs): Outline {
  const geometry = asObject(given), type = geometry?.['type'], coordinates = geometry?.['coordinates'];
  if (type !== 'Polygon' && type !== 'MultiPolygon') return { fault: 'notAPolygon', detail: geometry === null ? 'there is no geometry' : `the geometry is of the type ${String(type).slice(0, 40)}` };
  const parts = type === 'Polygon' ? [coordinates] : coordinates;
  if (!Array.isArray(parts) || parts.length === 0) return { fault: 'notAPolygon', detail: 'there are no coordinates' };
  const shape: Shape7 = [];
  let corners = 0;
  for (const part of parts) {
    if (!Array.isArray(part) || part.length === 0) return { fault: 'notAPolygon', detail: 'a part has no ring' };
    const rings: Ring7[] = [];
    for (const [index, ring] of part.entries()) {
      if (!Array.isArray(ring)) return { fault: 'notAPolygon', detail: 'a ring is no list of positions' };
      const flat = new Float64Array(2 * ring.length);
      for (const [i, position] of ring.entries()) {
        const wrong = readPosition(position, i === 0 ? null : flat[2 * i - 2]! / PER_DEGREE, crs, flat, 2 * i);
        if (wrong !== null) return { fault: 'coordinatesWrong', detail: wrong };
      }
      corners += ring.length;
      rings.push(cleanRing(flat, index === 0));
    }
    shape.push(rings);
  }
  return { shape, corners };
}
/** Null when it was taken, otherwise what is wrong. A third number, the height, is left out. */
function readPosition(position: unknown, lngBefore: number | null, crs: Crs, into: Float64Array, at: number): string | null {
  if (!Array.isArray(position) || typeof position[0] !== 'number' || typeof position[1] !== 'number') return `a position is no pair of numbers: ${JSON.stringify(position ?? null).slice(0, 60)}`;
  let lng: number = position[0], lat: number = position[1];
  if (!Number.isFinite(lng) || !Number.isFinite(lat)) return 'a position is no pair of numbers';
  if (Math.abs(lat) > 90 && Math.abs(lng) <= 90 && Math.abs(lat) <= 180) return `longitude must come first: [${lng}, ${lat}]`;
  if (Math.abs(lng) > 180 || Math.abs(lat) > 85) return Math.abs(lng) > 1000 || Math.abs(lat) > 1000 ? `metres instead of degrees? [${lng}, ${lat}]` : `beyond 180 degrees of longitude or 85 of latitude: [${lng}, ${lat}]`;
  if (lngBefore !== null && Math.abs(lng - lngBefore) > 180) return 'it reaches across the date line (180 degrees); cut it there and import two units';
  if (crs === 'gcj02') ({ lng, lat } = wgs84FromGcj02({ lng, lat }));
  into[at] = lng * PER_DEGREE; into[at + 1] = lat * PER_DEGREE;
  return null;
}

function namesOf(en: string | null, zh: string | null, name: string | null): UnitNames | null {
  const isChinese = name !== null && /\p{Script=Han}/u.test(name);
  const english = en ?? (isChinese ? null : name) ?? zh ?? name, chinese = zh ?? (isChinese ? name : null) ?? name ?? en;
  return english === null || chinese === null ? null : { en: english, zh: chinese };
}
/** A code, or an object that holds one. */
function parentOf(given: unknown): string | null {
  const inside = asObject(given);
  return inside === null ? textOf(given) : textOf(first(folded(inside), PROPERTY_NAMES.code));
}

const asObject = (value: unknown): Record<string, unknown> | null => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null);
const folded = (object: Record<string, unknown>): Map<string, unknown> => new Map(Object.entries(object).map(([key, value]) => [key.toLowerCase(), value]));
const foldedProperties = (feature: unknown): Map<string, unknown> => folded(asObject(asObject(feature)?.['properties']) ?? {});
function first(properties: Map<string, unknown>, names: readonly string[]): unknown {
  for (const name of names) { const value = properties.get(name.toLowerCase()); if (value !== undefined && value !== null && value !== '') return value; }
  return null;
}
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value.trim() || null : typeof value === 'number' && Number.isFinite(value) ? String(value) : null);
const foundNames = (properties: Map<string, unknown>): string => [...properties.keys()].slice(0, 12).join(', ') || 'none';
