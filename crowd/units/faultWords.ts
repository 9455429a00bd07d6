// What is wrong with a unit, as a sentence in both languages.
import type { UNIT_FAULTS, UnitFault } from '../../contract/unit.ts';

type Fault = (typeof UNIT_FAULTS)[number];
/** {code}, {other} and {m2} are filled in; the detail is added behind. */
const WORDS: Record<Fault, { en: string; zh: string }> = {
  notAPolygon: { en: '{code} has no outline that is a polygon', zh: '{code} 没有多边形边界' },
  coordinatesWrong: { en: '{code} has coordinates that cannot be right', zh: '{code} 的坐标不正确' },
  crossesItself: { en: 'the outline of {code} crosses itself', zh: '{code} 的边界自相交' },
  tooSmall: { en: '{code} is too small ({m2} m²)', zh: '{code} 面积过小({m2} 平方米)' },
  codeMissing: { en: 'a unit has no code that can be used', zh: '有单位缺少可用的编码' },
  codeTwice: { en: 'the code {code} is there twice', zh: '编码 {code} 重复' },
  nameMissing: { en: '{code} has no name', zh: '{code} 没有名称' },
  levelUnknown: { en: 'the level of {code} is not known', zh: '{code} 的层级未知' },
  parentUnknown: { en: '{code} names a unit above it that is not there: {other}', zh: '{code} 的上级单位不存在:{other}' },
  parentLevelWrong: { en: '{code} lies under {other}, which is not of a higher level', zh: '{code} 的上级 {other} 层级不高于它' },
  outsideParent: { en: '{m2} m² of {code} lie outside of {other}', zh: '{code} 有 {m2} 平方米位于上级 {other} 之外' },
  overlaps: { en: '{code} and {other} overlap by {m2} m²', zh: '{code} 与 {other} 重叠 {m2} 平方米' },
  gap: { en: '{m2} m² of {code} belong to no unit below it', zh: '{code} 有 {m2} 平方米不属于任何下级单位' },
  cycle: { en: '{code} lies under itself', zh: '{code} 的上级关系成环' },
};

export function faultWords(fault: Pick<UnitFault, 'fault' | 'code' | 'otherCode'> & Partial<Pick<UnitFault, 'areaM2' | 'detail'>>, language: 'en' | 'zh'): string {
  const m2 = fault.areaM2 ?? 0;
  const filled = WORDS[fault.fault][language].replace('{code}', fault.code || '?').replace('{other}', fault.otherCode ?? '?').replace('{m2}', String(m2 < 10 ? Math.round(m2 * 10) / 10 : Math.round(m2)));
  return fault.detail === null || fault.detail === undefined ? filled : language === 'zh' ? `${filled}(${fault.detail})` : `${filled} (${fault.detail})`;
}
